using Npgsql;
using Tenancy.Core.Execution.Steps;
using Tenancy.Core.History;
using Tenancy.Core.Planning;
using Tenancy.Core.Tenants;
using Tenancy.Core.Tests.Faults;
using Tenancy.LocalPostgres;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>The transactions of several revisions go in one message: each commits by itself, and what ends one leaves those before it.</summary>
public sealed class TransactionsTogetherTests
{
    private const string Gate = "SELECT pg_catalog.pg_advisory_xact_lock_shared(4242)";

    [Fact]
    public async Task What_is_before_a_failed_revision_is_committed_and_what_is_behind_it_not_begun()
    {
        await using var database = await CreateAsync();
        using var project = Project(database, (3, "SELECT 1 / 0"));

        var result = Assert.Single(await project.MigrateAsync(Tenants("t1")));

        Assert.Equal(MigrationStatus.Failed, result.Status);
        Assert.Equal(["aaaa0001", "aaaa0002"], result.Revisions);
        Assert.Equal(["aaaa0002"], result.To);
        Assert.Equal(("aaaa0003", "22012"), (result.Failure!.Revision, result.Failure.SqlState));
        Assert.EndsWith("3.yaml", result.Failure.Manifest, StringComparison.Ordinal);
        await AssertAtAsync(database, "t1", 2);
        Assert.Equal(
            ["aaaa0001 begun", "aaaa0001 done", "aaaa0002 begun", "aaaa0002 done", "aaaa0003 begun", "aaaa0003 failed"],
            Told(project));
        Assert.All(project.Log.Steps, static step => Assert.Equal(step.Outcome == MigrationStep.Begun, step.Seconds == 0));
    }

    [Theory]
    [InlineData("requires", "RequirementNotMet")]
    [InlineData("verify", "VerificationFailed")]
    public async Task What_must_hold_and_does_not_ends_the_message_there(string kind, string error)
    {
        await using var database = await CreateAsync();
        using var project = Project(database)
            .With("2", Manifest(2, "CREATE TABLE tenant_schema.n2 ()").Replace("down:", "requires: [{sql: SELECT 1 = 2, message: only a warning, on_fail: warn}]\ndown:", StringComparison.Ordinal))
            .With("4", Manifest(4, "CREATE TABLE tenant_schema.n4 ()").Replace("down:", $"{kind}: [{{sql: SELECT 1 = 2, message: not as it should be}}]\ndown:", StringComparison.Ordinal));

        var result = Assert.Single(await project.MigrateAsync(Tenants("t1")));

        Assert.Equal(MigrationStatus.Failed, result.Status);
        Assert.Equal(["aaaa0001", "aaaa0002", "aaaa0003"], result.Revisions);
        Assert.Equal((error, "aaaa0004", null), (result.Failure!.ErrorId, result.Failure.Revision, result.Failure.SqlState));
        Assert.Contains("not as it should be", result.Error, StringComparison.Ordinal);
        Assert.Contains("only a warning", project.Log.Text, StringComparison.Ordinal);
        await AssertAtAsync(database, "t1", 3);
        await database.AssertNoLocksAsync();
    }

    [Fact]
    public async Task A_commit_that_fails_leaves_those_before_it()
    {
        await using var database = await CreateAsync();
        using var project = Project(database);
        Outcome.AssertMigrated(await project.MigrateAsync(Tenants("t2"), new() { To = "aaaa0001" }));
        await database.ExecuteAsync("""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not at the end of this one'; END $$;
            CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON tenancy.history DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.revision = 'aaaa0003' AND NEW.outcome = 'done') EXECUTE FUNCTION refuse();
            """);

        var result = Assert.Single(await project.MigrateAsync(Tenants("t1")));

        Assert.Equal(MigrationStatus.Failed, result.Status);
        Assert.Equal(["aaaa0001", "aaaa0002"], result.Revisions);
        Assert.Contains("not at the end of this one", result.Error, StringComparison.Ordinal);
        await AssertAtAsync(database, "t1", 2);
        await database.ExecuteAsync("DROP TRIGGER refuse ON tenancy.history");
        Assert.Equal(["aaaa0003", "aaaa0004", "aaaa0005"], Assert.Single(await project.MigrateAsync(Tenants("t1"))).Revisions);
        await AssertAtAsync(database, "t1", 5);
        await database.AssertNoLocksAsync();
    }

