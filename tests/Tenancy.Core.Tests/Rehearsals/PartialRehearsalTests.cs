using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Tenants;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Rehearsals;

/// <summary>What one transaction cannot run as it is: plain forms, batches, and what is named as not rehearsed.</summary>
public sealed class PartialRehearsalTests
{
    private const string Note = """
        revision: aaaa0001
        up:
          - create_table: {name: note, columns: [{name: id, type: bigint, identity: by default, primary_key: true}, {name: text, type: text}]}
        """;

    [SkippableTheory]
    [InlineData("search_path", false)]
    [InlineData("token", false)]
    [InlineData("search_path", true)]
    public async Task Concurrent_forms_run_as_plain_ones_behind_a_pooler_too(string mode, bool isPooled)
    {
        await using var database = await CreateAsync("t1", "t2", "t3", "t4");
        await using var pooler = isPooled ? await PgBouncerServer.StartAsync(database.Server, 2) : null;
        using var project = new FleetProject(database, $"fleet: test\nmode: {mode}").With("1", Note);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1", "t2", "t3", "t4")));
        await database.ExecuteAsync("""
            INSERT INTO t2.note (text) VALUES ('a'), ('a');
            CREATE INDEX note_text ON t3.note (text);
            CREATE INDEX note_text ON t4.note (text);
            UPDATE pg_index SET indisvalid = false WHERE indexrelid = 't4.note_text'::regclass
            """);
        project.With("2", """
            revision: aaaa0002
            parent: aaaa0001
            up:
              - create_index: {name: note_text, table: note, columns: [text], unique: true, concurrently: true}
              - sql: REINDEX (CONCURRENTLY, VERBOSE) TABLE tenant_schema.note
                undo: SELECT 1
              - sql: VACUUM tenant_schema.note
                undo: SELECT 1
              - sql: DROP INDEX CONCURRENTLY tenant_schema.note_text
                undo: SELECT 1
            """);
        if (pooler is not null)
        {
            project.Connection = new ConnectionSettings { Host = pooler.Host, Port = pooler.Port, Database = database.Name, Username = "postgres" };
        }

        var results = (await project.RehearseAsync(database, ["t1", "t2", "t3", "t4"], new() { ThrottleLimit = 2 })).OrderBy(static result => result.Name, StringComparer.Ordinal).ToList();

        Assert.Equal([RehearsalStatus.PartlyRehearsed, RehearsalStatus.WouldFail, RehearsalStatus.WouldFail, RehearsalStatus.PartlyRehearsed], results.Statuses());
        Assert.Equal(["", "ConstraintViolated", "IndexExists", ""], results.Select(static result => result.Failure?.ErrorId ?? ""));
        Assert.Equal([4, 5, 9], results[0].RanOtherwise.Select(static note => note.Line!.Value));
        Assert.Contains("CREATE INDEX", results[0].RanOtherwise[0].Message, StringComparison.Ordinal);
        Assert.Equal([(7, "sql")], results[0].NotRehearsed.Select(static note => (note.Line!.Value, note.Operation!)));
        Assert.Equal(["aaaa0002"], results[0].To);
        var held = Assert.Single(results[0].Locks, static held => held.Relation == "note");
        Assert.Equal(("AccessExclusive", true), (held.Mode, held.IsOfPlainForm));
    }

    [Fact]
    public async Task An_enum_value_that_is_used_is_not_rehearsed_and_what_follows_is_as_far_as_it_can_be()
    {
        await using var database = await CreateAsync("t1", "t2", "t3");
        using var project = new FleetProject(database).With("1", """
            revision: aaaa0001
            up:
              - sql: CREATE TYPE tenant_schema.mood AS ENUM ('good'); CREATE TABLE entry (mood tenant_schema.mood, n int)
                undo: DROP TABLE entry; DROP TYPE tenant_schema.mood
            """);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1", "t2", "t3")));
        await database.ExecuteAsync("INSERT INTO t2.entry VALUES ('good', 1), ('good', 1)");
        await database.ExecuteAsync("INSERT INTO t3.entry VALUES ('good', 7)");
        project.With("2", """
            revision: aaaa0002
            parent: aaaa0001
            down: {irreversible: enum values stay}
            up:
              - sql: ALTER TYPE tenant_schema.mood ADD VALUE 'bad'
              - sql: ALTER TABLE entry ADD CHECK (n <> 7)
              - sql: INSERT INTO entry VALUES ('bad', 2)
            """).With("3", """
            revision: aaaa0003
            parent: aaaa0002
            down: {irreversible: enough}
            up:
              - sql: ALTER TABLE entry ADD UNIQUE (n)
              - sql: ALTER TABLE entry ADD later int
            """);

        var results = await project.RehearseAsync(database, ["t1", "t2", "t3"]);

        Assert.Equal([RehearsalStatus.PartlyRehearsed, RehearsalStatus.PartlyRehearsed, RehearsalStatus.WouldFail], results.Statuses());
        var note = Assert.Single(results[0].NotRehearsed);
        Assert.Equal((7, "aaaa0002"), (note.Line!.Value, note.Revision));
        Assert.Contains("2.yaml:5", note.Message, StringComparison.Ordinal);
        Assert.Equal(["aaaa0003"], results[0].To);

        // After something was left out a failure is no verdict, before it is one.
        Assert.Equal(["aaaa0002"], results[1].To);
        Assert.Contains("not rehearsed from here on", results[1].NotRehearsed[^1].Message, StringComparison.Ordinal);
        Assert.Equal("23514", results[2].Failure!.SqlState);
    }

