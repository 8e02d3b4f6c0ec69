using System.Globalization;
using Tenancy.Core.Tenants;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Changes of rows that commit in batches: each row once, whatever comes between.</summary>
public sealed class BatchTests
{
    private const string Things = """
        revision: aaaa0001
        up:
          - sql: |
              CREATE TABLE tenant_schema.thing (id integer PRIMARY KEY, a text COLLATE "C" NOT NULL, b timestamptz NOT NULL, c varchar(9), n integer NOT NULL DEFAULT 0, UNIQUE (a, b), UNIQUE (c));
              INSERT INTO tenant_schema.thing SELECT i * 3, 'k' || i % 7, '2026-01-01 00:00:00.123456+00'::timestamptz + i * interval '1 hour', 'c' || i FROM generate_series(-50, 149) i;
            undo: DROP TABLE tenant_schema.thing
        """;

    private static readonly Tenant[] Tenant = FleetProject.Tenants("t 1");

    [Theory]
    [InlineData("search_path", "id", 7)]
    [InlineData("token", "id", 200)]
    [InlineData("token", "[a, b]", 9)]
    [InlineData("search_path", "[b, a]", 201)]
    [InlineData("token", "id", 1)]
    public async Task Each_row_is_changed_once(string mode, string key, int size)
    {
        await using var database = await CreateAsync();
        using var project = Project(database, mode, $"set: {{n: {{sql: n + 1}}}}, where: id % 2 = 0, batch: {{key: {key}, size: {size}}}");

        Outcome.AssertMigrated(await project.MigrateAsync(Tenant));

        await AssertOnceAsync(database);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.stage"));
        Assert.Equal("2: UPDATE started, 2: UPDATE done", await database.ScalarAsync<string>("SELECT string_agg(step || ' ' || outcome, ', ' ORDER BY id) FROM tenancy.history WHERE step LIKE '2:%'"));
    }

    [Fact]
    public async Task An_empty_table_is_done_at_once_and_checks_are_asked_before_and_after()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("1", Things.Replace("-50, 149", "1, 0", StringComparison.Ordinal)).With("2", """
            revision: aaaa0002
            parent: aaaa0001
            requires: [{sql: SELECT count(*) = 0 FROM thing WHERE n > 0}]
            verify: [SELECT count(*) = 0 FROM thing WHERE n <> 1]
            up:
              - update: {table: thing, set: {n: 1}, where: true, batch: {key: id, size: 10}}
            down: []
            """);

        Outcome.AssertMigrated(await project.MigrateAsync(Tenant));
        await database.ExecuteAsync("DELETE FROM tenancy.head; INSERT INTO tenancy.head (fleet, scope, schema, revision, schema_oid) VALUES ('test', 'tenant', 't 1', 'aaaa0001', '\"t 1\"'::regnamespace); INSERT INTO \"t 1\".thing SELECT i, i, now(), i FROM generate_series(1, 25) i");
        Outcome.AssertMigrated(await project.MigrateAsync(Tenant));