    [Fact]
    public async Task A_tenant_that_another_takes_between_two_goes_on_when_it_is_free()
    {
        await using var database = await CreateAsync();
        using var project = Project(database, (2, Gate));
        Outcome.AssertMigrated(await project.MigrateAsync(Tenants("t2"), new() { To = "aaaa0001" }));
        await using var gate = await database.HoldAsync("SELECT pg_advisory_lock(4242)");
        var run = project.MigrateAsync(Tenants("t1"));
        await database.UntilBlockedAsync("SELECT pg_catalog.pg_advisory_xact_lock_shared%");

        // It waits for the tenant's lock, so it has it as soon as the second revision is committed.
        await using var other = await database.HoldAsync("SELECT 1", "another run");
        await using var taking = new NpgsqlCommand("SELECT pg_advisory_lock(tenancy.lock_key('test', 'tenant', 't1'))", other) { CommandTimeout = 0 };
        var taken = taking.ExecuteNonQueryAsync();
        await database.UntilBlockedAsync("SELECT pg_advisory_lock(tenancy%");
        await gate.DisposeAsync();
        await taken;
        await project.Log.UntilAsync("in use by another run");
        await AssertAtAsync(database, "t1", 2);
        await other.CloseAsync();

        var result = Assert.Single(await run);

        Assert.Equal(MigrationStatus.Migrated, result.Status);
        Assert.Equal(["aaaa0001", "aaaa0002", "aaaa0003", "aaaa0004", "aaaa0005"], result.Revisions);
        await AssertAtAsync(database, "t1", 5);
    }

    [Fact]
    public async Task A_revision_that_waits_for_a_lock_is_tried_again_alone()
    {
        await using var database = await CreateAsync();
        await database.ExecuteAsync("CREATE TABLE t1.busy (id integer)");
        using var project = Project(database, (3, "ALTER TABLE tenant_schema.busy ADD COLUMN more text"));
        var holder = await database.HoldAsync("BEGIN; LOCK TABLE t1.busy");
        var run = project.MigrateAsync(Tenants("t1"), new() { MaxRetries = 100 });
        await project.Log.UntilAsync("tried again");
        await holder.DisposeAsync();

        var result = Assert.Single(await run);

        Assert.Equal(MigrationStatus.Migrated, result.Status);
        Assert.Equal(["aaaa0001", "aaaa0002", "aaaa0003", "aaaa0004", "aaaa0005"], result.Revisions);
        await AssertAtAsync(database, "t1", 5);
    }

