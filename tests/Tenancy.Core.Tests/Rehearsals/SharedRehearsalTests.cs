using Tenancy.Core.Manifests;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Rehearsals;

/// <summary>Pending shared revisions and hooks as parts of a rehearsal.</summary>
public sealed class SharedRehearsalTests
{
    private const string Users = """
        revision: bbbb0001
        scope: shared
        up:
          - create_table: {name: users, columns: [{name: id, type: bigint, primary_key: true}]}
        """;

    private const string Customer = """
        revision: aaaa0001
        depends_on: [bbbb0001]
        touches: [shared.users]
        up:
          - create_table: {name: customer, columns: [{name: id, type: bigint, primary_key: true}, {name: user_id, type: bigint}]}
          - sql: ALTER TABLE tenant_schema.customer ADD CONSTRAINT customer_user FOREIGN KEY (user_id) REFERENCES shared.users
            undo: ALTER TABLE tenant_schema.customer DROP CONSTRAINT customer_user
        """;

    [Theory]
    [InlineData("search_path")]
    [InlineData("token")]
    public async Task Tenants_see_the_shared_revisions_before_them(string mode)
    {
        await using var database = await CreateAsync("t1", "t2", "t3");
        using var project = new FleetProject(database, $"fleet: test\nmode: {mode}").With("s1", Users).With("1", Customer);
        await database.ExecuteAsync("CREATE TABLE t2.customer (x int)");

        var results = await project.RehearseAsync(database, ["t1", "t2", "t3"], new() { ThrottleLimit = 4 });

        Assert.Equal(["shared", "tenant", "tenant", "tenant"], results.Select(static result => result.Scope));
        Assert.Equal([RehearsalStatus.Rehearsed, RehearsalStatus.Rehearsed, RehearsalStatus.WouldFail, RehearsalStatus.Rehearsed], results.Statuses());
        Assert.Equal(["bbbb0001"], results[0].Revisions);
        Assert.Equal(["aaaa0001"], results[1].Revisions);
        Assert.All(results[1].Timings, static timing => Assert.Equal("aaaa0001", timing.Revision));
        Outcome.AssertMigrated((await project.MigrateAsync(FleetProject.Tenants("t1", "t3"))).Where(static result => result.Scope == "tenant"));

        // Now the table is there: the key's lock on it is told.
        await database.ExecuteAsync("DROP TABLE t2.customer");
        var last = Assert.Single(await project.RehearseAsync(database, ["t2"]));
        Assert.Equal("ShareRowExclusive shared.users", $"{last.Locks[0].Mode} {last.Locks[0].Schema}.{last.Locks[0].Relation}");
    }

    [Fact]
    public async Task A_shared_revision_that_fails_is_named_and_tenants_are_not_rehearsed()
    {
        await using var database = await CreateAsync("t1");
        using var project = new FleetProject(database).With("s1", Users).With("1", Customer);
        await database.ExecuteAsync("CREATE TABLE shared.users (x int)");

        var results = await project.RehearseAsync(database, ["t1"]);

        Assert.Equal([RehearsalStatus.WouldFail, RehearsalStatus.NotRehearsed], results.Statuses());
        Assert.Equal(["StatementFailed", "SharedFailed"], results.Select(static result => result.Failure!.ErrorId));
    }

    [Fact]
    public async Task What_waits_for_other_tenants_is_not_rehearsed_but_by_the_last()
    {
        await using var database = await CreateAsync("t1", "t2");
        using var project = new FleetProject(database).With("s1", Users).With("1", Customer).With("s2", """
            revision: bbbb0002
            parent: bbbb0001
            scope: shared
            depends_on: [aaaa0001]
            up:
              - add_column: {table: users, name: name, type: text}
            """).With("2", """
            revision: aaaa0002
            parent: aaaa0001
            depends_on: [bbbb0002]
            up:
              - sql: SELECT name FROM users
                undo: SELECT 1
            """);
        Outcome.AssertNoError(await project.MigrateAsync(FleetProject.Tenants("t1", "t2"), new() { To = "aaaa0001" }));
        Outcome.AssertNoError(await project.UndoAsync(FleetProject.Tenants("t1", "t2"), "base"));

        var results = await project.RehearseAsync(database, ["t1", "t2"]);

        Assert.All(results, static result => Assert.Equal(RehearsalStatus.PartlyRehearsed, result.Status));
        Assert.Equal(["bbbb0002", "aaaa0002", "aaaa0002"], results.Select(static result => Assert.Single(result.NotRehearsed).Revision));
        Outcome.AssertNoError(await project.MigrateAsync(FleetProject.Tenants("t1"), new() { To = "aaaa0001" }));
        var last = (await project.RehearseAsync(database, ["t2"])).Single(static result => result.Scope == "tenant");
        Assert.Equal(RehearsalStatus.Rehearsed, last.Status);
        Assert.Equal(["aaaa0001", "aaaa0002"], last.Revisions);
    }

