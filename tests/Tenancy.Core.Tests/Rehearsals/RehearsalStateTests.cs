using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Rehearsals;

/// <summary>Rehearsals from whatever state: histories that are old, moved or missing, steps of runs that died, plain roles, every kind of operation.</summary>
public sealed class RehearsalStateTests
{
    private const string Note = """
        revision: aaaa0001
        up:
          - create_table: {name: note, columns: [{name: id, type: bigint, identity: by default, primary_key: true}, {name: text, type: text}]}
        """;

    private const string Column = """
        revision: aaaa0002
        parent: aaaa0001
        up:
          - add_column: {table: note, name: number, type: integer}
          - sql: CREATE FUNCTION tenant_schema.one() RETURNS integer LANGUAGE sql AS 'SELECT 1'
            undo: DROP FUNCTION tenant_schema.one()
        """;

    [SkippableTheory]
    [InlineData("search_path")]
    [InlineData("token")]
    public async Task Whatever_a_run_can_do_a_rehearsal_can_up_and_down(string mode)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync(extensions: true);
        using var project = RichProject.Create(database, mode, extensions: true);
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE SCHEMA t1; CREATE SCHEMA t2");

        // Before any history, and with it.
        Rehearsing.AssertNoError(await project.RehearseAsync(database, ["t1", "t2"]));
        Outcome.AssertNoError(await project.MigrateAsync(FleetProject.Tenants("t1")));
        Rehearsing.AssertNoError(await project.RehearseAsync(database, ["t1", "t2"]));
        var down = Assert.Single(await project.RehearseAsync(database, ["t1"], new() { Direction = RevisionDirection.Down, To = "base" }));
        Rehearsing.AssertNoError([down]);
        Assert.Empty(down.To);
        Outcome.AssertNoError(await project.MigrateAsync(FleetProject.Tenants("t2")));
    }

    [Theory]
    [InlineData("version 1")]
    [InlineData("moved")]
    public async Task An_old_or_moved_history_is_taken_as_the_run_would_make_it_and_stays(string kind)
    {
        await using var database = await CreateAsync("t1");
        using var project = new FleetProject(database).With("1", Note);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1")));
        await (kind == "moved" ? database.ExecuteAsync("UPDATE tenancy.installation SET database_oid = 1") : HistoryUpgradeTests.ToVersion1Async(database));
        project.With("2", Column);

        Assert.Equal([RehearsalStatus.Rehearsed], (await project.RehearseAsync(database, ["t1"])).Statuses());
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1")));
    }

    [Fact]
    public async Task Steps_of_a_run_that_died_are_gone_on_with()
    {
        await using var database = await CreateAsync("t1", "t2", "t3");
        using var project = new FleetProject(database).With("1", Note);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1", "t2", "t3")));
        await database.ExecuteAsync("INSERT INTO t3.note (text) SELECT 'x' FROM generate_series(1, 25)");
        project.With("2", """
            revision: aaaa0002
            parent: aaaa0001
            up:
              - create_index: {name: note_text, table: note, columns: [text], concurrently: true}
            """).With("3", """
            revision: aaaa0003
            parent: aaaa0002
            down: {irreversible: enough}
            up:
              - update: {table: note, set: {text: y}, where: "text = 'x'", batch: {key: [id], size: 10}}
            """);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t3"), new() { To = "aaaa0002" }));
        await database.MarkStartedAsync(project, "t1", "aaaa0002");
        await database.MarkStartedAsync(project, "t2", "aaaa0002");
        await database.MarkStartedAsync(project, "t3", "aaaa0003");
        await database.ExecuteAsync("""
            UPDATE tenancy.stage SET position = '["20"]' WHERE schema = 't3';
            CREATE INDEX note_text ON t1.note (text);
            CREATE INDEX note_text ON t2.note (text);
            UPDATE pg_index SET indisvalid = false WHERE indexrelid = 't2.note_text'::regclass
            """);

        var results = await project.RehearseAsync(database, ["t1", "t2", "t3"]);

        Rehearsing.AssertNoError(results);
        Assert.Equal([RehearsalStatus.PartlyRehearsed, RehearsalStatus.Rehearsed, RehearsalStatus.Rehearsed], results.Statuses());
        Assert.Contains("is there already", Assert.Single(results[0].NotRehearsed).Message, StringComparison.Ordinal);
        Assert.Contains("without CONCURRENTLY", results[1].RanOtherwise[0].Message, StringComparison.Ordinal);
        Assert.Contains("1 batch", Assert.Single(results[2].RanOtherwise).Message, StringComparison.Ordinal);
        Assert.All(results, static result => Assert.Equal(["aaaa0003"], result.To));
    }

    [Fact]
    public async Task A_plain_role_rehearses_as_an_owner_and_one_that_may_not_make_the_history_is_told_so()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var roles = await TestRoles.CreateAsync("deploy", "owner", "reader");
        await database.ExecuteAsync($"GRANT CREATE ON DATABASE {database.Name} TO {roles["deploy"]}; GRANT {roles["owner"]} TO {roles["deploy"]}; CREATE SCHEMA shared; CREATE SCHEMA t1 AUTHORIZATION {roles["owner"]}");
        using var project = new FleetProject(Login(database, roles["deploy"]), $"fleet: test\nowner: {roles["owner"]}\ngrants: [{{to: {roles["reader"]}, on: tables, privileges: [select]}}]").With("1", Note);

        Assert.Equal([RehearsalStatus.Rehearsed], (await project.RehearseAsync(database, ["t1"])).Statuses());
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1")));
        project.With("2", Column);
        Assert.Equal([RehearsalStatus.Rehearsed], (await project.RehearseAsync(database, ["t1"])).Statuses());

        await database.ExecuteAsync("DROP SCHEMA tenancy CASCADE");
        await database.ExecuteAsync($"REVOKE CREATE ON DATABASE {database.Name} FROM {roles["deploy"]}");
        var result = Assert.Single(await project.RehearseAsync(database, ["t1"]));
        Assert.Equal((RehearsalStatus.NotRehearsed, "HistoryNotInstalled"), (result.Status, result.Failure!.ErrorId));
    }

    [Fact]
    public async Task Two_rehearsals_at_once_before_any_history_wait_for_each_other()
    {
        await using var database = await CreateAsync("t1", "t2", "t3");
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {tenant_lock: 120s}").With("1", Note).With("2", Column);
        await using var one = project.Open();
        await using var other = project.Open();
        var tenants = FleetProject.Tenants("t1", "t2", "t3");

        var both = await Task.WhenAll(one.RehearseAsync(tenants, new(), null, project.Log).ToListAsync().AsTask(), other.RehearseAsync(tenants, new(), null, project.Log).ToListAsync().AsTask());

        Assert.All(both, static results => Assert.Equal([RehearsalStatus.Rehearsed, RehearsalStatus.Rehearsed, RehearsalStatus.Rehearsed], results.Statuses()));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname = 'tenancy'"));
    }

    [Fact]
    public async Task A_tenant_that_a_run_has_is_not_rehearsed()
    {
        await using var database = await CreateAsync("t1");
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {tenant_lock: 300ms}").With("1", Note);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1")));
        project.With("2", Column);
        await using var holder = await database.HoldAsync("BEGIN; SELECT tenancy.lock('test', 'tenant', 't1')");
        await using var fleet = project.Open();

        var result = Assert.Single(await fleet.RehearseAsync(FleetProject.Tenants("t1"), new(), null, project.Log).ToListAsync());

        Assert.Equal((RehearsalStatus.NotRehearsed, "TenantInUse"), (result.Status, result.Failure!.ErrorId));
    }

    private static ConnectionSettings Login(TestDatabase database, string role) => new() { Host = database.Server.Host, Port = database.Server.Port, Database = database.Name, Username = role };

    private static async Task<TestDatabase> CreateAsync(params string[] schemas)
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared; " + string.Join(' ', schemas.Select(static schema => $"CREATE SCHEMA {schema};")));
        return database;
    }
}