    [Fact]
    public async Task A_cancelled_run_ends_in_the_revision_that_runs()
    {
        await using var database = await CreateAsync();
        using var project = Project(database, (3, Gate));
        await using var gate = await database.HoldAsync("SELECT pg_advisory_lock(4242)");
        using var stop = new CancellationTokenSource();
        var run = project.MigrateAsync(Tenants("t1"), cancellation: stop.Token);
        await database.UntilBlockedAsync("SELECT pg_catalog.pg_advisory_xact_lock_shared%");

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        await AssertAtAsync(database, "t1", 2);
        Assert.Equal(
            ["aaaa0001 begun", "aaaa0001 done", "aaaa0002 begun", "aaaa0002 done", "aaaa0003 begun", "aaaa0003 failed"],
            Told(project));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task A_session_that_is_ended_leaves_what_it_has_committed(int number)
    {
        await using var database = await CreateAsync();
        using var project = Project(HookProject(Connection(database)), (number, Gate));
        var gate = await database.HoldAsync("SELECT pg_advisory_lock(4242)");
        var run = project.MigrateAsync(Tenants("t1"), new() { Durability = Durability.Each });
        await database.UntilBlockedAsync("SELECT pg_catalog.pg_advisory_xact_lock_shared%");
        await database.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_catalog.pg_advisory_xact_lock_shared%' AND pid <> pg_backend_pid()");
        await gate.DisposeAsync();

        var result = Assert.Single(await run);

        Assert.Equal((MigrationStatus.Migrated, null), (result.Status, result.TakenBy));
        Assert.Equal(["aaaa0001", "aaaa0002", "aaaa0003", "aaaa0004", "aaaa0005"], result.Revisions);
        await AssertAtAsync(database, "t1", 5);
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM t1.hooked"));
        Assert.Equal(
            ["before_tenant done", .. Enumerable.Range(1, 5).SelectMany(one => one == number ? new[] { $"{Id(one)} failed", $"{Id(one)} done" } : [$"{Id(one)} done"])],
            Told(project).Where(static step => !step.EndsWith("begun", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_hook_before_revisions_that_history_has_is_not_run_again()
    {
        await using var database = await CreateAsync();
        await using var proxy = new CuttingProxy(database, "record_revision($1", reachesServer: true, upTo: "n2 ()");
        using var project = Project(HookProject(database.Through(proxy.Port, null)));

        var result = Assert.Single(await project.MigrateAsync(Tenants("t1")));

        Assert.Equal((1, null), (proxy.Cuts, result.Error));
        await AssertAtAsync(database, "t1", 5);
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM t1.hooked"));
        // No answer came at all: what history has is told as done.
        Assert.Equal(
            ["before_tenant begun", "before_tenant done", "aaaa0001 begun", "aaaa0001 done", "aaaa0002 begun", "aaaa0002 failed", .. Enumerable.Range(2, 4).SelectMany(static number => new[] { $"{Id(number)} begun", $"{Id(number)} done" })],
            Told(project));
        Assert.All(project.Log.Steps.Where(static step => step.Direction != "hook"), static step => Assert.Equal(step.Outcome == MigrationStep.Begun, step.Seconds == 0));
    }

    [Fact]
    public async Task A_hook_before_a_stage_that_history_has_is_not_run_again()
    {
        await using var database = await CreateAsync();
        await database.ExecuteAsync("CREATE TYPE t1.mood AS ENUM ('bad')");
        await using var proxy = new CuttingProxy(database, "record_stage($1", reachesServer: true, upTo: "n1 ()");
        using var project = Project(HookProject(database.Through(proxy.Port, null)))
            .With("1", Manifest(1, "ALTER TYPE tenant_schema.mood ADD VALUE 'fine'", "CREATE TABLE tenant_schema.n1 ()"));

        var result = Assert.Single(await project.MigrateAsync(Tenants("t1")));

        Assert.Equal((1, null), (proxy.Cuts, result.Error));
        await AssertAtAsync(database, "t1", 5);
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM t1.hooked"));
        Assert.Equal(
            ["before_tenant  begun", "before_tenant  done", "aaaa0001 1 begun", "aaaa0001 1 done", "aaaa0001 2 begun", "aaaa0001 2 failed", "aaaa0001 2 begun", "aaaa0001 2 done"],
            project.Log.Steps.Take(8).Select(static step => $"{step.Revision} {step.Number} {step.Outcome}"));
    }

    [Fact]
    public async Task A_message_that_never_reached_the_server_is_told_as_failed_and_sent_again()
    {
        await using var database = await CreateAsync();
        await using var proxy = new CuttingProxy(database, "record_revision($1", reachesServer: false);
        using var project = Project(HookProject(database.Through(proxy.Port, null)));

        Outcome.AssertMigrated(await project.MigrateAsync(Tenants("t1")));

        Assert.Equal(1, proxy.Cuts);
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM t1.hooked"));
        Assert.Equal(
            ["before_tenant begun", "before_tenant failed", "before_tenant begun", "before_tenant done", .. Enumerable.Range(1, 5).SelectMany(static number => new[] { $"{Id(number)} begun", $"{Id(number)} done" })],
            Told(project));
    }

    [Fact]
    public async Task A_revision_that_was_marked_when_the_connection_was_lost_is_told_as_marked()
    {
        await using var database = await CreateAsync();
        await using var proxy = new CuttingProxy(database, "record_revision($1", reachesServer: true, passes: 1);
        using var project = Project(new FleetProject(database.Through(proxy.Port, null), Settings)).With("3", Marked);

        var result = Assert.Single(await project.MigrateAsync(Tenants("t1")));

        Assert.Equal((1, MigrationStatus.Migrated), (proxy.Cuts, result.Status));
        Assert.Equal(["aaaa0001", "aaaa0002", "aaaa0004", "aaaa0005"], result.Revisions);
        Assert.Equal(["aaaa0003"], result.MarkedApplied);
    }

    [Fact]
    public async Task What_a_crash_took_back_is_done_again_hook_and_mark_included()
    {
        // What was not waited for is lost for certain: nothing writes it before the crash.
        await using var server = await LocalPostgresServer.StartAsync(new()
        {
            Settings = new Dictionary<string, string> { ["wal_writer_delay"] = "10s", ["wal_writer_flush_after"] = "1GB", ["autovacuum"] = "off" },
        });
        await using var source = NpgsqlDataSource.Create(server.ConnectionString("postgres"));
        await ExecuteAsync("CREATE SCHEMA t1; CREATE TABLE t1.hooked (n integer)");
        using var project = Project(HookProject(new() { Host = server.Host, Port = server.Port, Database = "postgres", Username = server.SuperUser }), (4, Gate)).With("3", Marked);
        await using (var gate = await source.OpenConnectionAsync())
        {
            await using var hold = new NpgsqlCommand("SELECT pg_advisory_lock(4242)", gate);
            await hold.ExecuteNonQueryAsync();
            List<MigrationResult> results = [];
            await using var fleet = project.Open();
            var run = Assert.ThrowsAsync<TenancyException>(async () =>
            {
                await foreach (var result in fleet.MigrateAsync(Tenants("t1"), new() { MaxRetries = 100 }, project.Log))
                {
                    results.Add(result);
                }
            });
            while (!run.IsCompleted && !await IsBlockedAsync())
            {
                await Task.Delay(20);
            }

            await server.RestartAsync(StopMode.Immediate);
            NpgsqlConnection.ClearAllPools();
            source.Clear();

            Assert.Equal("NotDurable", (await run).ErrorId);
            var only = Assert.Single(results);
            Assert.Equal((MigrationStatus.Migrated, null), (only.Status, only.Error));
            Assert.Equal(["aaaa0001", "aaaa0002", "aaaa0004", "aaaa0005"], only.Revisions);
            Assert.Equal(["aaaa0003"], only.MarkedApplied);
        }

        Assert.Equal("1 aaaa0001 aaaa0002 aaaa0003 aaaa0004 aaaa0005", await ScalarAsync("""
            SELECT (SELECT count(*) FROM t1.hooked) || ' ' || string_agg(revision, ' ' ORDER BY id) FROM tenancy.history WHERE schema = 't1' AND outcome = 'done'
            """));

        async Task ExecuteAsync(string sql)
        {
            await using var command = source.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }

        async Task<object?> ScalarAsync(string sql)
        {
            await using var command = source.CreateCommand(sql);
            return await command.ExecuteScalarAsync();
        }

        async Task<bool> IsBlockedAsync() => (bool)(await ScalarAsync("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"))!;
    }

    [Fact]
    public async Task A_message_of_which_the_server_gets_a_part_has_done_that_part()
    {
        await using var database = await CreateAsync();
        await using var proxy = new CuttingProxy(database, "record_revision($1", reachesServer: true, upTo: HistoryTransaction.BeginWriting);
        using var project = Project(new FleetProject(database.Through(proxy.Port, null), Settings));

        var result = Assert.Single(await project.MigrateAsync(Tenants("t1")));

        Assert.Equal(1, proxy.Cuts);
        Assert.Equal(MigrationStatus.Migrated, result.Status);
        Assert.Equal(["aaaa0001", "aaaa0002", "aaaa0003", "aaaa0004", "aaaa0005"], result.Revisions);
        await AssertAtAsync(database, "t1", 5);
        Assert.Contains("history says whether it happened", project.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revision_with_conditions_goes_alone_between_the_others()
    {
        await using var database = await CreateAsync();
        using var project = Project(database).With("3", Marked);

        var result = Assert.Single(await project.MigrateAsync(Tenants("t1")));

        Assert.Equal(MigrationStatus.Migrated, result.Status);
        Assert.Equal(["aaaa0001", "aaaa0002", "aaaa0004", "aaaa0005"], result.Revisions);
        Assert.Equal(["aaaa0003"], result.MarkedApplied);
        Assert.Equal(["n1", "n2", "n4", "n5"], (await database.QueryAsync("SELECT tablename FROM pg_tables WHERE schemaname = 't1' AND tablename LIKE 'n%' ORDER BY 1")).Select(static row => row[0]));
    }

    [Fact]
    public async Task More_than_fit_into_one_message_go_in_several()
    {
        await using var database = await CreateAsync();
        using var project = Project(database);
        for (var number = 6; number <= 120; number++)
        {
            project.With($"{number}", Manifest(number, $"CREATE TABLE tenant_schema.n{number} ()"));
        }

        var up = Assert.Single(await project.MigrateAsync(Tenants("t1")));
        await AssertAtAsync(database, "t1", 120);

        Assert.Equal(120, up.Revisions.Length);
        Assert.Equal(120L, await database.ScalarAsync<long>("SELECT count(DISTINCT started_at) FROM tenancy.history WHERE schema = 't1' AND seconds > 0 AND seconds < 60"));
        Assert.Equal(120L, await database.ScalarAsync<long>("SELECT count(DISTINCT xmin::text) FROM tenancy.history WHERE schema = 't1'"));
    }

    private const string Settings = "fleet: test\ntimeouts: {lock: 1s, tenant_lock: 2min}\nretries: {pause: 10ms}";

    private const string Marked = """
        revision: aaaa0003
        parent: aaaa0002
        requires: [{sql: SELECT false, message: not here, on_fail: mark_applied}]
        down: {irreversible: a test}
        up: [{sql: CREATE TABLE tenant_schema.n3 ()}]
        """;

    private static Tenant[] Tenants(params string[] schemas) => FleetProject.Tenants(schemas);

    private static async Task<TestDatabase> CreateAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA t1; CREATE SCHEMA t2; CREATE TABLE t1.hooked (n integer)");
        return database;
    }

    private static ConnectionSettings Connection(TestDatabase database) => new() { Host = database.Server.Host, Port = database.Server.Port, Database = database.Name, Username = "postgres" };

    // A hook that tells how often it was run.
    private static FleetProject HookProject(ConnectionSettings connection) =>
        new(connection, Settings.Replace("lock: 1s", "lock: 60s", StringComparison.Ordinal) + "\nhooks: {before_tenant: INSERT INTO tenant_schema.hooked VALUES (1)}");

    private static FleetProject Project(TestDatabase database, params (int Number, string Sql)[] more) => Project(new FleetProject(database, more.Any(static one => one.Sql == Gate) ? Settings.Replace("lock: 1s", "lock: 60s", StringComparison.Ordinal) : Settings), more);

    // Five revisions that make a table each; some do more.
    private static FleetProject Project(FleetProject project, params (int Number, string Sql)[] more)
    {
        for (var number = 1; number <= 5; number++)
        {
            project.With($"{number}", Manifest(number, [$"CREATE TABLE tenant_schema.n{number} ()", .. more.Where(one => one.Number == number).Select(static one => one.Sql)]));
        }

        return project;
    }

    private static string Manifest(int number, params string[] statements) => $$"""
        revision: {{Id(number)}}
        {{(number == 1 ? "" : $"parent: {Id(number - 1)}")}}
        down: {irreversible: a test}
        up:
        {{string.Join('\n', statements.Select(static sql => $"  - sql: {sql}"))}}
        """;

    // The steps that a run told of.
    private static IEnumerable<string> Told(FleetProject project) => project.Log.Steps.Select(static step => $"{step.Revision} {step.Outcome}");

    private static string Id(int number) => $"aaaa{number:0000}";

    // Tables, head and history agree.
    private static async Task AssertAtAsync(TestDatabase database, string schema, int number)
    {
        Assert.Equal(Id(number), await database.ScalarAsync<string>($"SELECT string_agg(revision, ' ') FROM tenancy.head WHERE schema = '{schema}'"));
        Assert.Equal((long)number, await database.ScalarAsync<long>($"SELECT count(*) FROM pg_tables WHERE schemaname = '{schema}' AND tablename LIKE 'n%'"));
        Assert.Equal(Enumerable.Range(1, number).Select(Id), (await database.QueryAsync($"SELECT revision FROM tenancy.history WHERE schema = '{schema}' AND step IS NULL AND outcome = 'done' ORDER BY id")).Select(static row => row[0]));
    }
}
