using System.Globalization;
using Npgsql;
using Tenancy.Core.Planning;
using Tenancy.Core.Tenants;
using Tenancy.LocalPostgres;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>What passes by itself: the tenant's transaction is done again.</summary>
public sealed class RetryTests
{
    private const string Customer = """
        revision: aaaa0001
        up:
          - create_table: {name: customer, columns: [{name: id, type: bigint}]}
          - create_table: {name: invoice, columns: [{name: id, type: bigint}]}
        """;

    // The gate is the test's.
    private const string Both = """
        revision: aaaa0002
        parent: aaaa0001
        down: {irreversible: not of interest}
        up:
          - add_column: {table: customer, name: name, type: text}
          - sql: SELECT pg_advisory_xact_lock_shared(4242)
          - add_column: {table: invoice, name: name, type: text}
        """;

    [Fact]
    public async Task A_deadlock_is_tried_again()
    {
        await using var database = await CreateAsync(1);
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {lock: 60s}\nretries: {pause: 10ms}").With("1", Customer);
        Outcome.AssertMigrated(await project.MigrateAsync(Tenants(1)));
        project.With("2", Both);
        var gate = await database.HoldAsync("SELECT pg_advisory_lock(4242)");
        await using var other = await database.HoldAsync("SET deadlock_timeout = '1h'; BEGIN; LOCK TABLE t0.invoice");

        // Who waits last sees the deadlock, and is ended for it: the run.
        var run = project.MigrateAsync(Tenants(1));
        await database.UntilBlockedAsync("SELECT pg_advisory_xact_lock_shared%");
        await using var command = new NpgsqlCommand("LOCK TABLE t0.customer", other) { CommandTimeout = 0 };
        var crossing = command.ExecuteNonQueryAsync();
        await database.UntilBlockedAsync("LOCK TABLE t0.customer");
        await gate.DisposeAsync();
        await project.Log.UntilAsync("deadlock detected");
        await crossing;
        await other.CloseAsync();

        Outcome.AssertMigrated(await run);
        Assert.Contains("tried again", project.Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5, true)]
    [InlineData(2, false)]
    [InlineData(0, false)]
    public async Task A_serialization_failure_is_tried_as_often_as_asked(int retries, bool succeeds)
    {
        await using var database = await CreateAsync(1);
        await database.ExecuteAsync("""
            CREATE SEQUENCE t0.tries;
            CREATE FUNCTION t0.busy() RETURNS void LANGUAGE plpgsql AS $$ BEGIN IF nextval('t0.tries') <= 3 THEN RAISE SQLSTATE '40001'; END IF; END $$
            """);
        using var project = new FleetProject(database, "fleet: test\nretries: {max: 0, pause: 10ms}").With("1", "revision: aaaa0001\ndown: {irreversible: a test}\nup: [{sql: SELECT busy()}]");

        var result = Assert.Single(await project.MigrateAsync(Tenants(1), new() { MaxRetries = retries }));

        Assert.Equal(succeeds ? MigrationStatus.Migrated : MigrationStatus.Failed, result.Status);
        Assert.Equal(succeeds ? null : "40001", result.Failure?.SqlState);
        Assert.Equal(retries == 2, result.Error?.Contains("Tried 3 times.", StringComparison.Ordinal) == true);
        Assert.Equal(succeeds ? 4L : retries + 1L, await database.ScalarAsync<long>("SELECT last_value FROM t0.tries"));
    }

    [Fact]
    public async Task Sessions_ended_all_the_time_do_not_fail_a_run()
    {
        await using var database = await CreateAsync(8);
        using var project = new FleetProject(database, Counted.Patient + "\nretries: {max: 30, pause: 20ms, longest_pause: 1s}").WithCountedRevisions();

        var run = project.MigrateAsync(Tenants(8), new() { ThrottleLimit = 3 });
        await project.Log.UntilAsync("up f0000001");
        for (var kill = 0; kill < 40 && !run.IsCompleted; kill++)
        {
            await database.TerminateRunnerAsync();
            await Task.WhenAny(run, Task.Delay(Random.Shared.Next(5, 60)));
        }

        Outcome.AssertMigrated(await run);
        await database.AssertAtHeadOnceAsync([.. Tenants(8).Select(static tenant => tenant.Schema)]);
        await database.AssertNoLocksAsync();
    }

