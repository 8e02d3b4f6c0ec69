using Tenancy.Core.Planning;
using Tenancy.Core.Tests.Execution;
using Tenancy.LocalPostgres;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Faults;

/// <summary>A primary that becomes a standby in the middle of a run; what becomes a primary later may be had at the same address.</summary>
public sealed class FailoverTests
{
    private const int Tenants = 12;

    private const string Recovery = "during recovery";

    [SkippableTheory]
    [InlineData("retries: {max: 60, pause: 100ms, longest_pause: 1s}", true)]
    [InlineData("retries: {max: 30, pause: 100ms, longest_pause: 200ms}", false)]
    public async Task A_run_waits_for_the_new_primary_and_says_what_is_the_matter_where_none_comes(string retries, bool comes)
    {
        Skip.If(OperatingSystem.IsWindows(), "The server's account must own the file that makes it a standby.");
        await using var server = await LocalPostgresServer.StartAsync();
        var database = await server.CreateDatabaseAsync("failover");
        await using var source = database.DataSource;
        await database.CreateSchemasAsync(Tenants);
        using var project = new FleetProject(database, $"fleet: test\ntimeouts: {{lock: 2min}}\n{retries}").WithEveryKind();
        Outcome.AssertNoError(await project.MigrateAsync(FaultFleet.Tenants(Tenants), FaultFleet.Four with { To = FaultFleet.Id(1) }));

        // The first of them wait until the server goes.
        await using var holder = await database.HoldAsync("BEGIN; LOCK TABLE t0.item, t1.item, t2.item, t3.item");
        var run = project.MigrateAsync(FaultFleet.Tenants(Tenants), FaultFleet.Four with { Durability = Durability.Each });
        await database.UntilBlockedAsync("%ALTER TABLE%");
        await server.StopAsync();
        await SmallDisk.RunAsync("cp", "-p", Path.Combine(server.DataDirectory, "PG_VERSION"), Path.Combine(server.DataDirectory, "standby.signal"));
        await server.StartAgainAsync();
        source.Clear();
        await project.Log.UntilAsync(Recovery);
        if (comes)
        {
            await database.ExecuteAsync("SELECT pg_promote()");
            Outcome.AssertMigrated(await run);
        }
        else
        {
            var failures = (await run).Select(static result => result.Failure).OfType<MigrationFailure>().ToList();
            Assert.Equal(Tenants, failures.Count);
            Assert.Contains(failures, static failure => failure is { ErrorId: "ServerIsStandby", RecommendedAction: { } action } && action.Contains("connected to the primary", StringComparison.Ordinal));
            Assert.DoesNotContain(failures, static failure => failure.ErrorId is "StatementFailed" or "HistoryFailed");
            await database.ExecuteAsync("SELECT pg_promote()");
        }

        await database.AssertStandingAsync(project, FaultFleet.Schemas(Tenants));
        await database.AssertFinishesAsync(project, Tenants);
    }
}
