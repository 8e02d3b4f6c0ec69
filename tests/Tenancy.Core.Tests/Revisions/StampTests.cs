using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Xunit;

namespace Tenancy.Core.Tests.Revisions;

public sealed class StampTests
{
    private static readonly RevisionGraph Graph = Graphs.Of("a", "b < a", "c < a", "m < b,c", "x label other", "y < x", "z < y needs a");

    [Theory]
    [InlineData("b", "b", "")]
    [InlineData("a", "b,c", "Merge b,c>a")]
    [InlineData("m", "b,c", "Merge b,c>m")]
    [InlineData("m", "a", "Update a>m")]
    [InlineData("a", "m", "Update m>a")]
    [InlineData("x", "b", "Insert >x")]
    [InlineData("base", "b,y", "Delete b,y>")]
    [InlineData("base", "", "")]
    [InlineData("other@base", "b,y", "Delete y>")]
    [InlineData("heads", "b", "Update b>m; Insert >z")]
    [InlineData("heads", "m", "Insert >z")]
    [InlineData("heads", "x,m", "Update x>z")]
    public void Stamp(string target, string heads, string expected) => Assert.Equal(expected, Changes(target, heads));

    [Fact]
    public void A_destination_below_current_collapses_the_heads_above_it() => Assert.Equal("Merge m,z>a", Changes("a", "m,z"));

    [Fact]
    public void Overlapping_rows_are_mended() => Assert.Equal("Delete a>", Changes("b", "a,b"));

    [Fact]
    public void An_unknown_row_needs_a_purge() =>
        Assert.Contains("-Purge", Graphs.Fails("UnknownRevision", () => Changes("b", "gone")).RecommendedAction, StringComparison.Ordinal);

    private static string Changes(string target, string heads)
    {
        var rows = heads.Split(',', StringSplitOptions.RemoveEmptyEntries);
        var resolved = Graph.Resolve(target, MigrationScope.Tenant, rows, RevisionDirection.Up);
        return string.Join("; ", Graph.StampPath(rows, resolved).Select(change => $"{change.Kind} {string.Join(",", change.Remove)}>{string.Join(",", change.Add)}"));
    }
}
