using Tenancy.Core.Manifests;
using Tenancy.Core.Operations;
using Tenancy.Core.Sql;
using Xunit;

namespace Tenancy.Core.Tests.Manifests;

public sealed class ManifestReaderTests
{
    private const string Invoice = """
        revision: 7c1e04b2                # unique
        parent: [3fa9d210, 4aa9d210]
        depends_on: [shared-2b77]
        labels: [billing]
        scope: tenant
        description: Invoices
        touches: [shared.users, shared.*, database]
        up:
          - create_table:
              name: invoice
              columns:
                - {name: id, type: bigint, identity: by default, primary_key: true}
                - {name: order_id, type: bigint, nullable: false, references: {table: orders, column: id, on_delete: cascade}}
                - {name: total, type: "numeric(14,2)", nullable: false}
          - create_index: {name: invoice_order_idx, table: invoice, columns: [order_id]}
          - sql: |
              INSERT INTO tenant_schema.setting (key, value) VALUES ('invoice_prefix', ${x.prefix});
            undo: DELETE FROM tenant_schema.setting WHERE key = 'invoice_prefix'
            lock_timeout: 2s
            statement_timeout: 5min
        down: auto
        requires:
          - {sql: "SELECT true", on_fail: skip, message: Needs orders.}
        verify:
          - SELECT count(*) = 1 FROM tenant_schema.setting
          - {sql: SELECT true, message: Never}
        arguments:
          prefix: {type: text, default: INV-, allowed: [INV-, R-], description: Before each number}
        data: true
        suppress:
          - {rule: missing-index, reason: Small table}
        """;

    [Fact]
    public void Reads_the_whole_form()
    {
        var manifest = TestProject.ReadText(Invoice);

        Assert.Equal("7c1e04b2", manifest.Revision);
        Assert.Equal(["3fa9d210", "4aa9d210"], manifest.Parents.AsEnumerable());
        Assert.Equal(["shared-2b77"], manifest.DependsOn.AsEnumerable());
        Assert.Equal(["billing"], manifest.Labels.AsEnumerable());
        Assert.Equal(MigrationScope.Tenant, manifest.Scope);
        Assert.Equal("Invoices", manifest.Description);
        Assert.Equal([new Touch("shared", "users"), new Touch("shared", "*"), new Touch("*", "")], manifest.Touches.AsEnumerable());
        Assert.Equal(["create_table", "create_index", "sql"], manifest.Up.Select(static up => up.Operation.Name));
        Assert.Equal(["sql", "drop_index", "drop_table"], manifest.Down.Select(static down => down.Operation.Name));
        Assert.Equal(TimeSpan.FromSeconds(2), manifest.Up[2].Operation.LockTimeout);
        Assert.Equal(TimeSpan.FromMinutes(5), manifest.Down[0].Operation.StatementTimeout);
        Assert.Equal((OnFail.Skip, "Needs orders."), (manifest.Requires[0].OnFail, manifest.Requires[0].Message));
        Assert.Equal([null, "Never"], manifest.Verify.Select(static verify => verify.Message));
        var argument = Assert.Single(manifest.Arguments);
        Assert.Equal(("prefix", "text", "INV-", "Before each number", false), (argument.Name, argument.Type, argument.Default, argument.Description, argument.IsSecret));
        Assert.Equal(["INV-", "R-"], argument.Allowed.AsEnumerable());
        Assert.True(manifest.Data);
        Assert.Equal([("missing-index", "Small table", 31)], manifest.Suppress.Select(static suppression => (suppression.Rule, suppression.Reason, suppression.Position.Line)));
        Assert.Equal("m.yaml:1:11", manifest.Position.ToString());
        Assert.Null(manifest.Irreversible);
    }

    [Fact]
    public void A_manifest_may_be_short()
    {
        var manifest = TestProject.ReadText("revision: r1\nup:\n- sql: SELECT 1\n  undo: SELECT 2");

        Assert.Empty(manifest.Parents);
        Assert.Equal("", manifest.Description);
        Assert.Equal(["SELECT 1"], TestProject.SqlOf(manifest.Up));
        Assert.Equal(["SELECT 2"], TestProject.SqlOf(manifest.Down));
    }

    [Theory]
    [InlineData("12345678")]
    [InlineData("0012e4")]
    [InlineData("1e10")]
    [InlineData("0x1F")]
    [InlineData("true")]
    [InlineData("no")]
    [InlineData("2024-01-01")]
    public void Ids_are_text_as_written(string id) => Assert.Equal(id, TestProject.ReadText($"revision: {id}\nup: [sql: SELECT 1]\ndown: []").Revision);

    [Fact]
    public void Irreversible_says_why()
    {
        var manifest = TestProject.ReadUp("- drop_table: {name: a}", "down: {irreversible: Rows are gone}");

        Assert.Equal("Rows are gone", manifest.Irreversible);
        Assert.Empty(manifest.Down);
    }

    [Fact]
    public void A_merge_may_have_no_operation()
    {
        Assert.Empty(TestProject.ReadText("revision: m1\nparent: [a, b]").Up);
        Assert.Contains("no operation in 'up'", TestProject.ErrorOf("revision: m1\nparent: [a]"), StringComparison.Ordinal);
        Assert.StartsWith("m.yaml:2:5: The manifest has no operation in 'up'.", TestProject.ErrorOf("revision: m1\nup: []"), StringComparison.Ordinal);
    }

