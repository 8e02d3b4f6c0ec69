using Tenancy.Core.Planning;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Scripts;

/// <summary>What a revision requires decides in the script as it does in a run; what it verifies, too.</summary>
public sealed class ScriptDecisionTests
{
    private const string Odd = "Ünï \"quoted\" 'x'";

    // t1 meets what is required, the other does not.
    private const string Schemas = """
        CREATE SCHEMA shared; CREATE SCHEMA t1; CREATE SCHEMA "Ünï ""quoted"" 'x'"; CREATE TABLE t1.own AS SELECT true AS found; CREATE TABLE "Ünï ""quoted"" 'x'".own AS SELECT false AS found
        """;

    private const string First = """
        revision: aaaa0001
        up:
          - create_table: {name: thing, columns: [{name: id, type: integer, primary_key: true}]}
        """;

    [SkippableTheory]
    [InlineData("skip", TransactionMode.PerRevision)]
    [InlineData("skip", TransactionMode.PerTenant)]
    [InlineData("mark_applied", TransactionMode.PerRevision)]
    [InlineData("mark_applied", TransactionMode.PerTenant)]
    [InlineData("warn", TransactionMode.PerTenant)]
    public async Task A_requirement_decides(string onFail, TransactionMode transaction)
    {
        await using var twins = await CreateAsync($$"""
            revision: aaaa0002
            parent: aaaa0001
            requires:
              - {sql: "SELECT true", on_fail: skip}
              - sql: SELECT found FROM tenant_schema.own
                on_fail: {{onFail}}
                message: it's not \ "there"
              - {sql: "SELECT found FROM tenant_schema.own", on_fail: mark_applied, message: second}
              - {sql: "SELECT 1 = 1"}
            up:
              - add_column: {table: thing, name: two, type: integer}
            """);

        await twins.MigrateAsync(FleetProject.Tenants(Odd, "t1"), new() { Transaction = transaction }, ["base"]);

        Assert.Equal(1L, await twins.Offline.ScalarAsync<long>("SELECT count(*) FROM pg_attribute WHERE attname = 'two'"));
    }

    [SkippableTheory]
    [InlineData("skip", TransactionMode.PerRevision)]
    [InlineData("mark_applied", TransactionMode.PerRevision)]
    [InlineData("mark_applied", TransactionMode.PerTenant)]
    [InlineData("skip", TransactionMode.PerTenant)]
    public async Task A_requirement_of_a_revision_of_several_stages_decides_for_all(string onFail, TransactionMode transaction)
    {
        await using var twins = await CreateAsync($$"""
            revision: aaaa0002
            parent: aaaa0001
            requires:
              - {sql: "SELECT found FROM tenant_schema.own", on_fail: {{onFail}}}
            up:
              - sql: CREATE TYPE tenant_schema.colour AS ENUM ('red')
                undo: DROP TYPE tenant_schema.colour
              - sql: ALTER TYPE tenant_schema.colour ADD VALUE 'blue'
                undo: SELECT 1
              - sql: CREATE TABLE tenant_schema.painted AS SELECT 'blue'::tenant_schema.colour AS colour
                undo: DROP TABLE tenant_schema.painted
            """);

        await twins.MigrateAsync(FleetProject.Tenants(Odd, "t1"), new() { Transaction = transaction }, ["base"]);
        await twins.MigrateAsync(FleetProject.Tenants("t1"), Twins.Down("base", transaction), ["head"]);
    }

    [SkippableTheory]
    [InlineData("skip")]
    [InlineData("mark_applied")]
    public async Task A_requirement_decides_on_a_step_outside_a_transaction(string onFail)
    {
        await using var twins = await CreateAsync($$"""
            revision: aaaa0002
            parent: aaaa0001
            requires:
              - {sql: "SELECT found FROM tenant_schema.own", on_fail: {{onFail}}}
            up:
              - create_index: {name: thing_idx, table: thing, columns: [id], concurrently: true}
              - add_column: {table: thing, name: two, type: integer}
            """);

        await twins.MigrateAsync(FleetProject.Tenants(Odd, "t1"), new(), ["base"]);
    }

    [SkippableTheory]
    [InlineData("requires", "SELECT count(*) = 1 FROM tenant_schema.thing")]
    [InlineData("verify", "SELECT count(*) = 1 FROM tenant_schema.thing")]
    public async Task A_check_that_does_not_hold_ends_the_script_and_rolls_back(string kind, string query)
    {
        await using var twins = await CreateAsync($$"""
            revision: aaaa0002
            parent: aaaa0001
            {{kind}}:
              - {sql: "{{query}}", message: "not 'as' it should be"}
            up:
              - add_column: {table: thing, name: two, type: integer}
            """);
        var script = await twins.WriteAsync(FleetProject.Tenants(Odd, "t1"), new() { Migration = new() { Transaction = TransactionMode.PerTenant }, From = ["base"] });

        (await Psql.RunAsync(twins.Offline, script.Text)).Failed("revision aaaa0002: not 'as' it should be");

        Assert.Equal(0L, await twins.Offline.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname = 'thing'"));
        Assert.Equal(0L, await twins.Offline.ScalarAsync<long>("SELECT count(*) FROM tenancy.history"));
    }

    private static Task<Twins> CreateAsync(string second) => Twins.CreateAsync(
        database => new FleetProject(database).With("1", First).With("2", second).With("3", """
            revision: aaaa0003
            parent: aaaa0002
            up:
              - create_table: {name: third, columns: [{name: id, type: integer}]}
            """).With("b", """
            revision: bbbb0001
            parent: aaaa0001
            labels: [other]
            up:
              - create_table: {name: branch, columns: [{name: id, type: integer}]}
            """).With("m", "revision: cccc0001\nparent: [aaaa0003, bbbb0001]\nup: []\ndown: []"),
        Schemas);
}