    [Fact]
    public async Task A_step_outside_transactions_is_named_and_what_follows_is_tried()
    {
        await using var database = await CreateAsync("t1");
        using var project = new FleetProject(database).With("1", Note).With("2", """
            revision: aaaa0002
            parent: aaaa0001
            arguments: {table: {type: identifier, secret: true}}
            down: {irreversible: enough}
            up:
              - sql: CREATE PROCEDURE tenant_schema.fill() LANGUAGE plpgsql AS 'BEGIN CREATE TABLE filled (id int); COMMIT; END'
              - sql: CALL tenant_schema.fill()
                transaction: none
                done_when: SELECT to_regclass('filled') IS NOT NULL
              - sql: ALTER TABLE note ADD number int
              - sql: ALTER TABLE "${x.table}" ADD number int
              - sql: ALTER TABLE note ADD other int
            """);

        var result = (await project.RehearseAsync(database, ["t1"], new() { Arguments = new Dictionary<string, string> { ["table"] = "filled" } })).Single();

        Assert.Equal(RehearsalStatus.PartlyRehearsed, result.Status);
        Assert.Null(result.Failure);
        Assert.Equal([7, 11], result.NotRehearsed.Select(static note => note.Line!.Value));
        Assert.Contains("transaction: none", result.NotRehearsed[0].Message, StringComparison.Ordinal);
        Assert.True(result.NotRehearsed[1].Message.Contains("does not exist", StringComparison.Ordinal), result.NotRehearsed[1].Message);
        Assert.DoesNotContain("filled", result.NotRehearsed[1].Message, StringComparison.Ordinal);
        Assert.Contains(result.Statements, static statement => statement.Line == 10);
        Assert.Equal(["aaaa0001"], result.To);
    }

    [Fact]
    public async Task Batches_run_in_a_row_and_their_pauses_are_told()
    {
        await using var database = await CreateAsync("t1", "t2");
        using var project = new FleetProject(database).With("1", Note);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1", "t2")));
        await database.ExecuteAsync("INSERT INTO t1.note (text) SELECT 'x' FROM generate_series(1, 25); INSERT INTO t2.note (text) SELECT 'x' FROM generate_series(1, 25); ALTER TABLE t2.note ADD CHECK (id <> 17 OR text = 'x')");
        project.With("2", """
            revision: aaaa0002
            parent: aaaa0001
            down: {irreversible: enough}
            verify:
              - sql: SELECT NOT EXISTS (SELECT FROM note WHERE text = 'x')
            up:
              - update: {table: note, set: {text: y}, where: "text = 'x'", batch: {key: [id], size: 10, pause: 30s}}
            """);

        var results = await project.RehearseAsync(database, ["t1", "t2"]);

        Assert.Equal([RehearsalStatus.Rehearsed, RehearsalStatus.WouldFail], results.Statuses());
        Assert.Contains("3 batches", Assert.Single(results[0].RanOtherwise).Message, StringComparison.Ordinal);
        Assert.Equal(60, results[0].PauseSeconds);
        Assert.Single(results[0].Statements);
        Assert.Equal("RowExclusive", results[0].Locks.First(static held => held.Relation == "note").Mode);
        Assert.Equal("23514", results[1].Failure!.SqlState);
    }

    [Theory]
    [InlineData(TransactionMode.PerRevision)]
    [InlineData(TransactionMode.PerTenant)]
    public async Task A_constraint_and_its_validation_are_rehearsed_together(TransactionMode mode)
    {
        await using var database = await CreateAsync("t1", "t2");
        using var project = new FleetProject(database).With("1", Note);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1", "t2")));
        await database.ExecuteAsync("INSERT INTO t2.note (text) VALUES (NULL)");
        project.With("2", """
            revision: aaaa0002
            parent: aaaa0001
            up:
              - sql: ALTER TABLE note ADD CONSTRAINT note_text CHECK (text IS NOT NULL) NOT VALID; ALTER TABLE note VALIDATE CONSTRAINT note_text
                undo: ALTER TABLE note DROP CONSTRAINT note_text
            """);

        var results = await project.RehearseAsync(database, ["t1", "t2"], new() { Transaction = mode });

        Assert.Equal([RehearsalStatus.Rehearsed, RehearsalStatus.WouldFail], results.Statuses());
        Assert.Equal("23514", results[1].Failure!.SqlState);
    }

    [Fact]
    public async Task AllTenants_refuses_what_needs_a_commit_as_the_run_does()
    {
        await using var database = await CreateAsync("t1");
        using var project = new FleetProject(database).With("1", Note).With("2", "revision: aaaa0002\nparent: aaaa0001\nup:\n  - create_index: {name: note_text, table: note, columns: [text], concurrently: true}");

        var result = (await project.RehearseAsync(database, ["t1"], new() { Transaction = TransactionMode.AllTenants })).Single();

        Assert.Equal((RehearsalStatus.WouldFail, "CommitNeeded"), (result.Status, result.Failure!.ErrorId));
    }

    private static async Task<TestDatabase> CreateAsync(params string[] schemas)
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared; " + string.Join(' ', schemas.Select(static schema => $"CREATE SCHEMA {schema};")));
        return database;
    }
}
