using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Faults;

/// <summary>Sessions of a run that an administrator ends, throughout.</summary>
public sealed class EndedSessionsTests
{
    private const int Tenants = 12;

    [SkippableTheory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public Task Ended_sessions_fail_no_tenant_that_is_tried_again_and_leave_the_others_whole(bool retries, bool isPooled) => Randomly.RunAsync(async random =>
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.CreateSchemasAsync(Tenants);
        await using var pooler = isPooled ? await PgBouncerServer.StartAsync(database.Server, poolSize: 4) : null;
        using var project = new FleetProject(database, FaultFleet.Patient).WithEveryKind();
        project.Connection = pooler is null ? project.Connection : database.Through(pooler.Port, database.Server.Port);

        for (var round = 0; round < (retries ? 1 : 3); round++)
        {
            var run = RunAsync(project, retries);
            for (var kill = 0; kill < 60 && !run.IsCompleted; kill++)
            {
                await database.TerminateRunnerAsync();
                await Task.WhenAny(run, Task.Delay(random.Next(5, 80)));
            }

            var results = await run;
            FaultCheck.AssertExplained(results);
            if (retries)
            {
                Outcome.AssertNoError(results);
            }

            Assert.All(results.Where(static result => result.Failure is not null), static result => Assert.Matches("^(ConnectionLost|ConnectionFailed|OutcomeUnknown|HistoryFailed|SharedFailed)$", result.Failure!.ErrorId));
            await database.AssertQuietAsync();
            await database.AssertStandingAsync(project, FaultFleet.Schemas(Tenants));
        }

        await database.AssertFinishesAsync(project, Tenants);
    });

    private static async Task<List<MigrationResult>> RunAsync(FleetProject project, bool retries)
    {
        try
        {
            return await project.MigrateAsync(FaultFleet.Tenants(Tenants), FaultFleet.Four with { MaxRetries = retries ? null : 0 });
        }
        catch (TenancyException error) when (error.ErrorId is "ConnectionLost" or "ConnectionFailed")
        {
            // Before the first tenant: nothing to give a result for.
            return [];
        }
    }
}
