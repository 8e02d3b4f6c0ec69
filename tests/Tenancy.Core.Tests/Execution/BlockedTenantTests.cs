using System.Globalization;
using Tenancy.Core.Planning;
using Tenancy.Core.Tenants;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Tenants that somebody holds: they go behind the others, and in the end say who.</summary>
public sealed class BlockedTenantTests
{
    private const string Secret = "s3cret value";

    private const string Customer = """
        revision: aaaa0001
        up:
          - create_table: {name: customer, columns: [{name: id, type: bigint}, {name: name, type: text}]}
        """;

    private const string Phone = """
        revision: aaaa0002
        parent: aaaa0001
        up:
          - add_column: {table: customer, name: phone, type: text}
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_transaction_of_all_tenants_and_a_rehearsal_say_who_blocks_too(bool isRehearsal)
    {
        await using var database = await RetryTests.CreateAsync(2);
        using var project = await StartAsync(database, "fleet: test\ntimeouts: {lock: 2s}", 2);
        await using var holder = await database.HoldAsync("BEGIN; LOCK TABLE t0.customer", "a nightly job");

        MigrationFailure? failure;
        if (isRehearsal)
        {
            await using var fleet = project.Open();
            failure = (await fleet.RehearseAsync(RetryTests.Tenants(2), new(), null, project.Log).ToListAsync()).Single(static result => result.Name == "t0").Failure;
        }
        else
        {
            failure = (await project.MigrateAsync(RetryTests.Tenants(2), new() { Transaction = TransactionMode.AllTenants })).Single(static result => result.Name == "t0").Failure;
        }

        Assert.Equal("LockTimeout", failure!.ErrorId);
        Assert.Contains($"Blocked by process {holder.ProcessID.ToString(CultureInfo.InvariantCulture)} of postgres ('a nightly job', idle in transaction", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith("or raise timeouts.lock: neither a transaction of all tenants nor a rehearsal is tried again by itself.", failure.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_lock_held_for_longer_than_all_tries_is_told_with_who_holds_it(int limit)
    {
        await using var database = await RetryTests.CreateAsync(4);
        using var project = await StartAsync(database, "fleet: test\ntimeouts: {lock: 1500ms}\nretries: {max: 2, pause: 50ms}", 4);
        await using var holder = await database.HoldAsync($"BEGIN; UPDATE t0.customer /* {Secret} */ SET name = '{Secret}' WHERE id = 4711", "a nightly job");

        var results = await project.MigrateAsync(RetryTests.Tenants(4), new() { ThrottleLimit = limit });

        Assert.Equal("t0", results[^1].Name);
        Outcome.AssertMigrated(results[..^1]);
        var failure = results[^1].Failure!;
        Assert.Equal(("LockTimeout", "55P03"), (failure.ErrorId, failure.SqlState));
        Assert.Contains($"Blocked by process {holder.ProcessID.ToString(CultureInfo.InvariantCulture)} of postgres ('a nightly job', idle in transaction, its transaction ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("UPDATE t0.customer SET name = ? WHERE id = ?.", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Tried 3 times.", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, failure.Message + project.Log.Text, StringComparison.Ordinal);
        Assert.Contains("Blocked by process", await database.ScalarAsync<string>("SELECT message FROM tenancy.history WHERE outcome = 'failed'"), StringComparison.Ordinal);
        await database.AssertNoLocksAsync();
    }

    [Fact]
    public async Task Nothing_is_tried_again_when_the_time_is_over()
    {
        await using var database = await RetryTests.CreateAsync(1);
        using var project = await StartAsync(database, "fleet: test\ntimeouts: {lock: 200ms}\nretries: {max: 100000, pause: 50ms, longest_pause: 100ms}", 1);
        await using var holder = await database.HoldAsync("BEGIN; LOCK TABLE t0.customer IN ACCESS SHARE MODE");

        var result = Assert.Single(await project.MigrateAsync(RetryTests.Tenants(1), new() { Until = DateTime.UtcNow.AddSeconds(10) }));

        // Over when a try failed, or when the next was to begin.
        Assert.Contains((result.Status, result.Failure?.ErrorId), new (string, string?)[] { (MigrationStatus.Failed, "LockTimeout"), (MigrationStatus.Incomplete, "OutOfTime") });
        Assert.Contains("lock", result.Error, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_lock_that_is_let_go_of_is_waited_for(bool isPooled)
    {
        await using var database = await RetryTests.CreateAsync(3);
        await using var pooler = isPooled ? await PgBouncerServer.StartAsync(database.Server, poolSize: 4) : null;
        using var project = await StartAsync(database, "fleet: test\ntimeouts: {lock: 1s}\nretries: {max: 100, pause: 50ms, longest_pause: 200ms}", 3);
        project.Connection = pooler is null ? project.Connection : new ConnectionSettings { Host = pooler.Host, Port = pooler.Port, Database = database.Name, Username = "postgres" };
        var holder = await database.HoldAsync("BEGIN; LOCK TABLE t0.customer IN ACCESS SHARE MODE", "a nightly job");

        var run = project.MigrateAsync(RetryTests.Tenants(3));
        await project.Log.UntilAsync("t0': canceling statement due to lock timeout (blocked by process " + holder.ProcessID.ToString(CultureInfo.InvariantCulture));
        await holder.DisposeAsync();

        var results = await run;
        Outcome.AssertMigrated(results);
        Assert.Equal(["t1", "t2", "t0"], results.Select(static result => result.Name));
    }

    [Theory]
    [InlineData("BEGIN; LOCK TABLE t0.customer IN ACCESS SHARE MODE; LOCK TABLE t1.customer IN ACCESS SHARE MODE")]
    [InlineData("SELECT pg_advisory_lock(tenancy.lock_key('test', 'tenant', 't0')), pg_advisory_lock(tenancy.lock_key('test', 'tenant', 't1'))")]
    public async Task Blocked_tenants_hold_back_no_other(string block)
    {
        // As many as there are places, and blocked until all others have ended.
        await using var database = await RetryTests.CreateAsync(30);
        using var project = await StartAsync(database, "fleet: test\ntimeouts: {lock: 200ms, tenant_lock: 1h}\nretries: {max: 100000, pause: 50ms, longest_pause: 100ms}", 30);
        var holder = await database.HoldAsync(block);
        await using var fleet = project.Open();
        List<MigrationResult> results = [];
        await foreach (var result in fleet.MigrateAsync(RetryTests.Tenants(30), new() { ThrottleLimit = 2 }, project.Log))
        {
            results.Add(result);
            if (results.Count == 28)
            {
                Assert.DoesNotContain(results, static result => result.Name is "t0" or "t1");
                await holder.DisposeAsync();
            }
        }

        Assert.Equal(30, results.Count);
        Outcome.AssertMigrated(results);
    }

    [Theory]
    [InlineData("up: [create_index: {name: customer_name_idx, table: customer, columns: [name], concurrently: true}]")]
    [InlineData("down: {irreversible: not of interest}\nup: [sql: REINDEX INDEX CONCURRENTLY tenant_schema.customer_id_idx]")]
    [InlineData("down: {irreversible: not of interest}\nup: [sql: DROP INDEX CONCURRENTLY tenant_schema.customer_id_idx]")]
    public async Task A_step_outside_a_transaction_that_cannot_have_its_table_holds_back_no_other(string step)
    {
        // Every concurrent statement in the database would wait for one that waits with a snapshot, and each place would be taken.
        await using var database = await RetryTests.CreateAsync(6);
        using var project = await StartAsync(database, "fleet: test\ntimeouts: {lock: 2s, concurrent_lock: 1h}", 6);
        for (var tenant = 0; tenant < 6; tenant++)
        {
            await database.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"CREATE INDEX customer_id_idx ON t{tenant}.customer (id)"));
        }

        project.With("2", $"revision: aaaa0002\nparent: aaaa0001\n{step}");
        var holder = await database.HoldAsync("BEGIN; LOCK TABLE t0.customer, t1.customer", "a nightly job");
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await using var fleet = project.Open();
        List<MigrationResult> results = [];
        await foreach (var result in fleet.MigrateAsync(RetryTests.Tenants(6), new() { ThrottleLimit = 2 }, project.Log, limit.Token))
        {
            results.Add(result);
            if (results.Count == 4)
            {
                Assert.DoesNotContain(results, static result => result.Name is "t0" or "t1");
                await project.Log.UntilAsync($"(blocked by process {holder.ProcessID.ToString(CultureInfo.InvariantCulture)} of postgres ('a nightly job'");
                await holder.DisposeAsync();
            }
        }

        Assert.Equal(6, results.Count);
        Outcome.AssertMigrated(results);
        Assert.Equal(6L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.history WHERE outcome = 'started'"));
        await database.AssertNoLocksAsync();
    }

    [Fact]
    public async Task A_step_outside_a_transaction_that_waited_too_long_says_which_limit_it_is()
    {
        await using var database = await RetryTests.CreateAsync(1);
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {lock: 1s, concurrent_lock: 2s}")
            .With("1", "revision: aaaa0001\nup: [create_index: {name: customer_name_idx, table: customer, columns: [name], concurrently: true}]");
        await database.ExecuteAsync("CREATE TABLE t0.customer (name text)");
        await using var holder = await database.HoldAsync("BEGIN; LOCK TABLE t0.customer", "a nightly job");

        var failure = Assert.Single(await project.MigrateAsync(RetryTests.Tenants(1))).Failure!;

        Assert.Equal("LockTimeout", failure.ErrorId);
        Assert.Contains("('a nightly job'", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith("or raise timeouts.concurrent_lock.", failure.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_run_does_not_wait_for_blocked_tenants()
    {
        await using var database = await RetryTests.CreateAsync(2);
        using var project = await StartAsync(database, "fleet: test\ntimeouts: {lock: 200ms}\nretries: {max: 5, pause: 1h, longest_pause: 1h}", 2);
        await using var holder = await database.HoldAsync("BEGIN; LOCK TABLE t0.customer IN ACCESS SHARE MODE");
        using var stop = new CancellationTokenSource();

        var run = project.MigrateAsync(RetryTests.Tenants(2), new(), stop.Token);
        await project.Log.UntilAsync("tried again in");
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        await database.AssertNoLocksAsync();
    }

    [Fact]
    public async Task A_role_that_may_not_see_the_blocker_says_what_it_knows()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var roles = await TestRoles.CreateAsync("plain");
        await database.ExecuteAsync($"GRANT CREATE ON DATABASE {database.Name} TO {roles["plain"]}");
        var login = new ConnectionSettings { Host = database.Server.Host, Port = database.Server.Port, Database = database.Name, Username = roles["plain"] };
        using var project = new FleetProject(login, "fleet: test\ntimeouts: {lock: 1500ms}").With("1", Customer);
        Outcome.AssertMigrated(await project.CreateAsync(RetryTests.Tenants(1)));
        project.With("2", Phone);
        await using var holder = await database.HoldAsync("BEGIN; LOCK TABLE t0.customer IN ACCESS SHARE MODE", "a nightly job");

        var failure = Assert.Single(await project.MigrateAsync(RetryTests.Tenants(1), new() { MaxRetries = 1 })).Failure!;

        Assert.Equal("LockTimeout", failure.ErrorId);
        Assert.Contains($"Blocked by process {holder.ProcessID.ToString(CultureInfo.InvariantCulture)} of postgres ('a nightly job', whose state and statement only a member of pg_read_all_stats may see)", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<FleetProject> StartAsync(TestDatabase database, string settings, int tenants)
    {
        var project = new FleetProject(database, settings).With("1", Customer);
        Outcome.AssertMigrated(await project.MigrateAsync(RetryTests.Tenants(tenants)));
        return project.With("2", Phone);
    }
}
