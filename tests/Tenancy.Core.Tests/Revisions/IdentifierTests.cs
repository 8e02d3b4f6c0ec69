using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Xunit;
using static Tenancy.Core.Revisions.RevisionDirection;

namespace Tenancy.Core.Tests.Revisions;

public sealed class IdentifierTests
{
    private static readonly RevisionGraph Linear = Graphs.Of("aaaa1", "bbbb1 < aaaa1", "cccc1 < bbbb1", "cccc2 < cccc1", "xy < cccc2", "s123 shared label common");

    /// <summary>Two branches from a branch point, one labelled at its first revision, and a branch of its own.</summary>
    private static readonly RevisionGraph Forked = Graphs.Of("root", "main1 < root", "main2 < main1", "bill1 < root label billing", "bill2 < bill1", "solo1 label solo", "solo2 < solo1");

    [Theory]
    [InlineData("aaaa1", "aaaa1")]
    [InlineData("aaaa", "aaaa1")]
    [InlineData("xy", "xy")]
    [InlineData("head", "xy")]
    [InlineData("heads", "xy")]
    [InlineData("base", "base")]
    [InlineData("head-1", "cccc2")]
    [InlineData("heads-4", "aaaa1")]
    [InlineData("head-5", "base")]
    [InlineData("bbbb+2", "cccc2")]
    [InlineData("bbbb-1", "aaaa1")]
    [InlineData("bbbb1+0", "bbbb1")]
    [InlineData("base+1", "aaaa1")]
    public void Symbols_resolve_alike_in_both_directions(string identifier, string expected)
    {
        Assert.Equal(expected, Linear.Means(identifier, Up));
        Assert.Equal(expected, Linear.Means(identifier, Down));
    }

    [Fact]
    public void Plus_counts_from_the_current_head()
    {
        Assert.Equal("bbbb1", Linear.Means("+2", Up));
        Assert.Equal("cccc1", Linear.Means("+1", Up, "bbbb1"));
    }

    [Fact]
    public void Minus_counts_from_the_current_head()
    {
        Assert.Equal("bbbb1", Linear.Means("-1", Down, "cccc1"));
        Assert.Equal("base", Linear.Means("-3", Down, "cccc1"));
        Assert.Equal("cccc1", Linear.Resolve("-1", MigrationScope.Tenant, ["cccc1"], Down).Branch?.Id);
    }

