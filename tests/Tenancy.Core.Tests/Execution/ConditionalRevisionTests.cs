using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Revisions that some tenants do not get: <c>on_fail: skip</c> and <c>on_fail: mark_applied</c>.</summary>
public sealed class ConditionalRevisionTests
{
    private const string First = """
        revision: aaaa0001
        up:
          - create_table: {name: thing, columns: [{name: id, type: integer}]}
        """;

    private const string Last = """
        revision: aaaa0003
        parent: aaaa0002
        up:
          - create_table: {name: last, columns: [{name: id, type: integer}]}
        """;

    [Theory]
    [InlineData(TransactionMode.PerRevision)]
    [InlineData(TransactionMode.PerTenant)]
    public async Task A_skipped_revision_and_what_follows_wait_until_the_tenant_is_ready(TransactionMode mode)
    {
        await using var database = await CreateAsync();
        using var project = Project(database, "skip");

        var results = await project.MigrateAsync(FleetProject.Tenants("t1", "t2"), new() { Transaction = mode });

        Assert.Equal(["Skipped: ran aaaa0001, marked , at aaaa0001", "Migrated: ran aaaa0001 aaaa0002 aaaa0003, marked , at aaaa0003"], results.Select(Describe));
        Assert.Equal("aaaa0002 is left out: only for t2", results[0].Step);
        Assert.Null(results[0].Failure);

        // Once, however often it is left out.
        Assert.Equal(MigrationStatus.Skipped, Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1"), new() { Transaction = mode })).Status);
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.history WHERE outcome = 'skipped' AND revision = 'aaaa0002' AND message = 'only for t2'"));

        await database.ExecuteAsync("INSERT INTO t1.ready VALUES (1)");
        var ready = Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1"), new() { Transaction = mode }));
        Assert.Equal("Migrated: ran aaaa0002 aaaa0003, marked , at aaaa0003", Describe(ready));
    }

    [Theory]
    [InlineData(TransactionMode.PerRevision, "")]
    [InlineData(TransactionMode.PerTenant, "")]
    [InlineData(TransactionMode.PerRevision, "  - create_index: {name: extra_idx, table: thing, columns: [id], concurrently: true}")]
    [InlineData(TransactionMode.PerTenant, "  - create_index: {name: extra_idx, table: thing, columns: [id], concurrently: true}")]
    public async Task A_marked_revision_counts_as_applied_and_is_not_run(TransactionMode mode, string more)
    {
        await using var database = await CreateAsync();
        using var project = Project(database, "mark_applied", more);

        var results = await project.MigrateAsync(FleetProject.Tenants("t1", "t2"), new() { Transaction = mode });

        Assert.Equal(["Migrated: ran aaaa0001 aaaa0003, marked aaaa0002, at aaaa0003", "Migrated: ran aaaa0001 aaaa0002 aaaa0003, marked , at aaaa0003"], results.Select(Describe));
        Assert.Equal("t2.extra t1.last t2.last", await ThereAsync(database, "t1.extra", "t2.extra", "t1.last", "t2.last"));
        Assert.Equal("not run, marked as applied: only for t2", await database.ScalarAsync<string>("SELECT message FROM tenancy.history WHERE schema = 't1' AND revision = 'aaaa0002' AND outcome = 'done'"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.stage"));
        Assert.All(await project.MigrateAsync(FleetProject.Tenants("t1", "t2")), static result => Assert.Equal(MigrationStatus.UpToDate, result.Status));
    }

    [Fact]
    public async Task A_revision_that_begins_outside_a_transaction_can_be_marked_or_skipped()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("1", First).With("2", Index("mark_applied", "aaaa0002", "aaaa0001")).With("3", Index("skip", "aaaa0003", "aaaa0002"));

        var results = await project.MigrateAsync(FleetProject.Tenants("t1", "t2"));

        Assert.Equal(["Skipped: ran aaaa0001, marked aaaa0002, at aaaa0002", "Migrated: ran aaaa0001 aaaa0002 aaaa0003, marked , at aaaa0003"], results.Select(Describe));
        Assert.Equal("t2.aaaa0002_idx t2.aaaa0003_idx", await ThereAsync(database, "t1.aaaa0002_idx", "t1.aaaa0003_idx", "t2.aaaa0002_idx", "t2.aaaa0003_idx"));
    }

    [Fact]
    public async Task Other_branches_go_on_where_one_is_skipped()
    {
        await using var database = await CreateAsync();
        using var project = Project(database, "skip").With("4", """
            revision: cccc0001
            parent: aaaa0001
            labels: [other]
            up:
              - create_table: {name: other, columns: [{name: id, type: integer}]}
            """);

        var results = await project.MigrateAsync(FleetProject.Tenants("t1", "t2"), new() { To = "heads" });

        Assert.Equal("Skipped: ran aaaa0001 cccc0001, marked , at cccc0001", Describe(results[0]));
        Assert.Equal(["aaaa0003", "cccc0001"], results[1].To);
        await database.ExecuteAsync("INSERT INTO t1.ready VALUES (1)");
        Assert.Equal(["aaaa0003", "cccc0001"], Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1"), new() { To = "heads" })).To);
    }

    [Fact]
    public async Task Counted_steps_end_at_what_is_skipped()
    {
        await using var database = await CreateAsync();
        using var project = Project(database, "skip");

        var result = Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1"), new() { Steps = 2 }));

        Assert.Equal("Skipped: ran aaaa0001, marked , at aaaa0001", Describe(result));
    }

    [Fact]
    public async Task An_undo_asks_nothing()
    {
        await using var database = await CreateAsync();
        using var project = Project(database, "mark_applied");
        await project.MigrateAsync(FleetProject.Tenants("t2"));
        await database.ExecuteAsync("DELETE FROM t2.ready");

        var undone = Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t2"), new() { Direction = RevisionDirection.Down, To = "aaaa0001" }));

        Assert.Equal("Migrated: ran aaaa0003 aaaa0002, marked , at aaaa0001", Describe(undone));
        Assert.Equal("", await ThereAsync(database, "t2.extra"));
    }

    private static async Task<TestDatabase> CreateAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA t1; CREATE SCHEMA t2; CREATE TABLE t1.ready (id integer); CREATE TABLE t2.ready AS SELECT 1 AS id");
        return database;
    }

    private static FleetProject Project(TestDatabase database, string onFail, string more = "") => new FleetProject(database).With("1", First).With("3", Last).With("2", $$"""
        revision: aaaa0002
        parent: aaaa0001
        requires:
          - {sql: SELECT count(*) > 0 FROM tenant_schema.ready, on_fail: {{onFail}}, message: only for t2}
        up:
          - create_table: {name: extra, columns: [{name: id, type: integer}]}
        {{more}}
        """);

    private static string Index(string onFail, string revision, string parent) => $$"""
        revision: {{revision}}
        parent: {{parent}}
        requires:
          - {sql: SELECT count(*) > 0 FROM tenant_schema.ready, on_fail: {{onFail}}, message: only for t2}
        up:
          - create_index: {name: {{revision}}_idx, table: thing, columns: [id], concurrently: true}
        """;

    private static string Describe(MigrationResult result) =>
        $"{result.Status}: ran {string.Join(' ', result.Revisions)}, marked {string.Join(' ', result.MarkedApplied)}, at {string.Join(' ', result.To)}";

    // Those of the relations that there are.
    private static async Task<string> ThereAsync(TestDatabase database, params string[] relations) => (await database.ScalarAsync<string>(
        $"SELECT coalesce(string_agg(r, ' ' ORDER BY i), '') FROM unnest(ARRAY['{string.Join("', '", relations)}']) WITH ORDINALITY AS u (r, i) WHERE to_regclass(r) IS NOT NULL"))!;
}
