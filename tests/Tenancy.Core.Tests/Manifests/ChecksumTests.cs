using System.Text.Json;
using Xunit;

namespace Tenancy.Core.Tests.Manifests;

public sealed class ChecksumTests
{
    private const string Text = """
        revision: r1
        parent: [a]
        data: true
        up:
          - create_table: {name: t, columns: [{name: id, type: int, nullable: false}]}
          - insert: {table: t, rows: [{id: 1, v: 1}, {id: 2, v: 2.50}, {id: 3, v: null}, {id: 4, v: "3"}, {id: 5, v: true}], key: id}
          - sql: |
              DELETE FROM tenant_schema.t  -- all
              WHERE id = 1;
        down: []
        """;

    private static string Checksum(string text) => TestProject.ReadText(text).Checksum;

    private static string Standard => Checksum(Text);

    [Theory]
    [InlineData("batch: {key: id, size: 5, pause: 1s}", true)]
    [InlineData("batch: {pause: 2h, key: [id]}", true)]
    [InlineData("batch: {key: [id, v]}", false)]
    public void How_large_a_batch_is_and_how_long_the_pause_do_not_count(string changed, bool isSame)
    {
        static string With(string batch) => $"revision: r1\nup: [delete: {{table: t, where: true, {batch}}}]\ndown: []";

        Assert.Equal(isSame, Checksum(With("batch: {key: id}")) == Checksum(With(changed)));
        Assert.DoesNotContain("size", TestProject.ReadText(With(changed)).CanonicalText, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checksum_has_a_version_and_a_sha256() => Assert.Matches("^1:[0-9a-f]{64}$", Standard);

    [Theory]
    [InlineData("revision: r1", "# A comment\nrevision:   'r1'   # another\n")]
    [InlineData("revision: r1", "revision: \"r1\"")]
    [InlineData("parent: [a]", "parent: a")]
    [InlineData("parent: [a]", "parent:\n  - a")]
    [InlineData("data: true", "data: True")]
    [InlineData("data: true", "data: true\nsuppress: [{rule: missing-index, reason: x}]")]
    [InlineData("v: null}", "v: ~}")]
    [InlineData("\"3\"", "'3'")]
    [InlineData("{name: t, columns", "{\"name\": t,   columns")]
    [InlineData("[{name: id, type: int, nullable: false}]", "[{nullable: false, type: int, name: id}]")]
    [InlineData("  -- all\n      WHERE", "\n      WHERE")]
    [InlineData("id = 1;", "id  =  1;")]
    public void Comments_white_space_key_order_and_quotes_do_not_count(string old, string changed) => AssertSame(true, old, changed);

    [Theory]
    [InlineData("revision: r1", "revision: r2")]
    [InlineData("parent: [a]", "parent: [a, b]")]
    [InlineData("data: true", "data: false")]
    [InlineData("\"3\"", "3")]
    [InlineData("v: 2.50", "v: 2.5")]
    [InlineData("id = 1", "id = 2")]
    [InlineData("{name: t,", "{name: T,")]
    [InlineData("id = 1", "id = '1 '")]
    [InlineData("[{id: 1, v: 1}, {id: 2, v: 2.50}", "[{id: 2, v: 2.50}, {id: 1, v: 1}")]
    public void Everything_else_counts(string old, string changed) => AssertSame(false, old, changed);

    [Fact]
    public void Line_ends_do_not_count()
    {
        Assert.Equal(Checksum(Text), Checksum(Text.Replace("\n", "\r\n", StringComparison.Ordinal)));
        Assert.Equal(TestProject.ReadText(Text).CanonicalText, TestProject.ReadText(Text.Replace("\n", "\r\n", StringComparison.Ordinal)).CanonicalText);
    }

    [Fact]
    public void The_canonical_text_is_json_and_reads_as_the_same_manifest()
    {
        var manifest = TestProject.ReadText(Text.Replace("down: []", "    undo: \"SELECT 'a\\tb é😀\\u2028'\"", StringComparison.Ordinal));
        using var json = JsonDocument.Parse(manifest.CanonicalText);
        var again = TestProject.ReadText(manifest.CanonicalText);

        Assert.Equal("SELECT 'a\tb é😀\u2028'", json.RootElement.GetProperty("up")[2].GetProperty("undo").GetString());
        Assert.Equal("DELETE FROM tenant_schema.t  -- all\nWHERE id = 1;\n", json.RootElement.GetProperty("up")[2].GetProperty("sql").GetString());
        Assert.Equal(manifest.CanonicalText, again.CanonicalText);
        Assert.Equal(manifest.Checksum, again.Checksum);
        Assert.Equal(TestProject.SqlOf(manifest.Up), TestProject.SqlOf(again.Up));
        Assert.Equal(TestProject.SqlOf(manifest.Down), TestProject.SqlOf(again.Down));
    }

    [Fact]
    public void An_sql_file_counts_as_its_content()
    {
        using var project = new TestProject();
        project.Write("manifests/a.yaml", "revision: r1\nup:\n- sql_file: sql/a.sql\n  undo: SELECT 2").Write("manifests/sql/a.sql", "SELECT 1;\r\nSELECT 3;\r\n");
        var manifest = Assert.Single(project.ReadAll());

        Assert.Equal(Checksum("revision: r1\nup:\n- sql: SELECT 1; SELECT 3;\n  undo: SELECT 2"), manifest.Checksum);
        Assert.Contains("\"sql\":\"SELECT 1;\\nSELECT 3;\\n\"", manifest.CanonicalText, StringComparison.Ordinal);
        Assert.Equal(manifest.Checksum, TestProject.ReadText(manifest.CanonicalText).Checksum);
        project.Write("manifests/sql/a.sql", "SELECT 1; SELECT 4");
        Assert.NotEqual(manifest.Checksum, project.ReadAll()[0].Checksum);
    }

    /// <summary>Checksums are in histories: a change of this one breaks every fleet, so it needs a new version.</summary>
    [Fact]
    public void Checksums_stay_as_they_are() =>
        Assert.Equal("1:90be995495dc0e9f84edf871877828c7fb7bfced908b5a85a5e648231f43c1e4", Standard);

    private static void AssertSame(bool isSame, string old, string changed)
    {
        Assert.Contains(old, Text, StringComparison.Ordinal);
        Assert.Equal(isSame, Standard == Checksum(Text.Replace(old, changed, StringComparison.Ordinal)));
    }
}
