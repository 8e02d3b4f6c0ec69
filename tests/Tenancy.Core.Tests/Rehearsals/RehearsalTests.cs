using System.Globalization;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Rehearsals;

/// <summary>A run that is tried on every tenant and rolled back.</summary>
public sealed class RehearsalTests
{
    private const string Customer = """
        revision: aaaa0001
        up:
          - create_table: {name: customer, columns: [{name: id, type: bigint, identity: by default, primary_key: true}, {name: email, type: text}]}
        """;

    private const string Positive = """
        revision: aaaa0002
        parent: aaaa0001
        up:
          - add_column: {table: customer, name: age, type: integer}
        """;

    private const string Unique = """
        revision: aaaa0003
        parent: aaaa0002
        description: Unique addresses
        up:
          - sql: |
              SELECT 1;
              ALTER TABLE tenant_schema.customer ADD CONSTRAINT customer_email UNIQUE (email)
            undo: ALTER TABLE tenant_schema.customer DROP CONSTRAINT customer_email
        """;

    [Fact]
    public async Task A_key_that_is_checked_at_once_is_so_in_a_later_revision_too()
    {
        await using var database = await CreateAsync("t1");
        using var project = new FleetProject(database).With("1", Customer).With("2", """
            revision: aaaa0002
            parent: aaaa0001
            down: []
            up:
              - sql: |
                  CREATE TABLE tenant_schema.node (id int PRIMARY KEY, next int NOT NULL REFERENCES tenant_schema.node DEFERRABLE INITIALLY IMMEDIATE,
                    first int REFERENCES tenant_schema.node DEFERRABLE INITIALLY DEFERRED);
                  INSERT INTO tenant_schema.node VALUES (1, 1, 1);
            """).With("3", """
            revision: aaaa0003
            parent: aaaa0002
            down: []
            up:
              - sql: |
                  CREATE TABLE tenant_schema.leaf (id int REFERENCES tenant_schema.node DEFERRABLE INITIALLY IMMEDIATE);
                  INSERT INTO tenant_schema.leaf VALUES (1);
                  INSERT INTO tenant_schema.node VALUES (2, 2, 3), (3, 3, 2);
                  ALTER TABLE tenant_schema.leaf ADD COLUMN label text;
            """);

        var result = Assert.Single(await project.RehearseAsync(database, ["t1"], new()));

        Assert.Null(result.Failure);
        Assert.Equal(RehearsalStatus.Rehearsed, result.Status);
    }

