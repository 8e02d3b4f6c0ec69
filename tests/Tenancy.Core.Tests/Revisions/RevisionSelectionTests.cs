using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Xunit;

namespace Tenancy.Core.Tests.Revisions;

public sealed class RevisionSelectionTests
{
    // aaaa1 - bbbb1 - cccc1 - ffff1    and two of the shared scope
    //              \- dddd1 - eeee1
    private static readonly RevisionGraph Graph = Graphs.Of(
        "aaaa1", "bbbb1 < aaaa1", "cccc1 < bbbb1", "ffff1 < cccc1", "dddd1 < bbbb1 label billing", "eeee1 < dddd1", "ssss1 shared", "tttt1 < ssss1 shared");

    [Theory]
    [InlineData("cc*", "cccc1")]
    [InlineData("CCCC1", "cccc1")]
    [InlineData("cccc", "cccc1")]
    [InlineData("billing", "dddd1")]
    [InlineData("billing@head-1", "dddd1")]
    [InlineData("billing@head-2", "bbbb1")]
    [InlineData("base+1", "aaaa1 ssss1")]
    [InlineData("heads", "eeee1 ffff1 tttt1")]
    [InlineData("ssss", "ssss1")]
    [InlineData("cccc:ffff", "cccc1 ffff1")]
    [InlineData("bbbb:billing@head", "bbbb1 dddd1 eeee1")]
    [InlineData(":bbbb", "aaaa1 bbbb1")]
    [InlineData("tttt:", "tttt1")]
    [InlineData("dddd:", "dddd1 eeee1")]
    [InlineData(":", "aaaa1 bbbb1 cccc1 dddd1 eeee1 ffff1 ssss1 tttt1")]
    [InlineData("zz*", "")]
    public void Names_mean_revisions(string name, string ids)
    {
        var selection = new RevisionSelection(Graph, new() { Names = [name] });
        Assert.Equal(ids, Text(selection));
        Assert.Empty(selection.Faults);
    }

    [Theory]
    [InlineData("zzzz", "UnknownRevision")]
    [InlineData("head", "MultipleHeads")]
    [InlineData("ffff:cccc", "RangeNotAncestor")]
    [InlineData("cccc:eeee", "RangeNotAncestor")]
    [InlineData("aaaa:zzzz", "UnknownRevision")]
    [InlineData("a:b:c", "InvalidIdentifier")]
    [InlineData("a@", "InvalidIdentifier")]
    public void What_means_nothing_is_told_by_its_name(string name, string errorId)
    {
        var selection = new RevisionSelection(Graph, new() { Names = [name, "aaaa1"] });
        Assert.Contains("aaaa1", Text(selection), StringComparison.Ordinal);
        Assert.Equal((name, errorId), (Assert.Single(selection.Faults).Name, selection.Faults[0].Error.ErrorId));
    }

    [Fact]
    public void Filters_leave_out()
    {
        Assert.Equal("eeee1 ffff1 tttt1", Text(new(Graph, new() { IsHead = true })));
        Assert.Equal("aaaa1 ssss1", Text(new(Graph, new() { IsBase = true })));
        Assert.Equal("ssss1", Text(new(Graph, new() { IsBase = true, Scope = MigrationScope.Shared })));
        Assert.Equal("dddd1 eeee1", Text(new(Graph, new() { Branch = "billing" })));
        Assert.Equal("eeee1", Text(new(Graph, new() { Branch = "billing", IsHead = true })));
        Assert.Equal("tttt1", Text(new(Graph, new() { Names = ["head"], Scope = MigrationScope.Shared })));
    }

    [Fact]
    public void An_unknown_branch_suggests_a_label() =>
        Assert.Contains("'billing'", Graphs.Fails("UnknownRevision", () => new RevisionSelection(Graph, new() { Branch = "biling" }).Select()).Message, StringComparison.Ordinal);

    private static string Text(RevisionSelection selection) => string.Join(' ', selection.Select().Select(static node => node.Id).Order(StringComparer.Ordinal));
}
