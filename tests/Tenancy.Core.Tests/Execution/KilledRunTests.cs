using System.Diagnostics;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Runs that die at any moment.</summary>
public sealed class KilledRunTests
{
    private static readonly string[] Schemas = ["t1", "t2", "t3", "t4"];

    [Fact]
    public async Task A_run_killed_at_any_moment_leaves_a_state_that_the_next_run_ends()
    {
        const int Rounds = 10;
        var whole = await MeasureAsync();
        for (var round = 0; round < Rounds; round++)
        {
            await using var database = await CreateAsync();
            using var project = new FleetProject(database, Counted.Patient).WithCountedRevisions();
            using (var runner = await Runner.StartAsync(database, project, Schemas))
            {
                runner.Go();
                await Task.Delay(whole * ((round + Random.Shared.NextDouble()) / Rounds));
                runner.Process.Kill();
                await runner.Process.WaitForExitAsync();
            }

            await database.AssertNobodyLeftAsync();
            await database.AssertConsistentAsync(Schemas);

            var results = await project.MigrateAsync(FleetProject.Tenants(Schemas));

            Assert.All(results, static result => Assert.Null(result.Error));
            await database.AssertAtHeadOnceAsync(Schemas);
        }
    }

    [Fact]
    public async Task Sessions_ended_by_an_administrator_without_retries_fail_their_tenants_and_no_other()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database, Counted.Patient + "\nretries: {max: 0}").WithCountedRevisions();
        var tries = 0;
        List<MigrationResult> results;
        do
        {
            var run = project.MigrateAsync(FleetProject.Tenants(Schemas));
            for (var kill = 0; kill < 5 && !run.IsCompleted; kill++)
            {
                await database.TerminateRunnerAsync();
                await Task.WhenAny(run, Task.Delay(Random.Shared.Next(5, 60)));
            }

            try
            {
                results = await run;
            }
            catch (TenancyException error) when (error.ErrorId is "ConnectionLost" or "ConnectionFailed")
            {
                // Before the first tenant: nothing to give a result for.
                results = [];
            }

            Assert.All(results.Where(static result => result.Failure is not null), static result => Assert.Equal("ConnectionLost", result.Failure!.ErrorId));
            await database.AssertConsistentAsync(Schemas);
        }
        while (++tries < 8);

        results = await project.MigrateAsync(FleetProject.Tenants(Schemas));
        Assert.All(results, static result => Assert.Null(result.Error));
        await database.AssertAtHeadOnceAsync(Schemas);
        await database.AssertNoLocksAsync();
    }

    private static async Task<TestDatabase> CreateAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync(string.Join(';', Schemas.Select(static schema => "CREATE SCHEMA " + schema)));
        return database;
    }

    // How long a run takes on this machine now, so that the kills spread over the whole of it.
    private static async Task<TimeSpan> MeasureAsync()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database, Counted.Patient).WithCountedRevisions();
        using var runner = await Runner.StartAsync(database, project, Schemas);
        var clock = Stopwatch.StartNew();
        runner.Go();
        await runner.EndAsync();
        return clock.Elapsed;
    }
}