    [Fact]
    public async Task Sessions_ended_between_batches_do_no_row_twice()
    {
        await using var database = await CreateAsync(3);
        await database.ExecuteAsync(string.Join(';', Tenants(3).Select(static tenant => $"CREATE TABLE {tenant.Schema}.item (id int PRIMARY KEY, times int NOT NULL DEFAULT 0); INSERT INTO {tenant.Schema}.item SELECT generate_series(1, 400)")));
        using var project = new FleetProject(database, Counted.Patient + "\nretries: {max: 30, pause: 20ms, longest_pause: 1s}").With("1", """
            revision: aaaa0001
            down: {irreversible: a test}
            up:
              - update: {table: item, set: {times: {sql: times + 1}}, where: times >= 0, batch: {key: id, size: 10, pause: 5ms}}
            """);

        var run = project.MigrateAsync(Tenants(3), new() { ThrottleLimit = 2 });
        await project.Log.UntilAsync("rows taken");
        for (var kill = 0; kill < 25 && !run.IsCompleted; kill++)
        {
            await database.TerminateRunnerAsync();
            await Task.WhenAny(run, Task.Delay(Random.Shared.Next(5, 60)));
        }

        Outcome.AssertMigrated(await run);
        foreach (var tenant in Tenants(3))
        {
            Assert.Equal(400L, await database.ScalarAsync<long>($"SELECT count(*) FROM {tenant.Schema}.item WHERE times = 1"));
        }

        await database.AssertNoLocksAsync();
    }

