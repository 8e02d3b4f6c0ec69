using Tenancy.Core.Tests.Execution;
using Tenancy.LocalPostgres;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Faults;

/// <summary>A revision that locks more than the server's lock table holds, on one tenant; its neighbours find the table full too.</summary>
public sealed class FullLockTableTests
{
    private const int Tenants = 20;

    [Fact]
    public async Task A_tenant_that_needs_too_many_locks_fails_with_what_to_do_and_no_other_does()
    {
        await using var server = await LocalPostgresServer.StartAsync(new()
        {
            Settings = new Dictionary<string, string> { ["max_locks_per_transaction"] = "10", ["max_connections"] = "20", ["max_worker_processes"] = "1", ["max_wal_senders"] = "0", ["autovacuum_max_workers"] = "1" },
        });
        var database = await server.CreateDatabaseAsync("locks");
        await using var source = database.DataSource;
        await database.CreateSchemasAsync(Tenants);
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {lock: 30s, tenant_lock: 2min}\nretries: {max: 4, pause: 200ms, longest_pause: 1s}").WithEveryKind().With("6", """
            revision: fa000006
            parent: fa000005
            down: {irreversible: not of interest}
            up:
              - sql: INSERT INTO ledger VALUES ('6.1')
              - sql: DO $$ BEGIN IF current_schema() = 't1' THEN FOR i IN 1 .. 3000 LOOP EXECUTE format('CREATE TABLE many%s (id int)', i); END LOOP; END IF; END $$
            """);

        var results = await project.MigrateAsync(FaultFleet.Tenants(Tenants), FaultFleet.Four);

        FaultCheck.AssertExplained(results);
        Outcome.AssertNoError(results.Where(static result => result.Name != "t1"));
        var failed = results.Single(static result => result.Name == "t1");
        Assert.Equal(("t1", MigrationStatus.Failed, "OutOfSharedMemory", "53200"), (failed.Name, failed.Status, failed.Failure!.ErrorId, failed.Failure.SqlState));
        Assert.Matches("Tried [0-9]+ times", failed.Error);
        Assert.Contains("max_locks_per_transaction", failed.Failure.RecommendedAction, StringComparison.Ordinal);
        await database.AssertQuietAsync();
        Assert.Equal(["t1"], (await database.AssertStandingAsync(project, FaultFleet.Schemas(Tenants))).Where(static standing => !standing.IsAtHead).Select(static standing => standing.Schema));

        await database.ExecuteAsync("ALTER SYSTEM SET max_locks_per_transaction = 1000");
        await server.RestartAsync();
        source.Clear();
        await database.AssertFinishesAsync(project, Tenants);
        Assert.Equal(3000L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname LIKE 'many%'"));
    }
}
