using Tenancy.Core.Sql;
using Xunit;

namespace Tenancy.Core.Tests.Sql;

/// <summary>Templates that no manifest makes, for anyone may make a <see cref="SqlTemplate"/>.</summary>
public sealed class SqlTemplateTests
{
    [Theory(Timeout = 20_000)]
    [InlineData("", "")]
    [InlineData("\"", "")]
    [InlineData("", "\"")]
    [InlineData("\"\"", "\"\"")]
    [InlineData("x", "y")]
    public Task A_part_of_a_name_without_quotes_around_it_is_refused(string before, string after) => Task.Run(() =>
    {
        var template = new SqlTemplate(
            [new(SqlSegmentKind.Text, before, [], []), new(SqlSegmentKind.TenantName, "", [SqlEscape.InsideIdentifier], []), new(SqlSegmentKind.Text, after, [], [])],
            "written wrongly");

        Assert.Throws<ArgumentException>(() => template.Render(new() { TenantName = "acme", SharedSchema = "shared" }));
    });

    [Fact]
    public void A_part_of_a_name_has_its_bounds()
    {
        var template = new SqlTemplate(
            [new(SqlSegmentKind.Text, "SELECT 1 AS \"a\"\"", [], []), new(SqlSegmentKind.TenantName, "", [SqlEscape.InsideIdentifier], []), new(SqlSegmentKind.Text, "\"", [], [])],
            "written well");

        Assert.Equal("SELECT 1 AS \"a\"\"acme\"", template.Render(new() { TenantName = "acme", SharedSchema = "shared" }));
    }
}
