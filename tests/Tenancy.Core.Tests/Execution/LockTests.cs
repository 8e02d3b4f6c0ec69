using System.Diagnostics;
using System.Globalization;
using Tenancy.Core.Manifests;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Tenants that others hold, and runs that are stopped.</summary>
public sealed class LockTests
{
    private const string Customer = """
        revision: aaaa0001
        up:
          - create_table: {name: customer, columns: [{name: id, type: bigint}]}
        """;

    private const string Name = """
        revision: aaaa0002
        parent: aaaa0001
        up:
          - add_column: {table: customer, name: name, type: text}
        """;

    [Fact]
    public async Task A_tenant_in_use_names_its_holder_and_stops_no_other()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {tenant_lock: 200ms}").With("1", Customer);
        await project.MigrateAsync([], new() { Scope = MigrationScope.Shared });
        await using var holder = await database.HoldAsync("SELECT pg_advisory_lock(tenancy.lock_key('test', 'tenant', 't1'))", "a nightly job");

        var results = await project.MigrateAsync(FleetProject.Tenants("t1", "t2"));

        Assert.Equal(["t2 Migrated", "t1 Failed"], results.Select(static result => $"{result.Name} {result.Status}"));
        Assert.Equal("TenantInUse", results[1].Failure!.ErrorId);
        Assert.Contains($"process {holder.ProcessID.ToString(CultureInfo.InvariantCulture)}, 'a nightly job'", results[1].Error, StringComparison.Ordinal);
        Assert.Empty(results[1].To);
    }

    [Fact]
    public async Task A_table_that_another_session_has_locked_fails_its_tenant_at_the_manifests_line()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {lock: 300ms}\nretries: {max: 0}").With("1", Customer).With("2", Name);
        await project.MigrateAsync(FleetProject.Tenants("t1", "t2"), new() { To = "aaaa0001" });
        await using var holder = await database.HoldAsync("BEGIN; LOCK TABLE t1.customer IN ACCESS SHARE MODE");

        var results = await project.MigrateAsync(FleetProject.Tenants("t1", "t2"));

        Assert.Equal([MigrationStatus.Failed, MigrationStatus.Migrated], results.Select(static result => result.Status));
        var failure = results[0].Failure!;
        Assert.Equal(("LockTimeout", "55P03", 4), (failure.ErrorId, failure.SqlState, failure.Line));
        Assert.Contains("2.yaml", failure.Manifest, StringComparison.Ordinal);
        Assert.Equal(["aaaa0001"], results[0].To);
        await database.AssertNoLocksAsync();
    }

    [Fact]
    public async Task A_cancelled_run_lets_go_at_once()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("1", Customer).With("2", """
            revision: aaaa0002
            parent: aaaa0001
            down: {irreversible: not of interest}
            up:
              - add_column: {table: customer, name: name, type: text}
              - sql: SELECT pg_sleep(120)
            """);
        using var cancellation = new CancellationTokenSource();
        var run = project.MigrateAsync(FleetProject.Tenants("t1", "t2"), cancellation: cancellation.Token);
        await database.UntilAsync("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep')");

        var clock = Stopwatch.StartNew();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);

        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        await database.AssertNoLocksAsync();
        Assert.Equal(["t1 aaaa0001"], (await database.QueryAsync("SELECT schema || ' ' || revision FROM tenancy.head")).Select(static row => row[0]));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM information_schema.columns WHERE table_schema = 't1' AND column_name = 'name'"));
    }

    [Fact]
    public async Task A_cancelled_step_outside_a_transaction_lets_go_too()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("1", Customer).With("2", """
            revision: aaaa0002
            parent: aaaa0001
            up:
              - create_index: {name: customer_id_idx, table: customer, columns: [id], concurrently: true}
            """);
        await project.MigrateAsync(FleetProject.Tenants("t1"), new() { To = "aaaa0001" });
        await using (await database.HoldAsync("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM t1.customer"))
        {
            using var cancellation = new CancellationTokenSource();
            var run = project.MigrateAsync(FleetProject.Tenants("t1"), cancellation: cancellation.Token);
            await database.UntilBlockedAsync("CREATE INDEX CONCURRENTLY%");
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
            await database.AssertNoLocksAsync();
        }

        var result = (await project.MigrateAsync(FleetProject.Tenants("t1"))).Single();
        Assert.Null(result.Error);
        Assert.True(await database.ScalarAsync<bool>("SELECT indisvalid FROM pg_index WHERE indexrelid = 't1.customer_id_idx'::regclass"));
    }

    [Fact]
    public async Task A_run_that_nobody_reads_on_leaves_no_lock()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("1", Customer).With("2", Name);
        await using var fleet = project.Open();

        await foreach (var result in fleet.MigrateAsync(FleetProject.Tenants("t1", "t2"), new(), project.Log))
        {
            Assert.Equal(MigrationStatus.Migrated, result.Status);
            break;
        }

        await database.AssertNoLocksAsync();
        var rest = await project.MigrateAsync(FleetProject.Tenants("t1", "t2"));
        Assert.All(rest, static result => Assert.Equal(["aaaa0002"], result.To));
    }

    [Fact]
    public async Task Connections_that_ended_between_two_runs_are_not_used()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("1", Customer).With("2", Name);
        await using var fleet = project.Open();
        await fleet.MigrateAsync(FleetProject.Tenants("t1"), new() { To = "aaaa0001" }, project.Log).ToListAsync();
        await database.ExecuteAsync("SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'TenancyMigrate'");

        var results = await fleet.MigrateAsync(FleetProject.Tenants("t1"), new(), project.Log).ToListAsync();

        Assert.Null(results.Single().Error);
        Assert.Equal(["aaaa0002"], results.Single().To);
    }

    private static async Task<TestDatabase> CreateAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA t1; CREATE SCHEMA t2");
        return database;
    }
}