    [Theory]
    [InlineData("search_path", TransactionMode.PerRevision, 1)]
    [InlineData("search_path", TransactionMode.PerTenant, 4)]
    [InlineData("token", TransactionMode.PerRevision, 4)]
    [InlineData("token", TransactionMode.AllTenants, 1)]
    public async Task Data_that_breaks_a_new_constraint_in_one_tenant_of_many_is_found_and_named(string mode, TransactionMode transaction, int limit)
    {
        string[] schemas = [.. Enumerable.Range(1, 8).Select(static number => string.Create(CultureInfo.InvariantCulture, $"t{number}"))];
        await using var database = await CreateAsync(schemas);
        using var project = new FleetProject(database, $"fleet: test\nmode: {mode}").With("1", Customer);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants(schemas)));
        await database.ExecuteAsync("INSERT INTO t5.customer (email) VALUES ('a@b'), ('a@b'); INSERT INTO t6.customer (email) VALUES ('a@b'), ('b@b')");
        project.With("2", Positive).With("3", Unique);
        var request = new MigrationRequest { Transaction = transaction, ThrottleLimit = limit };

        var results = (await project.RehearseAsync(database, schemas, request)).OrderBy(static result => result.Name, StringComparer.Ordinal).ToList();

        Assert.Equal([.. schemas.Select(static schema => schema == "t5" ? RehearsalStatus.WouldFail : RehearsalStatus.Rehearsed)], results.Statuses());
        var failed = results[4];
        if (transaction == TransactionMode.PerRevision)
        {
            Assert.Equal(["aaaa0002"], failed.Revisions);
            Assert.Equal(["aaaa0002"], failed.To);
        }

        Assert.Equal(["aaaa0002", "aaaa0003"], results[0].Revisions);
        Assert.Equal(["aaaa0001"], results[0].From);
        Assert.Equal(["aaaa0003"], results[0].To);

        // As the run itself says it.
        var real = (await project.MigrateAsync(FleetProject.Tenants("t5"), new())).Single();
        Assert.Equal("ConstraintViolated", failed.Failure!.ErrorId);
        Assert.Equal("23505", failed.Failure.SqlState);
        Assert.Equal("aaaa0003", failed.Failure.Revision);
        Assert.Equal(real.Failure, failed.Failure);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants([.. schemas.Except(["t5"])]), new()));
    }

    [Fact]
    public async Task Locks_and_times_are_told_by_relation_revision_and_statement()
    {
        await using var database = await CreateAsync("t1");
        using var project = new FleetProject(database).With("1", Customer + "\n  - create_table: {name: note, columns: [{name: id, type: bigint, primary_key: true}]}");
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1")));
        project.With("2", """
            revision: aaaa0002
            parent: aaaa0001
            up:
              - sql: INSERT INTO note VALUES (1)
                undo: DELETE FROM note
              - sql: ALTER TABLE customer RENAME TO client
                undo: ALTER TABLE client RENAME TO customer
              - sql: SELECT pg_sleep(0.3)
                undo: SELECT 1
              - create_table: {name: fresh, columns: [{name: id, type: bigint, primary_key: true}]}
            """);

        var result = (await project.RehearseAsync(database, ["t1"])).Single();

        Rehearsing.AssertNoError([result]);
        Assert.Equal(["AccessExclusive customer 6", "RowExclusive note 4"], result.Locks.Select(static held => $"{held.Mode} {held.Relation} {held.Line}"));
        Assert.All(result.Locks, held => Assert.InRange(held.Seconds, 0.3, result.Seconds));
        Assert.True(result.Locks[1].Seconds > result.Locks[0].Seconds);
        Assert.Equal([4, 6, 8, 10], result.Statements.Select(static statement => statement.Line));
        Assert.Equal(8, result.Statements.MaxBy(static statement => statement.Seconds)!.Line);
        Assert.True(result.Seconds >= 0.3);
        Assert.Equal("aaaa0002", Assert.Single(result.Timings).Revision);
        Assert.True(result.LockCount > 2);
        Assert.Empty(result.RanOtherwise);
    }

    [Fact]
    public async Task A_database_without_history_is_rehearsed_and_has_none_after()
    {
        await using var database = await CreateAsync("t1", "t2");
        await database.ExecuteAsync("CREATE TABLE t2.customer (x int)");
        using var project = new FleetProject(database).With("1", Customer).With("2", """
            revision: aaaa0002
            parent: aaaa0001
            up:
              - sql: CREATE FUNCTION tenant_schema.f() RETURNS integer LANGUAGE sql AS 'SELECT 1'
                undo: DROP FUNCTION tenant_schema.f()
              - sql: DROP TABLE tenant_schema.customer
                undo: CREATE TABLE tenant_schema.customer ()
            """).With("3", """
            revision: aaaa0003
            parent: aaaa0002
            up:
              - sql: CREATE TABLE tenant_schema.customer ()
                undo: DROP TABLE tenant_schema.customer
            """);

        var results = await project.RehearseAsync(database, ["t1", "t2"], new() { ThrottleLimit = 2 });

        Assert.Equal([RehearsalStatus.Rehearsed, RehearsalStatus.WouldFail], results.Statuses());
        Assert.Equal("42P07", results[1].Failure!.SqlState);
        Assert.Equal(["aaaa0001", "aaaa0002", "aaaa0003"], results[0].Revisions);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname = 'tenancy'"));
    }

    [Fact]
    public async Task What_lands_elsewhere_is_found_and_what_is_declared_is_not()
    {
        await using var database = await CreateAsync("t1", "other");
        await database.ExecuteAsync("CREATE TABLE other.kept (id bigint)");
        using var project = new FleetProject(database).With("1", Customer).With("2", """
            revision: aaaa0002
            parent: aaaa0001
            touches: [other.kept]
            up:
              - sql: INSERT INTO other.kept VALUES (1)
                undo: SELECT 1
            """).With("3", """
            revision: aaaa0003
            parent: aaaa0002
            up:
              - sql: CREATE FUNCTION other.astray() RETURNS integer LANGUAGE sql AS 'SELECT 1'
                undo: SELECT 1
            """);

        var result = (await project.RehearseAsync(database, ["t1"])).Single();

        Assert.Equal(RehearsalStatus.WouldFail, result.Status);
        Assert.Equal("PlacementViolation", result.Failure!.ErrorId);
        Assert.Equal("aaaa0003", result.Failure.Revision);
        Assert.Equal(["aaaa0001", "aaaa0002"], result.Revisions);
    }

    [Fact]
    public async Task Each_tenant_stops_where_its_own_revision_fails_and_checks_count()
    {
        await using var database = await CreateAsync("t1", "t2", "t3", "t4", "t5");
        using var project = new FleetProject(database).With("1", Customer);
        var tenants = FleetProject.Tenants("t1", "t2", "t3", "t4", "t5");
        Outcome.AssertMigrated(await project.MigrateAsync(tenants));
        await database.ExecuteAsync("""
            ALTER TABLE t1.customer ADD age int;
            INSERT INTO t2.customer (email) VALUES ('a'), ('a');
            INSERT INTO t3.customer (email) VALUES ('deferred');
            INSERT INTO t4.customer (email) VALUES ('skip');
            INSERT INTO t5.customer (email) VALUES ('unverified')
            """);
        project.With("2", Positive).With("3", Unique).With("4", """
            revision: aaaa0004
            parent: aaaa0003
            requires:
              - sql: SELECT NOT EXISTS (SELECT FROM customer WHERE email = 'skip')
                on_fail: skip
                message: nobody is to be skipped
            verify:
              - sql: SELECT NOT EXISTS (SELECT FROM customer WHERE email = 'unverified')
            up:
              - sql: ALTER TABLE customer ADD CONSTRAINT twin EXCLUDE (email WITH =) DEFERRABLE INITIALLY DEFERRED
                undo: ALTER TABLE customer DROP CONSTRAINT twin
              - sql: INSERT INTO customer (email) SELECT email FROM customer WHERE email = 'never'
                undo: SELECT 1
            """).With("5", """
            revision: aaaa0005
            parent: aaaa0004
            up:
              - sql: |
                  CREATE FUNCTION tenant_schema.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''late''; END';
                  CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON customer DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tenant_schema.refuse();
                  UPDATE customer SET email = 'x' WHERE email = 'deferred'
                undo: SELECT 1
            """);

        var results = await project.RehearseAsync(database, ["t1", "t2", "t3", "t4", "t5"]);

        Assert.Equal(
            ["StatementFailed aaaa0002", "ConstraintViolated aaaa0003", "StatementFailed aaaa0005", " ", "VerificationFailed aaaa0004"],
            results.Select(static result => $"{result.Failure?.ErrorId} {result.Failure?.Revision}"));
        Assert.Equal([0, 1, 3, 2, 2], results.Select(static result => result.Revisions.Length));
        Assert.Contains("deferred", results[2].Error, StringComparison.Ordinal);
        Assert.Equal(RehearsalStatus.Skipped, results[3].Status);
        Assert.Contains("nobody is to be skipped", results[3].Step, StringComparison.Ordinal);
        var real = await project.MigrateAsync(tenants);
        Assert.Equal(real.Select(static result => (result.Failure, string.Join(' ', result.Revisions), string.Join(' ', result.To))), results.Select(static result => (result.Failure, string.Join(' ', result.Revisions), string.Join(' ', result.To))));
    }

    [Fact]
    public async Task An_undo_is_rehearsed_too()
    {
        await using var database = await CreateAsync("t1", "t2");
        using var project = new FleetProject(database).With("1", Customer).With("2", Positive);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1", "t2")));
        await database.ExecuteAsync("CREATE VIEW t2.ages AS SELECT age FROM t2.customer");

        var results = await project.RehearseAsync(database, ["t1", "t2"], new() { Direction = RevisionDirection.Down, To = "base" });

        Assert.Equal([RehearsalStatus.Rehearsed, RehearsalStatus.WouldFail], results.Statuses());
        Assert.Equal("down", results[0].Direction);
        Assert.Equal(["aaaa0002", "aaaa0001"], results[0].Revisions);
        Assert.Equal("2BP01", results[1].Failure!.SqlState);
    }

    [Fact]
    public async Task What_is_up_to_date_or_cannot_be_planned_for_is_said_without_trying()
    {
        await using var database = await CreateAsync("t1", "t2");
        using var project = new FleetProject(database).With("1", Customer);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1")));

        var results = await project.RehearseAsync(database, ["t1", "t2", "gone"], new() { To = "aaaa0001" });

        Assert.Equal([RehearsalStatus.UpToDate, RehearsalStatus.WouldFail, RehearsalStatus.Rehearsed], results.Statuses());
        Assert.Equal("SchemaMissing", results[1].Failure!.ErrorId);
        var sampled = await project.RehearseAsync(database, ["t1", "t2", "gone"], sample: 5);
        Assert.Equal(["gone", "t2"], sampled.Select(static result => result.Name));
    }

    [Fact]
    public async Task Arguments_are_checked_before_anything_is_locked()
    {
        await using var database = await CreateAsync("t1");
        using var project = new FleetProject(database).With("1", "revision: aaaa0001\narguments: {prefix: {type: text, secret: true}}\nup:\n  - sql: SELECT 1 / (length(${x.prefix}) - 11)\n    undo: SELECT 1");

        var missing = await Assert.ThrowsAsync<TenancyException>(() => project.RehearseAsync(database, ["t1"]));
        Assert.Equal("MissingArgument", missing.ErrorId);
        var unknown = await Assert.ThrowsAsync<TenancyException>(() => project.RehearseAsync(database, ["t1"], new() { Arguments = new Dictionary<string, string> { ["prefx"] = "" } }));
        Assert.Equal("UnknownArgument", unknown.ErrorId);
        Rehearsing.AssertNoError(await project.RehearseAsync(database, ["t1"], new() { Arguments = new Dictionary<string, string> { ["prefix"] = "x" } }));
        var failed = (await project.RehearseAsync(database, ["t1"], new() { Arguments = new Dictionary<string, string> { ["prefix"] = "secret word" } })).Single();
        Assert.Equal("22012", failed.Failure!.SqlState);
        Assert.DoesNotContain("secret word", System.Text.Json.JsonSerializer.Serialize(failed) + project.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lock_that_another_holds_is_no_verdict()
    {
        await using var database = await CreateAsync("t1", "t2");
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {lock: 100ms, tenant_lock: 300ms}").With("1", Customer);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1", "t2")));
        project.With("2", Positive);
        await using var holder = await database.HoldAsync("BEGIN; LOCK TABLE t1.customer IN ACCESS SHARE MODE");

        await using var fleet = project.Open();
        var results = await fleet.RehearseAsync(FleetProject.Tenants("t1", "t2"), new(), null, project.Log).ToListAsync();

        Assert.Equal([RehearsalStatus.NotRehearsed, RehearsalStatus.Rehearsed], results.Statuses());
        Assert.Equal("LockTimeout", results[0].Failure!.ErrorId);
    }

    [Fact]
    public async Task Cancelling_rolls_back_and_lets_go()
    {
        await using var database = await CreateAsync("t1", "t2", "t3");
        using var project = new FleetProject(database).With("1", Customer).With("2", "revision: aaaa0002\nparent: aaaa0001\nup:\n  - sql: SELECT pg_sleep(600)\n    undo: SELECT 1");
        var before = await Rehearsing.DumpAsync(database);
        using var stop = new CancellationTokenSource();
        await using var fleet = project.Open();
        var run = fleet.RehearseAsync(FleetProject.Tenants("t1", "t2", "t3"), new() { ThrottleLimit = 2 }, null, project.Log, stop.Token).ToListAsync().AsTask();
        await database.UntilAsync("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep')");

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        await database.AssertNoLocksAsync();
        Assert.Equal(before, await Rehearsing.DumpAsync(database));
    }

    private static async Task<TestDatabase> CreateAsync(params string[] schemas)
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared; " + string.Join(' ', schemas.Select(static schema => $"CREATE SCHEMA {schema};")));
        return database;
    }
}