    [Fact]
    public async Task A_lock_that_a_step_outside_a_transaction_waited_for_is_not_waited_for_again()
    {
        await using var database = await CreateAsync(1);
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {concurrent_lock: 2s}\nretries: {pause: 10ms}").With("1", Customer).With("2", """
            revision: aaaa0002
            parent: aaaa0001
            up:
              - create_index: {name: customer_id_idx, table: customer, columns: [id], concurrently: true}
            """);
        Outcome.AssertMigrated(await project.MigrateAsync(Tenants(1), new() { To = "aaaa0001" }));
        await using var holder = await database.HoldAsync("BEGIN; LOCK TABLE t0.customer", "a nightly job");

        var failure = Assert.Single(await project.MigrateAsync(Tenants(1))).Failure!;

        Assert.Equal("LockTimeout", failure.ErrorId);
        Assert.Contains($"Blocked by process {holder.ProcessID.ToString(CultureInfo.InvariantCulture)} of postgres ('a nightly job'", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Tried", failure.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Sessions_ended_behind_a_pooler_do_not_fail_a_run()
    {
        await using var database = await CreateAsync(6);
        await using var pooler = await PgBouncerServer.StartAsync(database.Server, poolSize: 4);
        var through = new ConnectionSettings { Host = pooler.Host, Port = pooler.Port, Database = database.Name, Username = "postgres", DirectServer = $"{database.Server.Host}:{database.Server.Port}" };
        using var project = new FleetProject(through, Counted.Patient + "\nretries: {max: 30, pause: 20ms, longest_pause: 1s}").WithCountedRevisions();

        var run = project.MigrateAsync(Tenants(6), new() { ThrottleLimit = 3 });
        await project.Log.UntilAsync("up f0000001");
        for (var kill = 0; kill < 25 && !run.IsCompleted; kill++)
        {
            await database.TerminateRunnerAsync();
            await Task.WhenAny(run, Task.Delay(Random.Shared.Next(5, 60)));
        }

        Outcome.AssertMigrated(await run);
        await database.AssertAtHeadOnceAsync([.. Tenants(6).Select(static tenant => tenant.Schema)]);
        await database.AssertNoLocksAsync();
    }

    [Theory]
    [InlineData(StopMode.Immediate, Durability.Each)]
    [InlineData(StopMode.Fast, Durability.Each)]
    [InlineData(StopMode.Immediate, Durability.Run)]
    public async Task A_server_that_restarts_does_not_fail_a_run(StopMode mode, Durability durability)
    {
        await using var server = await LocalPostgresServer.StartAsync();
        var database = new TestDatabase(server, "postgres");
        await CreateSchemasAsync(database, 6);
        using var project = new FleetProject(database, Counted.Patient + "\nretries: {max: 12, pause: 200ms, longest_pause: 5s}").WithCountedRevisions();

        var run = project.MigrateAsync(Tenants(6), new() { ThrottleLimit = 2, Durability = durability });
        await project.Log.UntilAsync("up f0000003");
        await server.StopAsync(mode);
        await Task.Delay(500);
        await server.StartAgainAsync();

        if (durability == Durability.Each)
        {
            Outcome.AssertMigrated(await run);
        }
        else
        {
            // All have their results; that those which had ended before are kept is not known.
            Assert.Equal("NotDurable", (await Assert.ThrowsAsync<TenancyException>(() => run)).ErrorId);
            Outcome.AssertNoError(await project.MigrateAsync(Tenants(6)));
        }

        NpgsqlConnection.ClearAllPools();
        database.DataSource.Clear();
        await database.AssertAtHeadOnceAsync([.. Tenants(6).Select(static tenant => tenant.Schema)]);
        await database.DataSource.DisposeAsync();
    }

    [Fact]
    public async Task A_server_that_stays_away_is_waited_for_once_and_not_for_each_tenant()
    {
        await using var server = await LocalPostgresServer.StartAsync();
        var database = new TestDatabase(server, "postgres");
        await CreateSchemasAsync(database, 40);
        await using var source = database.DataSource;
        using var project = new FleetProject(database, "fleet: test\nretries: {max: 3, pause: 100ms, longest_pause: 1h}").With("1", Customer.Replace("up:", "down: {irreversible: a test}\nup:\n  - sql: SELECT pg_sleep(0.2)", StringComparison.Ordinal));

        var run = project.MigrateAsync(Tenants(40), new() { ThrottleLimit = 2, Durability = Durability.Each });
        await project.Log.UntilAsync("up aaaa0001");
        await server.StopAsync(StopMode.Immediate);
        var results = await run;

        Assert.Equal(40, results.Count);
        var failed = results.Where(static result => result.Status == MigrationStatus.Failed).ToList();
        Assert.True(failed.Count > 30);
        Assert.All(failed, static result => Assert.Matches("^(ConnectionFailed|ConnectionLost|OutcomeUnknown)$", result.Failure!.ErrorId));

        // Each that was at work has its tries, at the most; the others have none.
        Assert.InRange(project.Log.Text.Split('\n').Count(static line => line.Contains("Tried again in", StringComparison.Ordinal)), 1, 20);
    }

    [Fact]
    public async Task Too_many_connections_are_waited_for()
    {
        await using var server = await LocalPostgresServer.StartAsync(new() { Settings = new Dictionary<string, string> { ["max_connections"] = "5", ["superuser_reserved_connections"] = "0" } });
        var database = new TestDatabase(server, "postgres");
        await CreateSchemasAsync(database, 12);
        database.DataSource.Clear();
        await using var one = await database.HoldAsync("SELECT 1");
        await using var two = await database.HoldAsync("SELECT 1");
        using var project = new FleetProject(database, "fleet: test\nretries: {max: 60, pause: 50ms, longest_pause: 500ms}")
            .With("1", Customer.Replace("up:", "down: {irreversible: a test}\nup:\n  - sql: SELECT pg_sleep(0.1)", StringComparison.Ordinal));

        var results = await project.MigrateAsync(Tenants(12), new() { ThrottleLimit = 8 });

        Outcome.AssertMigrated(results);
        Assert.Contains("too many clients", project.Log.Text, StringComparison.Ordinal);
        await database.DataSource.DisposeAsync();
    }

    internal static Tenant[] Tenants(int count) => FleetProject.Tenants([.. Enumerable.Range(0, count).Select(static number => $"t{number.ToString(CultureInfo.InvariantCulture)}")]);

    internal static async Task<TestDatabase> CreateAsync(int tenants)
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await CreateSchemasAsync(database, tenants);
        return database;
    }

    private static Task CreateSchemasAsync(TestDatabase database, int tenants) =>
        database.ExecuteAsync(string.Join("; ", Tenants(tenants).Select(static tenant => $"CREATE SCHEMA {tenant.Schema}")));
}