    [Theory]
    [InlineData("+6", "5 steps are possible after base")]
    [InlineData("head+1", "no step is possible after 'xy'")]
    [InlineData("bbbb1-3", "2 steps are possible down")]
    [InlineData("base-1", "no step is possible down")]
    [InlineData("-1", "counts up")]
    [InlineData("+0", "counts up")]
    [InlineData("+99999999999999999999", "no graph")]
    public void A_walk_out_of_the_graph_fails_up(string identifier, string says) =>
        Assert.Contains(says, Graphs.Fails("RelativeOutOfRange", () => Linear.Means(identifier, Up)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("-2", "1 step is possible")]
    [InlineData("+1", "counts down")]
    [InlineData("-0", "counts down")]
    public void A_walk_out_of_the_graph_fails_down(string identifier, string says) =>
        Assert.Contains(says, Graphs.Fails("RelativeOutOfRange", () => Linear.Means(identifier, Down, "aaaa1")).Message, StringComparison.Ordinal);

    [Fact]
    public void Minus_from_base_fails() => Graphs.Fails("RelativeOutOfRange", () => Linear.Means("-1", Down));

    [Fact]
    public void A_beginning_needs_four_characters() =>
        Assert.Contains("four", Graphs.Fails("UnknownRevision", () => Linear.Means("aaa", Up)).Message, StringComparison.Ordinal);

    [Fact]
    public void An_ambiguous_beginning_names_the_candidates()
    {
        var message = Graphs.Fails("AmbiguousRevision", () => Linear.Means("cccc", Up)).Message;
        Assert.Contains("'cccc1', 'cccc2'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_identifier_names_the_nearest() =>
        Assert.Contains("'bbbb1'", Graphs.Fails("UnknownRevision", () => Linear.Means("bbbbb1", Up)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("@head")]
    [InlineData("billing@")]
    [InlineData("a@b@c")]
    [InlineData("a:b")]
    [InlineData("a b")]
    [InlineData("+")]
    [InlineData("aaaa1+1+1")]
    public void What_is_no_identifier_is_refused(string identifier) => Graphs.Fails("InvalidIdentifier", () => Linear.Means(identifier, Up));

    [Fact]
    public void A_revision_of_the_other_scope_is_refused()
    {
        Assert.Contains("-Scope Shared", Graphs.Fails("WrongScope", () => Linear.Means("s123", Up)).RecommendedAction, StringComparison.Ordinal);
        Graphs.Fails("WrongScope", () => Linear.Means("common@head", Up));
        Graphs.Fails("WrongScope", () => Graphs.Of("aaaa1", "shar1 shared").Means("shar", Up));
        Assert.Equal("s123", Assert.Single(Linear.Resolve("head", MigrationScope.Shared, [], Up).Revisions).Id);
    }

    [Fact]
    public void Head_with_several_heads_names_them()
    {
        var message = Graphs.Fails("MultipleHeads", () => Forked.Means("head", Up)).Message;
        Assert.Contains("'bill2' (billing), 'main2', 'solo2' (solo)", message, StringComparison.Ordinal);
        Graphs.Fails("MultipleHeads", () => Forked.Means("head-1", Up));
        Graphs.Fails("MultipleHeads", () => Forked.Down("heads", "main1"));
    }

    [Fact]
    public void Heads_are_the_real_heads() => Assert.Equal("y", Graphs.Of("a", "b < a", "x", "y < x needs b").Means("heads", Up));

    [Fact]
    public void Head_does_not_look_at_dependencies() => Graphs.Fails("MultipleHeads", () => Graphs.Of("a", "b < a", "x", "y < x needs b").Means("head", Up));

    [Theory]
    [InlineData("billing@head", "bill2")]
    [InlineData("billing@heads", "bill2")]
    [InlineData("billing@bill2", "bill2")]
    [InlineData("billing@root", "root")]
    [InlineData("billing@base", "base")]
    [InlineData("billing@head-1", "bill1")]
    [InlineData("billing@root+1", "bill1")]
    [InlineData("main1@head", "main2")]
    [InlineData("solo@base+2", "solo2")]
    [InlineData("billing", "bill1")]
    [InlineData("billing+1", "bill2")]
    public void A_label_narrows_to_its_branch(string identifier, string expected) => Assert.Equal(expected, Forked.Means(identifier, Up));

    [Fact]
    public void A_branch_by_an_ambiguous_beginning_is_refused() => Graphs.Fails("AmbiguousRevision", () => Forked.Means("main@head", Up));

    [Fact]
    public void A_label_decides_between_ids_that_start_alike()
    {
        var graph = Graphs.Of("aaaa", "same1 < aaaa label one", "same2 < aaaa label two");
        Assert.Equal("same2", graph.Means("two@same", Up));
        Graphs.Fails("AmbiguousRevision", () => graph.Means("same", Up));
    }

    [Fact]
    public void Label_heads_are_the_heads_of_the_branch_that_no_other_of_them_needs()
    {
        Assert.Equal("tip1 tip2", Graphs.Of("a label x", "tip1 < a", "tip2 < a", "z").Means("x@heads", Up));
        Assert.Equal("tip2", Graphs.Of("a label x", "tip1 < a", "tip2 < a needs tip1", "z").Means("x@heads", Up));
        Graphs.Fails("MultipleHeads", () => Graphs.Of("a label x", "tip1 < a", "tip2 < a", "z").Means("x@head", Up));
    }

    [Fact]
    public void A_revision_that_is_not_on_the_branch_is_refused()
    {
        Graphs.Fails("RevisionNotOnBranch", () => Forked.Means("billing@main2", Up));
        Graphs.Fails("RevisionNotOnBranch", () => Forked.Means("billing@solo", Down));
    }

    [Fact]
    public void An_unknown_label_is_refused() => Assert.Contains("'billing'", Graphs.Fails("UnknownRevision", () => Forked.Means("biling@head", Up)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_label_is_not_found_by_its_beginning() => Graphs.Fails("UnknownRevision", () => Forked.Means("billi", Up));

    [Fact]
    public void Plus_on_a_label_filters_the_heads() => Assert.Equal("bill2", Forked.Means("billing@+1", Up, "main2", "bill1"));

    [Fact]
    public void Plus_on_a_label_that_is_no_head_starts_from_the_last_applied_of_its_branch() => Assert.Equal("bill1", Forked.Means("billing@+1", Up, "main1"));

    [Fact]
    public void Plus_on_a_label_starts_from_base_when_nothing_of_its_branch_is_applied() => Assert.Equal("solo2", Forked.Means("solo@+2", Up, "main1"));

    [Fact]
    public void Plus_with_several_heads_names_them() =>
        Assert.Contains("'bill1' (billing), 'main1'", Graphs.Fails("AmbiguousRevision", () => Forked.Means("+1", Up, "main1", "bill1")).Message, StringComparison.Ordinal);

    [Fact]
    public void Plus_over_a_branch_point_names_the_ways() =>
        Assert.Contains("after 'root' come 'bill1' (billing), 'main1'", Graphs.Fails("AmbiguousRevision", () => Forked.Means("+1", Up, "root")).Message, StringComparison.Ordinal);

    [Fact]
    public void Plus_from_several_bases_names_them() =>
        Assert.Contains("after base come 'root', 'solo1' (solo)", Graphs.Fails("AmbiguousRevision", () => Forked.Means("+1", Up)).Message, StringComparison.Ordinal);

    [Fact]
    public void Minus_with_several_heads_names_them() =>
        Assert.Contains("'bill2' (billing), 'main2'", Graphs.Fails("AmbiguousRevision", () => Forked.Means("-1", Down, "main2", "bill2")).Message, StringComparison.Ordinal);

    [Fact]
    public void Minus_on_a_label_filters_the_heads() => Assert.Equal("bill1", Forked.Means("billing@-1", Down, "main2", "bill2"));

    [Fact]
    public void Minus_on_a_label_enters_a_branch_covered_by_a_dependent_head()
    {
        var graph = Graphs.Of("a label one", "b < a", "x label two", "y < x needs b");
        Assert.Equal("a", graph.Means("one@-1", Down, "y"));
        Assert.Equal("-y! -b", graph.Down("one@-1", "y").Text());
    }

    [Fact]
    public void Minus_on_a_label_without_applied_revision_fails() => Graphs.Fails("RelativeOutOfRange", () => Forked.Means("solo@-1", Down, "main2"));

    [Fact]
    public void Minus_over_a_merge_names_the_parents() =>
        Assert.Contains("'b', 'c'", Graphs.Fails("AmbiguousRevision", () => Graphs.Of("a", "b < a", "c < a", "m < b,c").Means("-1", Down, "m")).Message, StringComparison.Ordinal);
}
