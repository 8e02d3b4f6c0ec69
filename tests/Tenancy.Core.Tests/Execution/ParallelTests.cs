using System.Diagnostics;
using System.Globalization;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Several tenants at once.</summary>
public sealed class ParallelTests
{
    // The gate is the test's.
    private const string Gated = """
        revision: aaaa0001
        up:
          - create_table: {name: thing, columns: [{name: id, type: integer}]}
          - sql: SELECT pg_advisory_xact_lock_shared(4242)
            undo: SELECT 1
        """;

    [Fact]
    public async Task As_many_tenants_as_the_limit_says_are_at_work_at_once()
    {
        await using var database = await CreateAsync(6);
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {lock: 60s}").With("1", Gated);
        await using var gate = await database.HoldAsync("SELECT pg_advisory_lock(4242)");

        var run = project.MigrateAsync(Tenants(6), new() { ThrottleLimit = 3 });
        await UntilWaitingAsync(database, 3);
        await Task.Delay(300);
        Assert.Equal(3L, await WaitingAsync(database));
        await gate.CloseAsync();

        var results = await run;
        Assert.Equal(["t0", "t1", "t2", "t3", "t4", "t5"], results.Select(static result => result.Schema).Order());
        Assert.All(results, static result => Assert.Equal(MigrationStatus.Migrated, result.Status));
        Assert.Equal(6L, await database.ScalarAsync<long>("SELECT count(DISTINCT schema) FROM tenancy.history WHERE outcome = 'done' AND revision = 'aaaa0001'"));
    }

    [Fact]
    public async Task A_tenant_that_fails_stops_no_other()
    {
        await using var database = await CreateAsync(20);
        using var project = new FleetProject(database).With("1", Gated);
        await database.ExecuteAsync("CREATE TABLE t3.thing (id integer); CREATE TABLE t11.thing (id integer)");

        var results = await project.MigrateAsync(Tenants(20), new() { ThrottleLimit = 4 });

        Assert.Equal(20, results.Count);
        Assert.Equal(["t11", "t3"], results.Where(static result => result.Status == MigrationStatus.Failed).Select(static result => result.Schema).Order());
        Assert.Equal(18, results.Count(static result => result.Status == MigrationStatus.Migrated));
        Assert.All(await project.MigrateAsync(Tenants(20), new() { ThrottleLimit = 4 }), static result => Assert.NotEqual(MigrationStatus.Migrated, result.Status));
    }

    [Fact]
    public async Task Cancelled_all_that_run_are_rolled_back_before_control_returns()
    {
        await using var database = await CreateAsync(6);
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {lock: 60s}").With("1", Gated);
        await using var gate = await database.HoldAsync("SELECT pg_advisory_lock(4242)");
        using var stop = new CancellationTokenSource();

        var run = project.MigrateAsync(Tenants(6), new() { ThrottleLimit = 4 }, stop.Token);
        await UntilWaitingAsync(database, 4);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Equal(0L, await WaitingAsync(database));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.head"));
        await gate.CloseAsync();
        Assert.All(await project.MigrateAsync(Tenants(6), new() { ThrottleLimit = 4 }), static result => Assert.Equal(MigrationStatus.Migrated, result.Status));
    }

    [Fact]
    public async Task Whoever_takes_one_result_only_leaves_nothing_running()
    {
        await using var database = await CreateAsync(6);
        using var project = new FleetProject(database).With("1", Gated);
        await using (var fleet = project.Open())
        {
            await foreach (var result in fleet.MigrateAsync(Tenants(6), new() { ThrottleLimit = 2 }, project.Log))
            {
                Assert.Equal(MigrationStatus.Migrated, result.Status);
                break;
            }

            Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"));
        }

        Assert.Equal(
            await database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname = 'thing'"),
            await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.head"));
        Assert.All(await project.MigrateAsync(Tenants(6), new() { ThrottleLimit = 2 }), static result => Assert.Null(result.Error));
        Assert.Equal(6L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.head"));
    }

    [Fact]
    public async Task What_locks_a_shared_table_is_done_for_one_tenant_after_another()
    {
        await using var database = await CreateAsync(8);
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE TABLE shared.users (id bigint PRIMARY KEY); CREATE TABLE shared.roles (id bigint PRIMARY KEY)");
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {lock: 50ms}").With("1", """
            revision: aaaa0001
            touches: [shared.users, shared.roles]
            up:
              - create_table: {name: thing, columns: [{name: id, type: integer}, {name: user_id, type: bigint, references: {table: shared.users}}]}
              - sql: SELECT pg_sleep(0.1)
                undo: SELECT 1
              - add_column: {table: thing, name: role_id, type: bigint, references: {table: shared.roles}}
            """);

        var results = await project.MigrateAsync(Tenants(8), new() { ThrottleLimit = 8 });

        Assert.All(results, static result => Assert.Null(result.Error));
        Assert.Equal(8, results.Count);
    }

    [Fact]
    public async Task Rounds_of_both_scopes_work_side_by_side_too()
    {
        await using var database = await CreateAsync(8);
        await database.ExecuteAsync("CREATE SCHEMA shared");
        using var project = new FleetProject(database)
            .With("1", "revision: aaaa0001\nup:\n  - create_table: {name: thing, columns: [{name: id, type: integer}]}")
            .With("s", "revision: bbbb0001\nscope: shared\ndepends_on: [aaaa0001]\nup:\n  - create_table: {name: users, columns: [{name: id, type: bigint, primary_key: true}]}")
            .With("2", "revision: aaaa0002\nparent: aaaa0001\ndepends_on: [bbbb0001]\nup:\n  - create_table: {name: more, columns: [{name: id, type: integer}]}");

        var results = await project.MigrateAsync(Tenants(8), new() { ThrottleLimit = 4 });

        Assert.All(results, static result => Assert.Null(result.Error));
        Assert.All(results.Where(static result => result.Scope == "tenant"), static result => Assert.Equal(["aaaa0001", "aaaa0002"], result.Revisions));
    }

    private static Tenant[] Tenants(int count) => FleetProject.Tenants([.. Enumerable.Range(0, count).Select(static number => $"t{number.ToString(CultureInfo.InvariantCulture)}")]);

    private static async Task<TestDatabase> CreateAsync(int tenants)
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync(string.Join("; ", Tenants(tenants).Select(static tenant => $"CREATE SCHEMA {tenant.Schema}")));
        return database;
    }

    private static async Task<long> WaitingAsync(TestDatabase database) =>
        await database.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%pg_advisory_xact_lock_shared%' AND pid <> pg_backend_pid()");

    private static async Task UntilWaitingAsync(TestDatabase database, int count)
    {
        var clock = Stopwatch.StartNew();
        while (await WaitingAsync(database) < count)
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(90), "too few were ever at work");
            await Task.Delay(20);
        }
    }
}
