using Tenancy.Core.Planning;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Scripts;

/// <summary>The loop over tenants that are found when the script runs.</summary>
public sealed class ScriptLoopTests
{
    private const string Schemas = """CREATE SCHEMA shared; CREATE SCHEMA "t 1"; CREATE SCHEMA "t Ünï ""quoted"" 'x'"; CREATE SCHEMA "t-back\slash"; CREATE SCHEMA other; CREATE SCHEMA "T upper";""";

    private static readonly string[] Names = ["t 1", "t Ünï \"quoted\" 'x'", "t-back\\slash"];

    [SkippableTheory]
    [InlineData("search_path", TransactionMode.PerRevision)]
    [InlineData("search_path", TransactionMode.PerTenant)]
    [InlineData("token", TransactionMode.PerRevision)]
    public async Task It_leaves_what_the_run_leaves(string mode, TransactionMode transaction)
    {
        await using var twins = await Twins.CreateAsync(database => RichProject.Create(database, mode, extensions: false), Schemas);

        await AssertAlikeAsync(twins, new() { Transaction = transaction }, "base");
        await AssertAlikeAsync(twins, Twins.Down("base", transaction), "head");
    }

    [SkippableFact]
    public async Task Tenants_elsewhere_are_left_alone_and_reported()
    {
        await using var twins = await Twins.CreateAsync(Two, Schemas);
        await twins.MigrateAsync(FleetProject.Tenants(Names[0]), new() { To = "aaaa0001" }, ["base"]);
        await twins.MigrateAsync(FleetProject.Tenants(Names[1]), new(), ["base"]);
        var script = await twins.WriteAsync([], new() { Migration = new(), From = ["base"], SchemaPattern = "t*" });

        var end = (await Psql.RunAsync(twins.Offline, script.Text)).Failed("1 tenants are not where the script brings them: t 1 (at aaaa0001)");

        Assert.Contains("t Ünï \"quoted\" 'x' is there already", end.Error, StringComparison.Ordinal);
        Assert.Contains("t 1 is at aaaa0001 and is left alone: the script begins at base", end.Error, StringComparison.Ordinal);
        Assert.Equal(
            ["t 1:aaaa0001", "t Ünï \"quoted\" 'x':aaaa0002", "t-back\\slash:aaaa0002"],
            (await twins.Offline.QueryAsync("SELECT schema || ':' || revision FROM tenancy.head ORDER BY schema COLLATE \"C\"")).Select(static row => row[0]));
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_failing_tenant_is_reported_and_the_script_can_be_run_again(bool continues)
    {
        await using var twins = await Twins.CreateAsync(Two, Schemas + """CREATE TABLE "t 1".second (id integer)""");
        var script = await twins.WriteAsync([], new() { Migration = new() { Transaction = TransactionMode.PerTenant }, From = ["base"], SchemaPattern = "t*" });

        var end = (await Psql.RunAsync(twins.Offline, script.Text, continues ? ["-v", "continue_on_error=1"] : [])).Failed("relation \"second\" already exists");

        Assert.Equal(continues ? 2L : 0L, await twins.Offline.ScalarAsync<long>("SELECT count(*) FROM tenancy.head WHERE revision = 'aaaa0002'"));
        Assert.Equal(continues, end.Error.Contains("1 tenants are not where the script brings them: t 1 (at base)", StringComparison.Ordinal));
        await twins.Offline.ExecuteAsync("""DROP TABLE "t 1".second""");
        (await Psql.RunAsync(twins.Offline, script.Text)).Clean();
        Assert.Equal(3L, await twins.Offline.ScalarAsync<long>("SELECT count(*) FROM tenancy.head WHERE revision = 'aaaa0002'"));
        (await Psql.RunAsync(twins.Offline, script.Text)).Clean();
    }

    [Theory]
    [InlineData("up:\n  - create_index: {name: i, table: first, columns: [id], concurrently: true}", "NotForLoop", "cannot run in a transaction (CREATE INDEX)")]
    [InlineData("requires: [{sql: SELECT true, on_fail: skip}]\nup:\n  - drop_table: {name: first}\ndown: []", "NotForLoop", "on_fail: skip")]
    [InlineData("up:\n  - sql: 'CREATE TABLE \"${tenant.schema}_x\" (id integer)'\n    undo: SELECT 1", "NotForScript", "part of a name")]
    public async Task What_a_loop_cannot_do_is_refused(string manifest, string errorId, string message)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = Two(database).With("3", "revision: aaaa0003\nparent: aaaa0002\n" + manifest);
        await using var fleet = project.Open();

        var error = await Assert.ThrowsAsync<TenancyException>(async () => await fleet.ExportAsync([], new() { Migration = new(), From = ["base"], SchemaPattern = "t*" }).ToListAsync());

        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_name_that_could_end_a_body_is_refused()
    {
        await using var twins = await Twins.CreateAsync(database => Two(database).With("3", """
            revision: aaaa0003
            parent: aaaa0002
            up:
              - sql: CREATE FUNCTION tenant_schema.f() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM tenant_schema.first $$
                undo: DROP FUNCTION tenant_schema.f()
            """), Schemas + "CREATE SCHEMA \"t$$\"");
        var script = await twins.WriteAsync([], new() { Migration = new(), From = ["base"], SchemaPattern = "t*" });

        (await Psql.RunAsync(twins.Offline, script.Text)).Failed("a schema has a dollar sign in its name");

        Assert.Equal(0L, await twins.Offline.ScalarAsync<long>("SELECT count(*) FROM tenancy.head"));
    }

    private static async Task AssertAlikeAsync(Twins twins, MigrationRequest request, string from)
    {
        Outcome.AssertNoError(await twins.Project.MigrateAsync(FleetProject.Tenants(Names), request));
        await twins.RunAsync(await twins.WriteAsync([], new() { Migration = request, From = [from], SchemaPattern = "t[ -]*" }));
        await twins.AssertAlikeAsync();
    }

    private static FleetProject Two(TestDatabase database) => new FleetProject(database)
        .With("1", "revision: aaaa0001\nup:\n  - create_table: {name: first, columns: [{name: id, type: integer}]}")
        .With("2", "revision: aaaa0002\nparent: aaaa0001\nup:\n  - create_table: {name: second, columns: [{name: id, type: integer}]}");
}