    [Fact]
    public void Outside_a_transaction_an_operation_has_one_statement_and_a_query_that_tells_whether_it_is_done()
    {
        var manifest = TestProject.ReadUp("- sql: CALL tenant_schema.refill()\n  transaction: none\n  done_when: SELECT count(*) > 0 FROM tenant_schema.filled");

        var statement = Assert.Single(manifest.Up[0].Statements);
        Assert.False(statement.IsTransactional);
        Assert.Equal("SELECT count(*) > 0 FROM \"t1\".filled", statement.DoneWhen!.Render(new SqlValues { TenantSchema = "t1", SharedSchema = "shared" }));
    }

    [Theory]
    [InlineData("- sql: CALL a()\n  transaction: none", "m.yaml:4:18: 'transaction: none' needs 'done_when' beside it")]
    [InlineData("- sql: CALL a()\n  done_when: SELECT true", "m.yaml:4:16: 'done_when' belongs to 'transaction: none'")]
    [InlineData("- sql: CALL a(); CALL b()\n  transaction: none\n  done_when: SELECT true", "m.yaml:3:5: 'transaction: none' takes one statement; here are 2")]
    [InlineData("- sql: CALL a()\n  transaction: none\n  done_when: SELECT true; SELECT false", "m.yaml:5:16: 'done_when' must be one query that gives one boolean; here are 2")]
    [InlineData("- sql: CALL a()\n  transaction: non\n  done_when: SELECT true", "m.yaml:4:18: 'transaction' must be 'none', not 'non'. Did you mean 'none'?")]
    public void Mistakes_about_transactions_are_told(string up, string error) => Assert.StartsWith(error, TestProject.ErrorOfUp(up), StringComparison.Ordinal);

    [Theory]
    [InlineData("ALTER TABLE a DETACH PARTITION b CONCURRENTLY", "done_when: SELECT NOT EXISTS (SELECT FROM pg_inherits")]
    [InlineData("CREATE DATABASE d", "done_when: SELECT EXISTS (SELECT FROM pg_database")]
    [InlineData("DROP TABLESPACE s", "done_when: SELECT NOT EXISTS (SELECT FROM pg_tablespace")]
    [InlineData("CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p", "done_when: SELECT EXISTS (SELECT FROM pg_subscription")]
    [InlineData("ALTER SUBSCRIPTION s ADD PUBLICATION p", "done_when: SELECT subpublications")]
    public void What_is_not_to_be_repeated_needs_a_query_that_tells_whether_it_is_done(string sql, string example)
    {
        var error = TestProject.ErrorOfUp($"- sql: {sql}");
        Assert.StartsWith("m.yaml:3:10: After a lost connection", error, StringComparison.Ordinal);
        Assert.Contains(example, error, StringComparison.Ordinal);

        Assert.NotNull(Assert.Single(TestProject.ReadUp($"- sql: {sql}\n  transaction: none\n  done_when: SELECT true").Up[0].Statements).DoneWhen);
    }

    [Theory]
    [InlineData("VACUUM tenant_schema.a")]
    [InlineData("DROP DATABASE IF EXISTS d")]
    [InlineData("ALTER SYSTEM SET work_mem = '1GB'")]
    [InlineData("DROP INDEX CONCURRENTLY tenant_schema.i")]
    [InlineData("ALTER SUBSCRIPTION s DISABLE")]
    public void What_may_be_repeated_needs_none(string sql) => Assert.Null(Assert.Single(TestProject.ReadUp($"- sql: {sql}").Up[0].Statements).DoneWhen);

    [Fact]
    public void Sql_keeps_the_place_of_its_statements()
    {
        var manifest = TestProject.ReadText("revision: r1\nup:\n  - sql: |\n\n      SELECT 1;\n        SELECT 2;\n  - sql: SELECT 3\n  - sql: 'SELECT 4'\n  - sql: >-\n      SELECT\n      5\ndown: []");

        Assert.Equal(["m.yaml:5:7", "m.yaml:6:9", "m.yaml:7:10", "m.yaml:8:11", "m.yaml:10:1"],
            manifest.Up.SelectMany(static up => up.Statements).Select(static statement => statement.Position.ToString()));
    }

    [Fact]
    public void An_error_in_sql_is_told_at_its_own_line_and_column()
    {
        var error = TestProject.ErrorOf("revision: r1\nup:\n  - sql: |\n      SELECT 1;\n      SELECT 2; COMMIT;\ndown: []");

        Assert.StartsWith("m.yaml:5:17: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Aliases_share_values()
    {
        var manifest = TestProject.ReadText("revision: r1\nup:\n  - create_table: {name: a, columns: &c [{name: id, type: int}]}\n  - create_table: {name: b, columns: *c}");

        Assert.Equal(["a", "b"], manifest.Up.Select(static up => ((CreateTable)up.Operation).Table.Name));
        Assert.Equal(["id"], ((CreateTable)manifest.Up[1].Operation).Columns.Select(static column => column.Name));
    }

    [Fact]
    public void Shared_scope_has_no_tenant()
    {
        Assert.Equal(["CREATE INDEX \"i\" ON \"common\".\"a\" (\"x\")"],
            TestProject.SqlOf(TestProject.ReadText("revision: r1\nscope: shared\nup: [create_index: {name: i, table: a, columns: [x]}]").Up));
        Assert.Contains("there is no tenant", TestProject.ErrorOf("revision: r1\nscope: shared\nup: [sql: DELETE FROM tenant_schema.a]\ndown: []"), StringComparison.Ordinal);
    }
}