    [Fact]
    public async Task A_tenant_that_changes_the_shared_schema_undeclared_is_found_while_shared_revisions_are_pending()
    {
        await using var database = await CreateAsync("t1");
        using var project = new FleetProject(database).With("s1", Users).With("1", """
            revision: aaaa0001
            depends_on: [bbbb0001]
            up:
              - sql: INSERT INTO shared.users VALUES (1)
                undo: SELECT 1
            """);

        var result = (await project.RehearseAsync(database, ["t1"]))[1];

        Assert.Equal((RehearsalStatus.WouldFail, "PlacementViolation"), (result.Status, result.Failure!.ErrorId));
    }

    [Fact]
    public async Task What_a_shared_revision_left_out_excuses_the_tenants()
    {
        await using var database = await CreateAsync("t1", "t2");
        using var project = new FleetProject(database).With("s1", "revision: bbbb0001\nscope: shared\ndown: {irreversible: enough}\nup:\n  - sql: CREATE TYPE shared.kind AS ENUM ('a')").With("1", """
            revision: aaaa0001
            depends_on: [bbbb0001]
            down: {irreversible: enough}
            up:
              - sql: CREATE TABLE note (kind shared.kind)
            """);
        Outcome.AssertNoError(await project.MigrateAsync(FleetProject.Tenants("t1", "t2")));
        project.With("s2", "revision: bbbb0002\nparent: bbbb0001\nscope: shared\ndown: {irreversible: enough}\nup:\n  - sql: ALTER TYPE shared.kind ADD VALUE 'b'").With("2", """
            revision: aaaa0002
            parent: aaaa0001
            depends_on: [bbbb0002]
            down: {irreversible: enough}
            up:
              - sql: INSERT INTO note VALUES ('b')
              - sql: ALTER TABLE note ADD other int
            """);
        await database.ExecuteAsync("ALTER TABLE t2.note ADD other int");

        var results = await project.RehearseAsync(database, ["t1", "t2"]);

        Assert.Equal([RehearsalStatus.Rehearsed, RehearsalStatus.PartlyRehearsed, RehearsalStatus.PartlyRehearsed], results.Statuses());
        Assert.Contains("s2.yaml", Assert.Single(results[1].NotRehearsed).Message, StringComparison.Ordinal);
        Assert.Equal([6, 7], results[2].NotRehearsed.Select(static note => note.Line!.Value));

        // What the shared revision itself cannot go on with is the tenants' reason too.
        project.With("s2", "revision: bbbb0002\nparent: bbbb0001\nscope: shared\ndown: {irreversible: enough}\nup:\n  - sql: CALL nothing()\n    transaction: none\n    done_when: SELECT false\n  - sql: SELECT 1 FROM shared.nothing");
        var ended = await project.RehearseAsync(database, ["t1"]);
        Assert.Equal([RehearsalStatus.PartlyRehearsed, RehearsalStatus.PartlyRehearsed], ended.Statuses());
        Assert.Equal(["bbbb0002", "bbbb0002"], ended[1].NotRehearsed.Select(static note => note.Revision));
    }

    [Fact]
    public async Task Hooks_are_rehearsed()
    {
        await using var database = await CreateAsync("t1", "t2");
        await database.ExecuteAsync("CREATE TABLE shared.log (what text); CREATE TABLE t2.stop (id int)");
        using var project = new FleetProject(database, """
            fleet: test
            hooks:
              before_run: INSERT INTO shared.log VALUES ('before')
              after_run: INSERT INTO shared.log VALUES ('after')
              after_tenant: SELECT 1 / (SELECT count(*) FROM shared.log WHERE what = 'before'); CREATE TABLE stop (id int)
            """).With("1", "revision: aaaa0001\nup:\n  - create_table: {name: customer, columns: [{name: id, type: bigint}]}");

        var results = await project.RehearseAsync(database, ["t1", "t2"]);

        Assert.Equal([RehearsalStatus.UpToDate, RehearsalStatus.Rehearsed, RehearsalStatus.WouldFail], results.Statuses());
        Assert.Equal(2, results[0].Statements.Length);
        Assert.Equal("42P07", results[2].Failure!.SqlState);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM shared.log"));
    }

    [Fact]
    public async Task One_scope_can_be_rehearsed_alone()
    {
        await using var database = await CreateAsync("t1");
        using var project = new FleetProject(database).With("s1", Users).With("1", Customer);

        var shared = Assert.Single(await project.RehearseAsync(database, [], new() { Scope = MigrationScope.Shared }));
        Assert.Equal(("shared", RehearsalStatus.Rehearsed), (shared.Scope, shared.Status));
        var tenant = Assert.Single(await project.RehearseAsync(database, ["t1"], new() { Scope = MigrationScope.Tenant }));
        Assert.Equal(RehearsalStatus.PartlyRehearsed, tenant.Status);
        Assert.Equal("aaaa0001", Assert.Single(tenant.NotRehearsed).Revision);
    }

    private static async Task<TestDatabase> CreateAsync(params string[] schemas)
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared; " + string.Join(' ', schemas.Select(static schema => $"CREATE SCHEMA {schema};")));
        return database;
    }
}
