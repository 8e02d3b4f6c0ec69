using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.LocalPostgres;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>One transaction of all tenants that others stand in the way of, that is killed, that does not fit, or that has others beside it.</summary>
public sealed class AllTenantsInterruptionTests
{
    private static readonly MigrationRequest Together = new() { Transaction = TransactionMode.AllTenants };

    private const string Customer = """
        revision: aaaa0001
        up:
          - create_table: {name: customer, columns: [{name: id, type: bigint, primary_key: true}, {name: email, type: text}]}
        """;

    private const string Name = """
        revision: aaaa0002
        parent: aaaa0001
        up:
          - add_column: {table: customer, name: name, type: text}
        """;

    [Fact]
    public async Task A_run_killed_at_any_moment_leaves_all_or_nothing()
    {
        const int Rounds = 6;
        string[] schemas = [.. Enumerable.Range(1, 20).Select(static number => string.Create(CultureInfo.InvariantCulture, $"t{number}"))];
        for (var round = 0; round < Rounds; round++)
        {
            await using var database = await CreateAsync(schemas);
            using var project = new FleetProject(database, Counted.Patient).With("1", Customer).With("2", Name);
            using (var runner = await Runner.StartAsync(project, schemas, TransactionMode.AllTenants))
            {
                runner.Go();
                await Task.Delay(round * 150);
                runner.Process.Kill();
                await runner.Process.WaitForExitAsync();
            }

            await database.AssertNobodyLeftAsync();
            var tables = await database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname = 'customer'");
            Assert.True(tables is 0 or 20, string.Create(CultureInfo.InvariantCulture, $"{tables} tables"));
            Assert.Equal(tables, await database.ScalarAsync<bool>("SELECT to_regclass('tenancy.head') IS NOT NULL") ? await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.head WHERE revision = 'aaaa0002'") : 0);

            Outcome.AssertNoError(await project.MigrateAsync(FleetProject.Tenants(schemas), Together));
            Assert.Equal(20L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.head WHERE revision = 'aaaa0002'"));
        }
    }

    [Fact]
    public async Task A_table_that_another_session_has_locked_rolls_back_all()
    {
        await using var database = await CreateAsync("t1", "t2", "t3");
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {lock: 300ms}").With("1", Customer).With("2", Name);
        await project.MigrateAsync(FleetProject.Tenants("t1", "t2", "t3"), Together with { To = "aaaa0001" });
        var before = await database.DumpAsync(except: "tenancy");
        await using var holder = await database.HoldAsync("BEGIN; LOCK TABLE t2.customer IN ACCESS SHARE MODE");

        var results = await project.MigrateAsync(FleetProject.Tenants("t1", "t2", "t3"), Together);

        Assert.Equal([MigrationStatus.Incomplete, MigrationStatus.Failed, MigrationStatus.Incomplete], results.Select(static result => result.Status));
        Assert.Equal("LockTimeout", results[1].Failure!.ErrorId);
        Assert.Equal(before, await database.DumpAsync(except: "tenancy"));
        await database.AssertNoLocksAsync();
    }

    [Fact]
    public async Task Another_run_on_one_tenant_is_waited_for_and_named()
    {
        await using var database = await CreateAsync("t1", "t2");
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {tenant_lock: 300ms}").With("1", Customer);
        await project.MigrateAsync([], new() { Scope = MigrationScope.Shared });
        await using (var holder = await database.HoldAsync("SELECT pg_advisory_lock_shared(tenancy.lock_key('test', 'scope', ''))", "a nightly job"))
        {
            var refused = await Assert.ThrowsAsync<TenancyException>(() => project.MigrateAsync(FleetProject.Tenants("t1", "t2"), Together));
            Assert.Equal("TenantInUse", refused.ErrorId);
            Assert.Contains("'a nightly job'", refused.Message, StringComparison.Ordinal);
        }

        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1", "t2"), Together));
    }

    [Fact]
    public async Task A_cancelled_run_rolls_back_all_and_lets_go()
    {
        await using var database = await CreateAsync("t1", "t2");
        using var project = new FleetProject(database).With("1", Customer).With("2", """
            revision: aaaa0003
            parent: aaaa0001
            down: []
            up:
              - sql: SELECT CASE WHEN '${tenant.schema}' = 't2' THEN pg_sleep(120) END
            """);
        using var cancellation = new CancellationTokenSource();
        var run = project.MigrateAsync(FleetProject.Tenants("t1", "t2"), Together, cancellation.Token);
        await database.UntilAsync("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep')");
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);

        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.head"));
        await database.AssertNoLocksAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_lost_at_COMMIT_is_settled_by_history(bool reachesServer)
    {
        await using var database = await CreateAsync("t1", "t2");
        await using var proxy = new CuttingProxy(database, "record_revision($1", reachesServer);
        using var project = new FleetProject(new ConnectionSettings { Host = "127.0.0.1", Port = proxy.Port, Database = database.Name, Username = "postgres" }, Counted.Patient).With("1", Customer);

        var results = await project.MigrateAsync(FleetProject.Tenants("t1", "t2"), Together);

        Assert.Equal(1, proxy.Cuts);
        Assert.Equal(reachesServer ? 2L : 0L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.head"));
        Assert.All(results, result => Assert.Equal((reachesServer ? MigrationStatus.Migrated : MigrationStatus.Incomplete, reachesServer ? null : "CommitFailed"), (result.Status, result.Failure?.ErrorId)));
        await database.AssertNoLocksAsync();
    }

    [Fact]
    public async Task What_does_not_fit_the_lock_table_is_refused_with_the_setting_to_change()
    {
        await using var server = await LocalPostgresServer.StartAsync(new()
        {
            Settings = new Dictionary<string, string> { ["max_locks_per_transaction"] = "10", ["max_connections"] = "20", ["max_worker_processes"] = "1", ["max_wal_senders"] = "0", ["autovacuum_max_workers"] = "1" },
        });
        string[] schemas = [.. Enumerable.Range(1, 60).Select(static number => string.Create(CultureInfo.InvariantCulture, $"t{number}"))];
        await using var source = NpgsqlDataSource.Create(server.ConnectionString());
        await using (var make = source.CreateCommand(string.Join(';', schemas.Select(static schema => "CREATE SCHEMA " + schema))))
        {
            await make.ExecuteNonQueryAsync();
        }

        using var project = new FleetProject(new ConnectionSettings { Host = server.Host, Port = server.Port, Database = "postgres", Username = server.SuperUser }).With("1", Customer);

        var refused = await Assert.ThrowsAsync<TenancyException>(() => project.MigrateAsync(FleetProject.Tenants(schemas), Together));

        Assert.Equal("LockBudget", refused.ErrorId);
        Assert.Contains("max_locks_per_transaction = 10", refused.Message, StringComparison.Ordinal);
        Assert.Matches("Set max_locks_per_transaction = [0-9]+ and restart", refused.RecommendedAction);
        await using var tables = source.CreateCommand("SELECT count(*) FROM pg_class WHERE relname = 'customer'");
        Assert.Equal(0L, await tables.ExecuteScalarAsync());
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants(schemas[..5]), Together));
    }

    [Theory]
    [InlineData("skip")]
    [InlineData("mark_applied")]
    public async Task Tenants_that_need_the_locks_are_counted_though_the_first_of_their_plan_does_not(string onFail)
    {
        string[] schemas = [.. Enumerable.Range(1, 20).Select(static number => string.Create(CultureInfo.InvariantCulture, $"t{number}"))];
        await using var database = await CreateAsync(schemas);
        using var project = new FleetProject(database).With("1", $$"""
            revision: aaaa0001
            requires: [{sql: "SELECT ${tenant.name} <> 't1'", on_fail: {{onFail}}}]
            up:
              - sql: DO $$ BEGIN FOR i IN 1 .. 30 LOOP EXECUTE format('CREATE TABLE x%s (id integer PRIMARY KEY)', i); END LOOP; END $$
            down: []
            """);

        Outcome.AssertNoError(await project.MigrateAsync(FleetProject.Tenants(schemas), Together));

        // Tables and their indexes, at least.
        var figures = Regex.Match(project.Log.Text, "one transaction on ([0-9]+) schemas needs about ([0-9]+) locks");
        Assert.Equal("20", figures.Groups[1].Value);
        Assert.InRange(int.Parse(figures.Groups[2].Value, CultureInfo.InvariantCulture), 19 * 60, 19 * 80);
    }

    [Fact]
    public async Task Of_two_databases_one_that_fails_rolls_back_the_other()
    {
        await using var one = await CreateAsync("t1", "t2");
        await using var other = await CreateAsync("u1", "u2");
        await other.ExecuteAsync("CREATE TABLE u2.customer (id int)");
        using var project = new FleetProject(one).With("1", Customer);
        var (before, beforeOther) = (await one.DumpAsync(except: "tenancy"), await other.DumpAsync(except: "tenancy"));

        var results = await project.MigrateAsync(Tenants(one, other), Together);

        Assert.Equal(["t1", "t2", "u1", "u2"], results.Select(static result => result.Name));
        Assert.Equal([MigrationStatus.Incomplete, MigrationStatus.Incomplete, MigrationStatus.Incomplete, MigrationStatus.Failed], results.Select(static result => result.Status));
        Assert.All(results.Take(3), static result => Assert.Contains("tenant 'u2' failed", result.Error, StringComparison.Ordinal));
        Assert.Equal(before, await one.DumpAsync(except: "tenancy"));
        Assert.Equal(beforeOther, await other.DumpAsync(except: "tenancy"));
        await one.AssertNoLocksAsync();
        await other.AssertNoLocksAsync();
    }

    [Fact]
    public async Task A_transaction_that_waits_for_another_database_is_not_ended_for_idleness()
    {
        await using var one = await CreateAsync("t1", "t2");
        await using var other = await CreateAsync("u1", "u2");
        using var project = new FleetProject(one, "fleet: test\ntimeouts: {idle: 4s}").With("1", Customer).With("2", """
            revision: aaaa0003
            parent: aaaa0001
            down: []
            up:
              - sql: SELECT CASE WHEN '${tenant.schema}' = 'u2' THEN pg_sleep(8) END
            """);

        Outcome.AssertMigrated(await project.MigrateAsync(Tenants(one, other), Together));

        Assert.Equal(2L, await one.ScalarAsync<long>("SELECT count(*) FROM tenancy.head"));
        Assert.Equal(2L, await other.ScalarAsync<long>("SELECT count(*) FROM tenancy.head"));
    }

    [Fact]
    public async Task When_the_second_COMMIT_is_lost_every_result_says_what_happened_where()
    {
        await using var one = await CreateAsync("t1");
        await using var other = await CreateAsync("u1");
        await using var proxy = new CuttingProxy(other, "record_revision($1", reachesServer: false, passes: 1);
        using var project = new FleetProject(new ConnectionSettings { Host = "127.0.0.1", Port = proxy.Port, Database = one.Name, Username = "postgres" }, Counted.Patient).With("1", Customer);

        var results = await project.MigrateAsync(Tenants(one, other), Together);

        Assert.Equal([MigrationStatus.Migrated, MigrationStatus.Incomplete], results.Select(static result => result.Status));
        Assert.Equal(["PartlyCommitted", "CommitFailed"], results.Select(static result => result.Failure!.ErrorId));
        Assert.Contains(other.Name, results[0].Error, StringComparison.Ordinal);
        Assert.Contains($"Committed already: ", results[1].Error, StringComparison.Ordinal);
        Assert.Equal(1L, await one.ScalarAsync<long>("SELECT count(*) FROM tenancy.head"));
        Assert.Equal(0L, await other.ScalarAsync<long>("SELECT count(*) FROM tenancy.head"));
    }

    [SkippableTheory]
    [InlineData(20)]
    [InlineData(1)]
    public async Task It_works_behind_PgBouncer(int poolSize)
    {
        await using var database = await CreateAsync("t1", "t2", "t3");
        await using var pooler = await PgBouncerServer.StartAsync(database.Server, poolSize);
        using var project = new FleetProject(new ConnectionSettings { Host = pooler.Host, Port = pooler.Port, Database = database.Name, Username = database.Server.SuperUser }).With("1", Customer).With("2", Name);

        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1", "t2", "t3"), Together));
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1", "t2", "t3"), Together with { Direction = RevisionDirection.Down, To = "base" }));
    }

    private static Tenant[] Tenants(TestDatabase one, TestDatabase other) =>
    [
        .. new[] { "t1", "t2" }.Where(schema => Has(one, schema)).Select(schema => new Tenant { Name = schema, Schema = schema, Database = one.Name }),
        .. new[] { "u1", "u2" }.Where(schema => Has(other, schema)).Select(schema => new Tenant { Name = schema, Schema = schema, Database = other.Name }),
    ];

    private static bool Has(TestDatabase database, string schema)
    {
        using var command = database.DataSource.CreateCommand($"SELECT to_regnamespace('{schema}') IS NOT NULL");
        return command.ExecuteScalar() is true;
    }

    private static async Task<TestDatabase> CreateAsync(params string[] schemas)
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync(string.Join(';', schemas.Select(static schema => "CREATE SCHEMA " + schema)));
        return database;
    }
}
