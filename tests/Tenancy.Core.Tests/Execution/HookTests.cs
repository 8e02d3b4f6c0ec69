using Tenancy.Core.Execution.Steps;
using Tenancy.Core.Planning;
using Tenancy.Core.Tests.Faults;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>SQL around runs and tenants, and what is told of each step.</summary>
public sealed class HookTests
{
    private const string Hooks = """
        fleet: test
        timeouts: {tenant_lock: 300ms}
        hooks:
          before_run: INSERT INTO shared.log VALUES ('before run')
          after_run: INSERT INTO shared.log VALUES ('after run')
          before_tenant: {sql: "INSERT INTO shared.log VALUES ('before ' || ${tenant.name})", touches: shared.log}
          after_tenant:
            touches: [shared.log]
            sql: |
              CREATE TABLE IF NOT EXISTS tenant_schema.after (n integer);
              INSERT INTO after VALUES (1);
              INSERT INTO shared.log SELECT 'after ' || ${tenant.name} FROM after;
        """;

    [Theory]
    [InlineData(TransactionMode.PerRevision)]
    [InlineData(TransactionMode.PerTenant)]
    [InlineData(TransactionMode.AllTenants)]
    public async Task Hooks_run_around_what_has_something_to_do(TransactionMode mode)
    {
        await using var database = await CreateAsync();
        using var project = Project(database, Hooks);
        await project.MigrateAsync(FleetProject.Tenants("t2"), new() { Transaction = mode });
        await database.ExecuteAsync("TRUNCATE shared.log");

        Assert.All(await project.MigrateAsync(FleetProject.Tenants("t1", "t2"), new() { Transaction = mode }), static result => Assert.Null(result.Error));

        Assert.Equal(["before run", "before t1", "after t1", "after run"], await LogAsync(database));
        Assert.All(await project.MigrateAsync(FleetProject.Tenants("t1", "t2")), static result => Assert.Equal(MigrationStatus.UpToDate, result.Status));
        Assert.Equal(4, (await LogAsync(database)).Count);
        Assert.Equal(["aaaa0001", "aaaa0002"], (await database.QueryAsync("SELECT revision FROM tenancy.history WHERE schema = 't1' ORDER BY id")).Select(static row => row[0]));
    }

