using Tenancy.Core.Manifests;
using Xunit;

namespace Tenancy.Core.Tests.Revisions;

public sealed class UpgradePathTests
{
    [Fact]
    public void It_is_what_the_target_needs_without_what_the_heads_need()
    {
        var graph = Graphs.Of("a", "b < a", "c < b", "d < c");
        Assert.Equal("+b +c", graph.Up("c", "a").Text());
        Assert.Equal("Update a>b; Update b>c", graph.Up("c", "a").Changes());
        Assert.Empty(graph.Up("b", "c"));
        Assert.Empty(graph.Up("c", "c"));
    }

    [Fact]
    public void A_base_inserts_a_row()
    {
        var graph = Graphs.Of("a", "x");
        Assert.Equal("Insert >a", graph.Up("a").Changes());
        Assert.Equal("Insert >x", graph.Up("x", "a").Changes());
    }

    [Fact]
    public void A_second_branch_inserts_a_row()
    {
        var graph = Graphs.Of("a", "b < a", "c < a");
        Assert.Equal("Insert >c", graph.Up("c", "b").Changes());
    }

    [Fact]
    public void A_merge_takes_all_rows_of_its_parents()
    {
        var graph = Graphs.Of("a", "b < a", "c < a", "m < b,c");
        Assert.Equal("+c +b +m", graph.Up("m", "a").Text());
        Assert.Equal("Update a>c; Insert >b; Merge b,c>m", graph.Up("m", "a").Changes());
    }

    [Fact]
    public void A_merge_with_a_parent_that_has_gone_on_takes_the_other_row()
    {
        var graph = Graphs.Of("a", "b < a", "c < a", "d < b", "m < b,c");
        Assert.Equal("Update c>m", graph.Up("m", "c", "d").Changes());
    }

    [Fact]
    public void A_dependency_on_another_branch_comes_first_and_its_row_goes()
    {
        var graph = Graphs.Of("a", "b < a", "x", "y < x needs b");
        Assert.Equal("+a +b +x +y", graph.Up("y").Text());
        Assert.Equal("Merge x,b>y", graph.Up("y", "b", "x").Changes());
        Assert.Equal("Insert >a; Update a>b; Insert >x; Merge x,b>y", graph.Up("y").Changes());
    }

    [Fact]
    public void A_dependency_that_has_gone_on_keeps_its_row()
    {
        var graph = Graphs.Of("a", "b < a", "c < b", "x", "y < x needs b");
        Assert.Equal("Update x>y", graph.Up("y", "c", "x").Changes());
    }

    [Fact]
    public void A_dependency_that_an_ancestor_has_too_changes_nothing()
    {
        var graph = Graphs.Of("d", "a needs d", "b < a needs d");
        Assert.Equal("Insert >d; Update d>a; Update a>b", graph.Up("b").Changes());
    }

    [Fact]
    public void A_dependency_on_an_ancestor_changes_nothing()
    {
        var graph = Graphs.Of("a", "b < a", "c < b needs a");
        Assert.Equal("Insert >a; Update a>b; Update b>c", graph.Up("c").Changes());
        Assert.Equal("Update c>b", graph.Down("b", "c").Changes());
    }

    [Fact]
    public void It_goes_along_one_head_as_far_as_possible()
    {
        var graph = Graphs.Of("a", "b1 < a", "b2 < b1", "b3 < b2", "c1 < a", "c2 < c1");
        Assert.Equal("+a +c1 +c2 +b1 +b2 +b3", graph.Up("heads").Text());
    }

    [Fact]
    public void It_turns_to_another_head_where_that_needs_what_comes_next()
    {
        var graph = Graphs.Of("a", "b1 < a", "b2 < b1", "c1 < a", "c2 < c1 needs b1");
        Assert.Equal("+a +b1 +c1 +c2 +b2", graph.Up("heads").Text());
    }

    [Fact]
    public void Requested_revisions_may_not_overlap()
    {
        var graph = Graphs.Of("a", "b < a", "x", "y < x needs b");
        Assert.Equal("+x +a +b", graph.UpgradePath(MigrationScope.Tenant, [], ["b", "x"]).Text());
        var error = Graphs.Fails("OverlappingTargets", () => graph.UpgradePath(MigrationScope.Tenant, [], ["b", "y"]));
        Assert.Contains("'b' overlaps with the requested revision 'y'", error.Message, StringComparison.Ordinal);
        Graphs.Fails("UnknownRevision", () => graph.UpgradePath(MigrationScope.Tenant, [], ["gone"]));
        Graphs.Fails("WrongScope", () => graph.UpgradePath(MigrationScope.Shared, [], ["a"]));
    }

    [Fact]
    public void Head_rows_may_not_overlap()
    {
        var graph = Graphs.Of("a", "b < a", "c < b");
        Assert.Contains("'a'", Graphs.Fails("OverlappingHeads", () => graph.Up("c", "a", "b")).Message, StringComparison.Ordinal);
        Graphs.Fails("OverlappingHeads", () => graph.Down("base", "a", "b"));
    }

    [Fact]
    public void A_double_head_row_counts_once() => Assert.Equal("+b", Graphs.Of("a", "b < a").Up("+1", "a", "a").Text());

    [Fact]
    public void Base_is_no_upgrade() => Graphs.Fails("RelativeOutOfRange", () => Graphs.Of("a").Up("base", "a"));
}
