using System.Diagnostics;
using System.Globalization;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;
using Xunit.Abstractions;

namespace Tenancy.Core.Tests.Faults;

/// <summary>Runners in processes of their own, killed at random moments over the whole course of a run; the next one goes on, and is killed too.</summary>
public sealed class KilledRunnerTests(ITestOutputHelper output)
{
    private const int Tenants = 16;

    [SkippableTheory]
    [InlineData(50, false)]
    [InlineData(6, true)]
    public Task A_runner_killed_at_random_moments_leaves_every_tenant_at_a_boundary_or_a_named_step(int kills, bool isPooled) => Randomly.RunAsync(async random =>
    {
        var whole = TimeSpan.FromSeconds(5);
        for (var killed = 0; killed < kills;)
        {
            await using var database = await PostgresFixture.CreateDatabaseAsync();
            await database.CreateSchemasAsync(Tenants);
            await using var pooler = isPooled ? await PgBouncerServer.StartAsync(database.Server, poolSize: 4) : null;
            using var project = new FleetProject(database, FaultFleet.Patient).WithEveryKind();
            project.Connection = pooler is null ? project.Connection : database.Through(pooler.Port, database.Server.Port);
            for (var isFirst = true; killed < kills; isFirst = false)
            {
                using var runner = await Runner.StartAsync(project, FaultFleet.Schemas(Tenants), throttleLimit: 4);
                var end = EndAsync(runner);
                var clock = Stopwatch.StartNew();
                runner.Go();
                await Task.WhenAny(end, isFirst ? Task.Delay(whole * random.NextDouble()) : LaterAsync(database, end, whole * random.NextDouble() / 2));
                var isKilled = !runner.Process.HasExited;
                runner.Process.Kill();
                if (await end is { } results)
                {
                    Outcome.AssertNoError(results);
                    whole = isFirst ? clock.Elapsed : whole;
                    break;
                }

                Assert.True(isKilled);
                killed++;
                await (isPooled ? database.AssertQuietAsync() : database.AssertNobodyLeftAsync());
                Tell(killed, await database.AssertStandingAsync(project, FaultFleet.Schemas(Tenants)));
            }

            await database.AssertFinishesAsync(project, Tenants);
        }
    });

    // The next one spends most of its time on its own start, and would be killed there: it has its time from its first transaction on a tenant.
    private static async Task LaterAsync(TestDatabase database, Task end, TimeSpan delay)
    {
        const string AtWork = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'tenancy %' AND state <> 'idle'";
        while (!end.IsCompleted && await database.ScalarAsync<long>(AtWork) == 0)
        {
            await Task.Delay(5);
        }

        await Task.Delay(delay);
    }

    // Null for one that was killed.
    private static async Task<List<MigrationResult>?> EndAsync(Runner runner)
    {
        try
        {
            return await runner.EndAsync();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private void Tell(int killed, List<Standing> standings) => output.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{killed}: {string.Join(' ', standings.Select(static standing => $"{standing.Head}.{standing.Done}{(standing.Started ? "+" : "")}"))}"));
}