    [Fact]
    public async Task A_hook_around_a_run_that_cannot_have_a_lock_says_who_has_it()
    {
        await using var database = await CreateAsync();
        using var project = Project(database, "fleet: test\ntimeouts: {lock: 1500ms}\nretries: {max: 1, pause: 50ms}\nhooks: {before_run: LOCK TABLE shared.log}");
        await using var holder = await database.HoldAsync("BEGIN; LOCK TABLE shared.log", "a nightly job");

        var failed = await Assert.ThrowsAsync<TenancyException>(() => project.MigrateAsync(FleetProject.Tenants("t1")));

        Assert.Equal("HookFailed", failed.ErrorId);
        Assert.Contains($"Blocked by process {holder.ProcessID.ToString(System.Globalization.CultureInfo.InvariantCulture)} of postgres ('a nightly job'", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tenant_that_fails_has_no_after_and_the_run_has()
    {
        await using var database = await CreateAsync();
        using var project = Project(database, Hooks);
        await database.ExecuteAsync("CREATE TABLE t1.two (id integer)");

        var results = await project.MigrateAsync(FleetProject.Tenants("t1", "t2"));

        Assert.Equal([MigrationStatus.Failed, MigrationStatus.Migrated], results.Select(static result => result.Status));
        Assert.Equal(["before run", "before t1", "before t2", "after t2", "after run"], await LogAsync(database));
    }

    [Fact]
    public async Task A_transaction_of_all_tenants_that_fails_has_the_hook_after_the_run_too()
    {
        await using var database = await CreateAsync();
        using var project = Project(database, Hooks);
        await database.ExecuteAsync("CREATE TABLE t1.two (id integer)");

        var results = await project.MigrateAsync(FleetProject.Tenants("t1", "t2"), new() { Transaction = TransactionMode.AllTenants });

        Assert.Equal([MigrationStatus.Failed, MigrationStatus.Incomplete], results.Select(static result => result.Status));
        Assert.Equal(["before run", "after run"], await LogAsync(database));
    }

    [Fact]
    public async Task A_transaction_of_all_tenants_that_cannot_begin_has_it_too()
    {
        await using var database = await CreateAsync();
        using var project = Project(database, Hooks);
        await project.MigrateAsync(FleetProject.Tenants("t1"), new() { To = "aaaa0001" });
        await database.ExecuteAsync("TRUNCATE shared.log");
        await using var other = await database.HoldAsync("SELECT pg_advisory_lock_shared(tenancy.lock_key('test', 'scope', ''))");

        var error = await Assert.ThrowsAsync<TenancyException>(() => project.MigrateAsync(FleetProject.Tenants("t1"), new() { Transaction = TransactionMode.AllTenants }));

        Assert.Equal("TenantInUse", error.ErrorId);
        Assert.Equal(["before run", "after run"], await LogAsync(database));
    }

    [Fact]
    public async Task A_hook_before_a_tenant_that_fails_lets_nothing_run_there()
    {
        await using var database = await CreateAsync();
        using var project = Project(database, "fleet: test\nhooks:\n  before_tenant: SELECT 1 / (${tenant.name} <> 't1')::integer");

        var results = await project.MigrateAsync(FleetProject.Tenants("t1", "t2"));

        Assert.Equal([MigrationStatus.Failed, MigrationStatus.Migrated], results.Select(static result => result.Status));
        Assert.StartsWith("tenant 't1', hook before_tenant (", results[0].Error, StringComparison.Ordinal);
        Assert.Contains("tenancy.yaml:3", results[0].Error, StringComparison.Ordinal);
        Assert.Empty(results[0].To);
        Assert.Null(await database.ScalarAsync<string>("SELECT revision FROM tenancy.history WHERE schema = 't1'"));
    }

    [Fact]
    public async Task A_hook_before_the_run_that_fails_lets_nothing_run()
    {
        await using var database = await CreateAsync();
        using var project = Project(database, "fleet: test\nhooks: {before_run: SELECT 1 / 0}");

        var error = await Assert.ThrowsAsync<TenancyException>(() => project.MigrateAsync(FleetProject.Tenants("t1", "t2")));

        Assert.Equal("HookFailed", error.ErrorId);
        Assert.Contains("hook before_run", error.Message, StringComparison.Ordinal);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.history"));
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public async Task A_hook_around_a_run_whose_answer_is_lost_is_run_again(bool reachesServer, int times)
    {
        await using var database = await CreateAsync();
        await using var proxy = new CuttingProxy(database, "VALUES ('before run')", reachesServer);
        using var project = Project(new FleetProject(database.Through(proxy.Port, null), Hooks + "\nretries: {pause: 10ms}"));

        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1")));

        Assert.Equal(1, proxy.Cuts);
        Assert.Equal([.. Enumerable.Repeat("before run", times), "before t1", "after t1", "after run"], await LogAsync(database));
    }

    [Theory]
    [InlineData(TransactionMode.PerRevision)]
    [InlineData(TransactionMode.AllTenants)]
    public async Task A_hook_after_the_run_that_fails_is_a_result(TransactionMode mode)
    {
        await using var database = await CreateAsync();
        using var project = Project(database, "fleet: test\nhooks: {after_run: SELECT 1 / 0}").With("s", "revision: 5a000001\nscope: shared\nup:\n  - create_table: {name: common, columns: [{name: id, type: integer}]}");

        var results = await project.MigrateAsync(FleetProject.Tenants("t1"), new() { Transaction = mode });

        Assert.Equal([MigrationStatus.Migrated, MigrationStatus.Migrated, MigrationStatus.Failed], results.Select(static result => result.Status));
        var hook = results[2];
        Assert.Equal(("shared", "HookFailed"), (hook.Scope, hook.Failure!.ErrorId));
        Assert.Equal(["5a000001"], hook.From);
        Assert.Equal(["5a000001"], hook.To);
    }

    [Theory]
    [InlineData("before_tenant: CREATE TABLE t2.stray (id integer)", "t2.stray")]
    [InlineData("after_tenant: INSERT INTO shared.log VALUES ('x')", "shared.log")]
    [InlineData("before_run: CREATE TABLE t2.stray (id integer)", "t2.stray")]
    public async Task What_a_hook_does_elsewhere_is_rolled_back(string hook, string named)
    {
        await using var database = await CreateAsync();
        using var project = Project(database, $"fleet: test\nhooks:\n  {hook}");

        string? error;
        try
        {
            error = (await project.MigrateAsync(FleetProject.Tenants("t1"))).Single().Error;
        }
        catch (TenancyException refused)
        {
            error = refused.Message;
        }

        Assert.Contains(named, error, StringComparison.Ordinal);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT (SELECT count(*) FROM shared.log) + count(*) FROM pg_class WHERE relname = 'stray'"));
    }

    [Fact]
    public async Task A_run_in_a_database_without_shared_schema_says_what_its_hook_lacks()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA t1");
        using var project = Project(database, "fleet: test\nhooks: {before_run: SELECT 1}");

        var error = await Assert.ThrowsAsync<TenancyException>(() => project.MigrateAsync(FleetProject.Tenants("t1")));

        Assert.Contains("shared schema 'shared', hook before_run", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_run_s_hooks_do_not_wait_for_other_runs()
    {
        await using var database = await CreateAsync();
        using var project = Project(database, Hooks);
        await project.MigrateAsync(FleetProject.Tenants("t2"));
        await using var other = await database.HoldAsync("SELECT pg_advisory_lock_shared(tenancy.lock_key('test', 'scope', ''))");

        Assert.Null((await project.MigrateAsync(FleetProject.Tenants("t1"))).Single().Error);
    }

    [Fact]
    public async Task The_plan_shows_the_hooks()
    {
        await using var database = await CreateAsync();
        using var project = Project(database, Hooks);
        await using var fleet = project.Open();

        var plan = Assert.Single(await fleet.PlanAsync(FleetProject.Tenants("t1"), new()).ToListAsync());

        Assert.Equal(["before_tenant", "aaaa0001", "aaaa0002", "after_tenant"], plan.Steps.Select(static step => step.Revision).Distinct());
        Assert.Equal(["aaaa0001", "aaaa0002"], plan.Revisions);
    }

    [Fact]
    public async Task Each_step_is_told_when_it_begins_and_ends()
    {
        await using var database = await CreateAsync();
        using var project = Project(database, Hooks);
        await database.ExecuteAsync("CREATE TABLE t1.two (id integer)");

        await project.MigrateAsync(FleetProject.Tenants("t1"));

        Assert.Equal(
            ["hook before_tenant begun", "hook before_tenant done", "up aaaa0001 begun", "up aaaa0001 done", "up aaaa0002 begun", "up aaaa0002 failed"],
            project.Log.Steps.Select(static step => $"{step.Direction} {step.Revision} {step.Outcome}"));
        Assert.All(project.Log.Steps, static step => Assert.Equal(("t1", step.Outcome == MigrationStep.Begun), (step.Schema, step.Seconds == 0)));
    }

    private static async Task<TestDatabase> CreateAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE TABLE shared.log (line text); CREATE SCHEMA t1; CREATE SCHEMA t2");
        return database;
    }

    private static FleetProject Project(TestDatabase database, string project) => Project(new FleetProject(database, project));

    private static FleetProject Project(FleetProject project) => project
        .With("1", "revision: aaaa0001\nup:\n  - create_table: {name: one, columns: [{name: id, type: integer}]}")
        .With("2", "revision: aaaa0002\nparent: aaaa0001\nup:\n  - create_table: {name: two, columns: [{name: id, type: integer}]}");

    private static async Task<List<string>> LogAsync(TestDatabase database) => [.. (await database.QueryAsync("SELECT line FROM shared.log ORDER BY ctid")).Select(static row => (string)row[0]!)];
}
