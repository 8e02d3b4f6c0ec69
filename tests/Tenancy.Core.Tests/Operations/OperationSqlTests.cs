using System.Text;
using Tenancy.Core.Operations;
using Tenancy.Core.Tests.Manifests;
using Xunit;

namespace Tenancy.Core.Tests.Operations;

public sealed class OperationSqlTests
{
    [Theory]
    [InlineData("tenant", "orders", "\"t1\".\"orders\"")]
    [InlineData("shared", "orders", "\"common\".\"orders\"")]
    [InlineData("tenant", "shared.Users", "\"common\".\"Users\"")]
    [InlineData("tenant", "tenant_schema.orders", "\"t1\".\"orders\"")]
    [InlineData("tenant", "audit.log", "\"audit\".\"log\"")]
    [InlineData("tenant", "'\"a.b\"'", "\"t1\".\"a.b\"")]
    [InlineData("tenant", "'shared.\"a\"\"b\"'", "\"common\".\"a\"\"b\"")]
    [InlineData("tenant", "tenant_schema", "\"t1\".\"tenant_schema\"")]
    public void Names_are_always_qualified_and_quoted(string scope, string table, string sql)
    {
        var manifest = TestProject.ReadText($"revision: r1\nscope: {scope}\nup: [rename_table: {{from: {table}, to: x}}]");

        Assert.Equal([$"ALTER TABLE {sql} RENAME TO \"x\""], TestProject.SqlOf(manifest.Up));
    }

    [Fact]
    public void A_projects_own_tokens_are_written()
    {
        var project = TestProject.Standard with { Tokens = new("Mandant", "gemeinsam") };
        var manifest = Core.Manifests.ManifestReader.ReadText("revision: r1\nup: [rename_table: {from: a, to: x}, rename_table: {from: gemeinsam.a, to: x}]", "m.yaml", project);

        Assert.Equal(["ALTER TABLE \"t1\".\"a\" RENAME TO \"x\"", "ALTER TABLE \"common\".\"a\" RENAME TO \"x\""], TestProject.SqlOf(manifest.Up));
    }

    [Fact]
    public void Concurrent_indexes_of_a_table_of_the_same_revision_are_plain()
    {
        var manifest = TestProject.ReadUp("""
            - create_table: {name: a, columns: [{name: x, type: int}]}
            - rename_table: {from: a, to: b}
            - create_index: {name: i, table: tenant_schema.b, columns: [x], concurrently: true}
            - create_index: {name: j, table: c, columns: [x], concurrently: true}
            - drop_index: {name: i, concurrently: true, was: {table: b, columns: [x]}}
            - drop_index: {name: k, concurrently: true, was: {table: c, columns: [x]}}
            """, "down: auto");

        Assert.Equal([false, true, false, true], manifest.Up.Skip(2).Select(static up => TestProject.SqlOf([up])[0].Contains("CONCURRENTLY", StringComparison.Ordinal)));
        Assert.Equal([true, false, true, false], manifest.Down.Take(4).Select(static down => TestProject.SqlOf([down])[0].Contains("CONCURRENTLY", StringComparison.Ordinal)));
        Assert.All(manifest.Up[3].Statements, static statement => Assert.False(statement.IsTransactional));
    }

    [Fact]
    public void Arguments_and_tenants_are_filled_in_within_expressions()
    {
        var manifest = TestProject.ReadText("""
            revision: r1
            arguments: {start: {type: integer}}
            up:
              - create_table: {name: a, columns: [{name: x, type: int, default: "${x.start}"}]}
            """);

        Assert.Contains(manifest.Up[0].Statements[0].Template.Segments, static segment => segment.Kind == Core.Sql.SqlSegmentKind.Argument && segment.Text == "start");
    }

    [Theory]
    [InlineData("orders", new[] { "user_id" }, "fkey", "orders_user_id_fkey")]
    [InlineData("orders", new string[0], "pkey", "orders_pkey")]
    [InlineData("a123456789012345678901234567890123456789", new[] { "b123456789012345678901234567890123456789" }, "key", "a1234567890123456789012345678_b1234567890123456789012345678_key")]
    [InlineData("ääääääääääääääääääääääääääääääää", new[] { "x" }, "check", "äääääääääääääääääääääääääää_x_check")]
    public void Constraints_are_named_as_postgresql_names_them(string table, string[] columns, string suffix, string name)
    {
        var taken = new HashSet<string>();

        Assert.Equal(name, SqlText.ConstraintName(table, columns, suffix, taken));
        var second = SqlText.ConstraintName(table, columns, suffix, taken);
        Assert.EndsWith(suffix + "1", second, StringComparison.Ordinal);
        Assert.True(Encoding.UTF8.GetByteCount(second) <= 63);
    }
}
