using Xunit;

namespace Tenancy.Core.Tests.Revisions;

public sealed class DowngradePathTests
{
    [Fact]
    public void It_is_what_follows_the_target()
    {
        var graph = Graphs.Of("a", "b < a", "c < b");
        Assert.Equal("-c -b", graph.Down("a", "c").Text());
        Assert.Equal("Update c>b; Update b>a", graph.Down("a", "c").Changes());
        Assert.Equal("-b", graph.Down("-1", "b").Text());
    }

    [Fact]
    public void A_base_deletes_its_row() => Assert.Equal("Update b>a; Delete a>", Graphs.Of("a", "b < a").Down("base", "b").Changes());

    [Fact]
    public void A_branch_whose_parent_another_row_covers_deletes_its_row()
    {
        var graph = Graphs.Of("a", "b < a", "c < a");
        Assert.Equal("Delete b>; Update c>a", graph.Down("a", "b", "c").Changes());
    }

    [Fact]
    public void A_merge_gives_back_all_rows()
    {
        var graph = Graphs.Of("a", "b < a", "c < a", "m < b,c");
        Assert.Equal("-m", graph.Down("b", "m").Text());
        Assert.Equal("Unmerge m>b,c", graph.Down("b", "m").Changes());
        Assert.Equal("Unmerge m>b,c; Delete b>; Update c>a", graph.Down("a", "m").Changes());
    }

    [Fact]
    public void A_merge_gives_back_no_row_that_another_covers()
    {
        var graph = Graphs.Of("a", "b < a", "c < a", "d < b", "m < b,c");
        Assert.Equal("Update m>c", graph.Down("c", "d", "m").Changes());
    }

    [Fact]
    public void Base_takes_all_bases()
    {
        var graph = Graphs.Of("a", "b < a", "x", "y < x");
        Assert.Equal("-b -a -y -x", graph.Down("base", "b", "y").Text());
    }

    [Fact]
    public void Base_of_a_label_takes_its_base()
    {
        var graph = Graphs.Of("a", "b < a", "x label other", "y < x");
        Assert.Equal("-y -x", graph.Down("other@base", "b", "y").Text());
    }

    [Fact]
    public void A_branch_point_takes_all_branches()
    {
        var graph = Graphs.Of("a", "b < a", "c < a");
        Assert.Equal("-b -c", graph.Down("a", "b", "c").Text());
    }

    [Fact]
    public void A_label_leaves_the_other_branches()
    {
        var graph = Graphs.Of("a", "b < a label one", "c < a label two");
        Assert.Equal("-c", graph.Down("two@a", "b", "c").Text());
        Assert.Equal("-c", graph.Down("two@-1", "b", "c").Text());
    }

    [Fact]
    public void A_label_below_the_branch_point_takes_the_applied_branch()
    {
        var graph = Graphs.Of("a label one", "p < a", "b < p", "c < p", "z");
        Assert.Equal("-b", graph.Down("one@-1", "b", "z").Text());
        Assert.Equal("-b", graph.Down("one@p", "b", "z").Text());
    }

    [Fact]
    public void A_label_below_the_branch_point_leaves_the_branch_that_was_not_counted_along()
    {
        var graph = Graphs.Of("a label one", "b < a", "c < a", "y needs c");
        Assert.Equal("-b", graph.Down("one@-1", "b", "y").Text());
    }

    [Fact]
    public void Below_a_branch_point_dependents_on_other_branches_go_and_are_flagged()
    {
        var graph = Graphs.Of("a", "p < a", "b < p label one", "c < p label two");
        Assert.Equal("-b -c! -p", graph.Down("one@-2", "b", "c").Text());
    }

    [Fact]
    public void What_depends_on_it_from_another_branch_goes_and_is_flagged()
    {
        var graph = Graphs.Of("a", "b < a", "x", "y < x needs b", "z < y");
        Assert.Equal("-z! -y! -b", graph.Down("a", "z").Text());
        Assert.Equal("Update z>y; Unmerge y>x,b; Update b>a", graph.Down("a", "z").Changes());
    }

    [Fact]
    public void A_dependent_of_the_target_itself_stays()
    {
        var graph = Graphs.Of("a", "b < a", "y needs a");
        Assert.Equal("-b", graph.Down("a", "b", "y").Text());
        Assert.Equal("Delete b>", graph.Down("a", "b", "y").Changes());
    }

    [Fact]
    public void A_target_that_is_not_applied_is_not_an_ancestor()
    {
        var graph = Graphs.Of("a", "b < a", "c < a");
        Assert.Contains("'c' is not applied", Graphs.Fails("RangeNotAncestor", () => graph.Down("c", "b")).Message, StringComparison.Ordinal);
        Graphs.Fails("RangeNotAncestor", () => graph.Down("b", "a"));
    }

    [Fact]
    public void Twice_is_once()
    {
        var graph = Graphs.Of("a", "b < a", "y needs a");
        Assert.Empty(graph.Down("a", "a"));
        Assert.Empty(graph.Down("a", "y"));
        Assert.Empty(graph.Down("base"));
    }
}
