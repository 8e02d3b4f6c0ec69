using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Xunit;

namespace Tenancy.Core.Tests.Revisions;

public sealed class RevisionGraphTests
{
    [Fact]
    public void A_head_has_no_child_and_a_base_no_parent()
    {
        var graph = Graphs.Of("a", "b < a", "c < a", "z");
        Assert.Equal(["b", "c", "z"], graph.Heads(MigrationScope.Tenant).Select(node => node.Id));
        Assert.Equal(["a", "z"], graph.Bases(MigrationScope.Tenant).Select(node => node.Id));
        Assert.True(graph["a"].IsBranchPoint);
        Assert.True(graph["b"].IsHead);
        Assert.False(graph["a"].IsHead);
        Assert.True(graph["z"].IsBase);
    }

    [Fact]
    public void A_real_head_has_no_dependent_either()
    {
        var graph = Graphs.Of("a", "b < a", "x", "y < x needs b");
        Assert.Equal(["b", "y"], graph.Heads(MigrationScope.Tenant).Select(node => node.Id));
        Assert.Equal(["y"], graph.RealHeads(MigrationScope.Tenant).Select(node => node.Id));
        Assert.Equal(["b"], graph["y"].Dependencies.Select(node => node.Id));
        Assert.Equal(["y"], graph["b"].Dependents.Select(node => node.Id));
        Assert.False(graph["b"].IsRealHead);
    }

    [Fact]
    public void A_merge_has_several_parents()
    {
        var graph = Graphs.Of("a", "b < a", "c < a", "m < b,c");
        Assert.True(graph["m"].IsMerge);
        Assert.Equal(["b", "c"], graph["m"].Parents.Select(node => node.Id));
        Assert.Equal(["m"], graph["b"].Children.Select(node => node.Id));
    }

    [Fact]
    public void All_is_in_topological_order_by_id_whatever_the_order_of_files()
    {
        string[] lines = ["m < c,b", "c < a", "b < a", "a", "z shared", "k < a needs z"];
        var forwards = Graphs.Of(lines).All.Select(node => node.Id);
        var backwards = Graphs.Of([.. lines.Reverse()]).All.Select(node => node.Id);
        Assert.Equal(["a", "b", "c", "m", "z", "k"], forwards);
        Assert.Equal(forwards, backwards);
    }

    [Fact]
    public void A_label_holds_for_all_that_follow_and_down_to_the_branch_point()
    {
        var graph = Graphs.Of("a", "b < a", "c < b label billing", "d < c", "e < d", "x < a");
        Assert.Equal("b c d e", string.Join(" ", graph.All.Where(node => node.BranchLabels.Contains("billing"))));
    }

    [Fact]
    public void A_label_stops_at_a_merge_below()
    {
        var graph = Graphs.Of("a", "b", "m < a,b", "n < m", "o < n label late");
        Assert.Equal("n o", string.Join(" ", graph.All.Where(node => node.BranchLabels.Contains("late"))));
    }

    [Fact]
    public void A_dependent_makes_a_branch_point_for_labels()
    {
        var graph = Graphs.Of("a", "b < a", "c < b", "d < c label x", "y needs b");
        Assert.Equal("c d", string.Join(" ", graph.All.Where(node => node.BranchLabels.Contains("x"))));
    }

    [Fact]
    public void Labels_of_merged_branches_hold_together()
    {
        var graph = Graphs.Of("a label one", "b label two", "m < a,b");
        Assert.Equal("one two", string.Join(" ", graph["m"].BranchLabels));
    }

    [Fact]
    public void A_dependency_may_be_a_label()
    {
        var graph = Graphs.Of("a label billing", "b", "c < b needs billing");
        Assert.Equal("a", Assert.Single(graph["c"].Dependencies).Id);
    }

    [Fact]
    public void A_dependency_on_a_parent_adds_nothing()
    {
        var graph = Graphs.Of("a", "b < a,a needs a,a");
        Assert.Empty(graph["b"].Dependencies);
        Assert.Single(graph["b"].Parents);
    }

    [Fact]
    public void Applied_is_all_that_heads_need()
    {
        var graph = Graphs.Of("a", "b < a", "x", "y < x needs b", "z < y");
        Assert.Equal(["a", "b", "x", "y"], graph.Applied(MigrationScope.Tenant, ["y"]).Order());
        Assert.Empty(graph.Applied(MigrationScope.Tenant, []));
    }

    [Fact]
    public void A_head_without_manifest_is_unknown()
    {
        var graph = Graphs.Of("a", "s shared");
        Assert.Contains("'gone'", Graphs.Fails("UnknownRevision", () => graph.Applied(MigrationScope.Tenant, ["a", "gone"])).Message, StringComparison.Ordinal);
        Graphs.Fails("UnknownRevision", () => graph.Applied(MigrationScope.Tenant, ["s"]));
        Graphs.Fails("UnknownRevision", () => graph.Up("a", "gone"));
        Graphs.Fails("UnknownRevision", () => graph["gone"]);
        Assert.Null(graph.Find("gone"));
    }

    [Fact]
    public void A_short_id_is_unique_and_has_eight_characters_or_more()
    {
        var graph = Graphs.Of("abcdefgh1234", "abcdefgh9", "0123456789", "short", "labelled99 label labelled");
        Assert.Equal("abcdefgh1", graph.ShortId("abcdefgh1234"));
        Assert.Equal("abcdefgh9", graph.ShortId("abcdefgh9"));
        Assert.Equal("01234567", graph.ShortId("0123456789"));
        Assert.Equal("short", graph.ShortId("short"));
        Assert.Equal("labelled9", graph.ShortId("labelled99"));
    }

    [Fact]
    public void No_manifests_make_an_empty_graph()
    {
        var graph = Graphs.Of();
        Assert.Empty(graph.All);
        Assert.Empty(graph.Up("head"));
        Assert.Empty(graph.Up("heads"));
        Assert.Empty(graph.Down("base"));
    }
}