        Assert.Equal(25L, await database.ScalarAsync<long>("SELECT sum(n) FROM \"t 1\".thing"));
    }

    [Fact]
    public async Task An_undo_goes_in_batches_too()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("1", Things).With("2", """
            revision: aaaa0002
            parent: aaaa0001
            up:
              - update: {table: thing, set: {n: {sql: n + 1}}, where: id % 2 = 0, batch: {key: id, size: 30}}
            down:
              - update: {table: thing, set: {n: {sql: n - 1}}, where: n > 0, batch: {key: [a, b], size: 30}}
              - delete: {table: thing, where: id > 0, batch: {key: id, size: 30}}
            """);
        Outcome.AssertMigrated(await project.MigrateAsync(Tenant));
        await AssertOnceAsync(database);

        Outcome.AssertMigrated(await project.UndoAsync(Tenant, "aaaa0001"));

        Assert.Equal("51 0", await database.ScalarAsync<string>("SELECT count(*) || ' ' || sum(n) FROM \"t 1\".thing"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.stage"));
    }

    [Theory]
    [InlineData("skip", MigrationStatus.Skipped)]
    [InlineData("mark_applied", MigrationStatus.Migrated)]
    public async Task A_requirement_that_decides_is_asked_before_the_first_batch(string onFail, string status)
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("1", Things).With("2", $$"""
            revision: aaaa0002
            parent: aaaa0001
            requires: [{sql: SELECT false, on_fail: "{{onFail}}" }]
            up:
              - update: {table: thing, set: {n: 1}, where: true, batch: {key: id} }
            down: []
            """);
        Outcome.AssertMigrated(await project.MigrateAsync(Tenant, new() { To = "aaaa0001" }));

        Assert.Equal(status, Assert.Single(await project.MigrateAsync(Tenant)).Status);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT sum(n) FROM \"t 1\".thing"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.stage"));
    }

    [Theory]
    [InlineData("c", "the column c may be null")]
    [InlineData("n", "no primary key and no unique index of thing is of exactly n")]
    [InlineData("a", "no primary key and no unique index of thing is of exactly a")]
    [InlineData("[id, a]", "no primary key and no unique index of thing is of exactly id, a")]
    [InlineData("x", "thing has no column x")]
    public async Task A_key_that_does_not_tell_rows_apart_is_refused(string key, string why)
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("1", Things).With("2", $"revision: aaaa0002\nparent: aaaa0001\nup:\n  - delete: {{table: thing, where: true, batch: {{key: {key}}}}}\ndown: []");

        var result = Assert.Single(await project.MigrateAsync(Tenant));

        Assert.Equal((MigrationStatus.Failed, "BatchKey"), (result.Status, result.Failure!.ErrorId));
        Assert.Contains(why, result.Error, StringComparison.Ordinal);
        Assert.Equal(4, result.Failure.Line);
        Assert.Equal(200L, await database.ScalarAsync<long>("SELECT count(*) FROM \"t 1\".thing"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.stage"));
    }

    [Theory]
    [InlineData("id", 3)]
    [InlineData("[a, b]", 50)]
    public async Task A_run_killed_between_batches_goes_on_behind_the_last_with_another_size(string key, int nextSize)
    {
        await using var database = await CreateAsync();
        using var project = Project(database, "search_path", $"set: {{n: {{sql: n + 1}}}}, where: id % 2 = 0, batch: {{key: {key}, size: 2, pause: 20ms}}");
        Outcome.AssertMigrated(await project.MigrateAsync(Tenant, new() { To = "aaaa0001" }));
        for (var round = 0; round < 3; round++)
        {
            var before = await database.ScalarAsync<long>("SELECT sum(n) FROM \"t 1\".thing");
            using (var runner = await Runner.StartAsync(project, ["t 1"]))
            {
                runner.Go();
                await database.UntilAsync(string.Create(CultureInfo.InvariantCulture, $"SELECT sum(n) > {before + 4} FROM \"t 1\".thing"));
                runner.Process.Kill();
                await runner.Process.WaitForExitAsync();
            }

            await database.AssertNobodyLeftAsync();
            await using var fleet = project.Open();
            var state = Assert.Single(await fleet.GetTenantRevisionsAsync(Tenant).ToListAsync());
            Assert.Equal(TenantRevisionStatus.InProgress, state.Status);
            Assert.Equal($"aaaa0002 step 2: UPDATE, done up to {await PositionAsync(database)}", state.Step);
        }

        Assert.InRange(await database.ScalarAsync<long>("SELECT sum(n) FROM \"t 1\".thing"), 15, 99);
        WithUpdate(project, $"set: {{n: {{sql: n + 1}}}}, where: id % 2 = 0, batch: {{key: {key}, size: {nextSize}}}");

        Outcome.AssertMigrated(await project.MigrateAsync(Tenant));

        await AssertOnceAsync(database);
    }

    [Fact]
    public async Task A_cancelled_run_leaves_the_place_that_it_reached()
    {
        await using var database = await CreateAsync();
        using var project = Project(database, "search_path", "set: {n: {sql: n + 1}}, where: id % 2 = 0, batch: {key: id, size: 5, pause: 1h}");
        using var stop = new CancellationTokenSource();
        var run = project.MigrateAsync(Tenant, cancellation: stop.Token);
        await database.UntilAsync("SELECT to_regclass('tenancy.stage') IS NOT NULL AND EXISTS (SELECT FROM pg_class c WHERE c.relname = 'thing')");
        await database.UntilAsync("SELECT sum(n) = 5 FROM \"t 1\".thing");

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);

        Assert.Equal("[-126]", await PositionAsync(database));
        WithUpdate(project, "set: {n: {sql: n + 1}}, where: id % 2 = 0, batch: {key: id, size: 100}");
        Outcome.AssertMigrated(await project.MigrateAsync(Tenant));
        await AssertOnceAsync(database);
    }

    [Fact]
    public async Task Two_runs_at_once_change_each_row_once()
    {
        await using var database = await CreateAsync();
        using var project = Project(database, "token", "set: {n: {sql: n + 1}}, where: id % 2 = 0, batch: {key: id, size: 1}");
        Outcome.AssertMigrated(await project.MigrateAsync(Tenant, new() { To = "aaaa0001" }));

        var both = await Task.WhenAll(project.MigrateAsync(Tenant), project.MigrateAsync(Tenant));

        Outcome.AssertNoError(both.SelectMany(static results => results));
        await AssertOnceAsync(database);
    }

    [Fact]
    public async Task A_batch_that_writes_elsewhere_is_rolled_back_and_those_before_it_stay()
    {
        await using var database = await CreateAsync();
        using var project = Project(database, "search_path", "set: {n: {sql: n + 1}}, where: id % 2 = 0, batch: {key: id, size: 10}");
        Outcome.AssertMigrated(await project.MigrateAsync(Tenant, new() { To = "aaaa0001" }));
        await database.ExecuteAsync("""
            CREATE SCHEMA other;
            CREATE TABLE other.log (id integer);
            CREATE FUNCTION other.note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF new.id > 0 THEN INSERT INTO other.log VALUES (new.id); END IF; RETURN new; END';
            CREATE TRIGGER noted AFTER UPDATE ON "t 1".thing FOR EACH ROW EXECUTE FUNCTION other.note();
            """);

        var result = Assert.Single(await project.MigrateAsync(Tenant));

        Assert.Equal((MigrationStatus.InProgress, "PlacementViolation"), (result.Status, result.Failure!.ErrorId));
        Assert.Equal("aaaa0002 step 2: UPDATE, done up to [-36]", result.Step);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM other.log"));
        Assert.Equal(20L, await database.ScalarAsync<long>("SELECT sum(n) FROM \"t 1\".thing"));
        await database.ExecuteAsync("DROP TRIGGER noted ON \"t 1\".thing");
        Outcome.AssertMigrated(await project.MigrateAsync(Tenant));
        await AssertOnceAsync(database);
    }

    [Fact]
    public async Task A_first_batch_that_fails_leaves_the_revision_not_begun_and_a_later_one_in_progress()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("1", Things).With("2", "revision: aaaa0002\nparent: aaaa0001\nup: [update: {table: thing, set: {n: {sql: 1 / (id - 30)}}, where: id > 0, batch: {key: id, size: 20}}]\ndown: []");

        var first = Assert.Single(await project.MigrateAsync(Tenant));
        Assert.Equal((MigrationStatus.Failed, "StatementFailed", (string?)null), (first.Status, first.Failure!.ErrorId, first.Step));
        project.With("2", "revision: aaaa0002\nparent: aaaa0001\nup: [update: {table: thing, set: {n: {sql: 1 / (id - 300)}}, where: id > 0, batch: {key: id, size: 20}}]\ndown: []");
        var later = Assert.Single(await project.MigrateAsync(Tenant));

        Assert.Equal((MigrationStatus.InProgress, "aaaa0002 step 1: UPDATE, done up to [240]"), (later.Status, later.Step));
        Assert.Contains("the batches before it stay", later.Failure!.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_lost_at_the_commit_of_a_batch_is_settled_by_its_place(bool reachesServer)
    {
        await using var database = await CreateAsync();
        await using var proxy = new CuttingProxy(database, "record_position($1", reachesServer, passes: 3);
        using var project = Project(database, "search_path", "set: {n: {sql: n + 1}}, where: id % 2 = 0, batch: {key: id, size: 10}");
        project.Connection = new ConnectionSettings { Host = "127.0.0.1", Port = proxy.Port, Database = database.Name, Username = "postgres" };

        Outcome.AssertMigrated(await project.MigrateAsync(Tenant));

        Assert.Equal(1, proxy.Cuts);
        await AssertOnceAsync(database);
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(20)]
    public async Task It_needs_no_direct_connection_behind_a_pooler(int poolSize)
    {
        await using var database = await CreateAsync();
        await using var pooler = await PgBouncerServer.StartAsync(database.Server, poolSize);
        using var project = Project(database, "search_path", "set: {n: {sql: n + 1}}, where: id % 2 = 0, batch: {key: [a, b], size: 8}");
        project.Connection = new ConnectionSettings { Host = pooler.Host, Port = pooler.Port, Database = database.Name, Username = "postgres" };

        Outcome.AssertMigrated(await project.MigrateAsync(Tenant));

        await AssertOnceAsync(database);
    }

    [Fact]
    public async Task A_role_that_may_not_see_history_can_be_the_owner()
    {
        var roles = await TestRoles.CreateAsync("owner");
        await using var database = await CreateAsync();
        await database.ExecuteAsync($"GRANT ALL ON SCHEMA \"t 1\" TO {roles["owner"]}");
        using var project = new FleetProject(database, $"fleet: test\nowner: {roles["owner"]}").With("1", Things);
        WithUpdate(project, "set: {n: {sql: n + 1}}, where: id % 2 = 0, batch: {key: id, size: 9}");

        Outcome.AssertMigrated(await project.MigrateAsync(Tenant));

        await AssertOnceAsync(database);
    }

    private static async Task<TestDatabase> CreateAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA \"t 1\"");
        return database;
    }

    private static FleetProject Project(TestDatabase database, string mode, string update) =>
        WithUpdate(new FleetProject(database, $"fleet: test\nmode: {mode}").With("1", Things), update);

    // The update is the middle one of three stages.
    private static FleetProject WithUpdate(FleetProject project, string update) => project.With("2", $$"""
        revision: aaaa0002
        parent: aaaa0001
        up:
          - create_sequence: {name: one}
          - update: {table: thing, {{update}} }
          - create_sequence: {name: other}
        down: []
        """);

    private static Task<string?> PositionAsync(TestDatabase database) => database.ScalarAsync<string>("SELECT position FROM tenancy.stage WHERE outcome = 'started'");

    private static async Task AssertOnceAsync(TestDatabase database)
    {
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM \"t 1\".thing WHERE n <> CASE id % 2 WHEN 0 THEN 1 ELSE 0 END"));
        Assert.Equal(100L, await database.ScalarAsync<long>("SELECT sum(n) FROM \"t 1\".thing"));
    }
}
