using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Scripts;

/// <summary>Steps outside a transaction.</summary>
public sealed class ScriptStepTests
{
    private const string Odd = "Ünï \"quoted\" 'x'";

    private const string Schemas = """CREATE SCHEMA shared; CREATE SCHEMA t1; CREATE SCHEMA "Ünï ""quoted"" 'x'";""";

    private const string Steps = """
        revision: aaaa0001
        up:
          - create_table: {name: thing, columns: [{name: id, type: integer}]}
          - create_table: {name: other, columns: [{name: id, type: integer}]}
        """;

    private const string Indexes = """"
        revision: aaaa0002
        parent: aaaa0001
        verify: [{sql: "SELECT count(*) = 1 FROM pg_class WHERE relname = 'thing_idx' AND relnamespace = '${tenant.quoted}'::regnamespace"}]
        up:
          - create_index: {name: thing_idx, table: thing, columns: [id], concurrently: true}
          - sql: CREATE INDEX CONCURRENTLY IF NOT EXISTS "odd ""idx""" ON other (id)
            undo: DROP INDEX CONCURRENTLY IF EXISTS "odd ""idx"""
          - sql: REINDEX INDEX CONCURRENTLY thing_idx
            undo: VACUUM tenant_schema.thing
          - sql: VACUUM (ANALYZE) tenant_schema.thing
            undo: SELECT 1
        """";

    [SkippableTheory]
    [InlineData("base", false)]
    [InlineData(null, true)]
    public async Task They_leave_what_the_run_leaves(string? from, bool asFiles)
    {
        var roles = await TestRoles.CreateAsync("owner");
        await using var twins = await Twins.CreateAsync(
            database => new FleetProject(database, $"fleet: test\nowner: {roles["owner"]}").With("1", Steps).With("2", Indexes),
            Schemas + $"ALTER SCHEMA t1 OWNER TO {roles["owner"]}; ALTER SCHEMA \"Ünï \"\"quoted\"\" 'x'\" OWNER TO {roles["owner"]}");

        await twins.MigrateAsync(FleetProject.Tenants(Odd, "t1"), new(), from is null ? null : [from], asFiles);
        await twins.MigrateAsync(FleetProject.Tenants(Odd, "t1"), Twins.Down("base"), from is null ? null : ["head"], asFiles);
    }

    [SkippableFact]
    public async Task An_index_that_is_there_is_an_error_before_the_mark()
    {
        await using var twins = await CreateAsync();
        await twins.MigrateAsync(FleetProject.Tenants("t1"), new() { To = "aaaa0001" }, ["base"]);
        await twins.Offline.ExecuteAsync("CREATE INDEX thing_idx ON t1.thing (id)");
        var script = await twins.WriteAsync(FleetProject.Tenants("t1"), new() { Migration = new(), From = ["aaaa0001"] });

        (await Psql.RunAsync(twins.Offline, script.Text)).Failed("index \"t1\".\"thing_idx\" is there already, and no run began it");

        Assert.Equal(0L, await twins.Offline.ScalarAsync<long>("SELECT count(*) FROM tenancy.stage"));
    }

    [SkippableTheory]
    [InlineData("thing (id)", true)]
    [InlineData("thing (id DESC)", false)]
    public async Task A_step_that_a_run_began_is_looked_at_before_it_is_repeated(string index, bool isSame)
    {
        await using var twins = await CreateAsync();
        await twins.MigrateAsync(FleetProject.Tenants("t1"), new() { To = "aaaa0001" }, ["base"]);
        var script = await twins.WriteAsync(FleetProject.Tenants("t1"), new() { Migration = new() });
        var end = script.Text.IndexOf("\nCREATE INDEX CONCURRENTLY", StringComparison.Ordinal);
        // As if the run had died in the middle of the step.
        await Psql.RunAsync(twins.Offline, script.Text[..end]);
        await twins.Offline.ExecuteAsync($"CREATE INDEX thing_idx ON t1.{index}");

        script = await twins.WriteAsync(FleetProject.Tenants("t1"), new() { Migration = new() });
        var ended = await Psql.RunAsync(twins.Offline, script.Text);

        if (isSame)
        {
            ended.Clean();
            Assert.Equal(["aaaa0002"], (await twins.Offline.QueryAsync("SELECT revision FROM tenancy.head")).Select(static row => row[0]));
        }
        else
        {
            ended.Failed("index \"t1\".\"thing_idx\" is not what the statement makes");
        }
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Done_when_says_whether_a_step_is_repeated(bool isDone)
    {
        await using var twins = await Twins.CreateAsync(
            static database => new FleetProject(database).With("1", Steps).With("2", """
                revision: aaaa0002
                parent: aaaa0001
                down: {irreversible: not of interest}
                up:
                  - sql: CALL tenant_schema.fill()
                    transaction: none
                    done_when: SELECT count(*) = 1 FROM tenant_schema.thing
                """),
            Schemas);
        await twins.MigrateAsync(FleetProject.Tenants("t1"), new() { To = "aaaa0001" }, ["base"]);
        await twins.Offline.ExecuteAsync("CREATE PROCEDURE t1.fill() LANGUAGE plpgsql AS 'BEGIN INSERT INTO t1.thing VALUES (7); COMMIT; END'");
        var script = await twins.WriteAsync(FleetProject.Tenants("t1"), new() { Migration = new() });
        await Psql.RunAsync(twins.Offline, script.Text[..script.Text.IndexOf("\nCALL", StringComparison.Ordinal)]);
        if (isDone)
        {
            await twins.Offline.ExecuteAsync("INSERT INTO t1.thing VALUES (3)");
        }

        script = await twins.WriteAsync(FleetProject.Tenants("t1"), new() { Migration = new() });
        (await Psql.RunAsync(twins.Offline, script.Text)).Clean();

        Assert.Equal(isDone ? 3 : 7, await twins.Offline.ScalarAsync<int>("SELECT id FROM t1.thing"));
        Assert.Equal(["aaaa0002"], (await twins.Offline.QueryAsync("SELECT revision FROM tenancy.head")).Select(static row => row[0]));
    }

    private static Task<Twins> CreateAsync() => Twins.CreateAsync(static database => new FleetProject(database).With("1", Steps).With("2", Indexes), Schemas);
}
