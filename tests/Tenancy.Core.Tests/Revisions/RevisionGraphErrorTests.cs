using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Xunit;

namespace Tenancy.Core.Tests.Revisions;

public sealed class RevisionGraphErrorTests
{
    [Fact]
    public void A_double_id_names_both_files()
    {
        var error = Assert.Single(Graphs.Errors("a", "b < a", "a"));
        Assert.Contains("000_a.yaml", error.Message, StringComparison.Ordinal);
        Assert.Contains("002_a.yaml", error.Message, StringComparison.Ordinal);
        Assert.Equal("002_a.yaml:1:11", $"{error.File}:{error.Line}:{error.Column}");
    }

    [Fact]
    public void A_parent_that_does_not_exist_is_told_with_the_nearest_spelling()
    {
        var error = Assert.Single(Graphs.Errors("3fa9d210", "b < 3fa9d211"));
        Assert.Contains("'3fa9d211'", error.Message, StringComparison.Ordinal);
        Assert.Equal("3fa9d210", error.Suggestion);
    }

    [Fact]
    public void A_parent_by_its_beginning_is_told_with_the_full_id() =>
        Assert.Equal("3fa9d210", Assert.Single(Graphs.Errors("3fa9d210", "b < 3fa9")).Suggestion);

    [Fact]
    public void A_label_is_no_parent() =>
        Assert.Contains("stands on 'a'", Assert.Single(Graphs.Errors("a label billing", "b < billing")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_dependency_that_does_not_exist_is_told_with_the_nearest_spelling() =>
        Assert.Equal("billing", Assert.Single(Graphs.Errors("a label billing", "b needs biling")).Suggestion);

    [Fact]
    public void A_parent_of_another_scope_is_refused_and_depends_on_named()
    {
        var error = Assert.Single(Graphs.Errors("s shared", "b < s"));
        Assert.Contains("depends_on", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_double_label_names_both_revisions() =>
        Assert.Contains("'b'", Assert.Single(Graphs.Errors("a label x1", "b label x1")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_label_written_twice_is_refused() => Assert.Contains("twice", Assert.Single(Graphs.Errors("a label x,x")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_label_may_not_be_an_id() => Assert.Contains("also the id", Assert.Single(Graphs.Errors("a", "b label a")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("head")]
    [InlineData("heads")]
    [InlineData("base")]
    [InlineData("current")]
    public void Words_of_the_grammar_are_neither_ids_nor_labels(string word)
    {
        Assert.Contains($"'{word}'", Assert.Single(Graphs.Errors(word)).Message, StringComparison.Ordinal);
        Assert.Contains($"'{word}'", Assert.Single(Graphs.Errors($"a label {word}")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a@b")]
    [InlineData("a+1")]
    [InlineData("a-1")]
    [InlineData("-a")]
    [InlineData("a:b")]
    [InlineData("a\tb")]
    [InlineData("")]
    public void Characters_of_the_grammar_are_in_neither_ids_nor_labels(string name)
    {
        Assert.Throws<Model.ManifestException>(() => RevisionGraph.Build([Graphs.Manifest(name, [], [], [], MigrationScope.Tenant)]));
        Assert.Throws<Model.ManifestException>(() => RevisionGraph.Build([Graphs.Manifest("ok", [], [], [name], MigrationScope.Tenant)]));
    }

    [Theory]
    [InlineData("shared-2b77")]
    [InlineData("a-1b")]
    [InlineData("a-b-")]
    public void A_hyphen_that_does_not_read_as_steps_is_part_of_a_name(string name)
    {
        var graph = RevisionGraph.Build([Graphs.Manifest(name, [], [], ["of-eu"], MigrationScope.Tenant), Graphs.Manifest("next", [name], [], [], MigrationScope.Tenant)]);
        Assert.Equal(name, Assert.Single(graph.Resolve(name, MigrationScope.Tenant, [], RevisionDirection.Up).Revisions).Id);
        Assert.Equal(name, Assert.Single(graph.Resolve("next-1", MigrationScope.Tenant, [], RevisionDirection.Up).Revisions).Id);
        Assert.Equal("next", Assert.Single(graph.Resolve(name + "+1", MigrationScope.Tenant, [], RevisionDirection.Up).Revisions).Id);
        Assert.Equal("next", Assert.Single(graph.Resolve("of-eu@head", MigrationScope.Tenant, [], RevisionDirection.Up).Revisions).Id);
    }

    [Fact]
    public void A_loop_is_shown() => Assert.Contains("a -> a", Assert.Single(Graphs.Errors("a < a")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_dependency_loop_is_shown()
    {
        Assert.Contains("dependency loop): a -> a", Assert.Single(Graphs.Errors("a needs a")).Message, StringComparison.Ordinal);
        Assert.Contains("dependency loop): a -> a", Assert.Single(Graphs.Errors("a needs me label me")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cycle_is_shown()
    {
        var error = Assert.Single(Graphs.Errors("a < c", "b < a", "c < b", "d < c", "ok"));
        Assert.StartsWith("Cycle: a -> c -> b -> a", error.Message, StringComparison.Ordinal);
        Assert.Equal("000_a.yaml", error.File);
    }

    [Fact]
    public void A_dependency_cycle_is_shown() =>
        Assert.StartsWith("Dependency cycle: a -> c -> b -> a", Assert.Single(Graphs.Errors("a needs c", "b < a", "c < b")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_dependency_cycle_across_scopes_is_shown() =>
        Assert.StartsWith("Dependency cycle: a -> s -> a", Assert.Single(Graphs.Errors("a needs s", "s shared needs a")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_cycle_through_a_label_is_shown() =>
        Assert.StartsWith("Dependency cycle: a -> b -> a", Assert.Single(Graphs.Errors("a needs tip", "b < a label tip")).Message, StringComparison.Ordinal);

    [Fact]
    public void Every_group_of_cycles_is_reported_once()
    {
        var errors = Graphs.Errors("a < b", "b < a", "c < d", "d < c", "e < d", "f < a,c");
        Assert.Equal(2, errors.Count);
    }

    [Fact]
    public void All_errors_come_together_in_the_order_of_files()
    {
        var errors = Graphs.Errors("a < gone", "b label head", "c < d", "d < c", "e needs nowhere");
        Assert.Equal(["000_a.yaml", "001_b.yaml", "002_c.yaml", "004_e.yaml"], errors.Select(error => error.File));
    }

    [Fact]
    public void A_cycle_of_ten_thousand_is_found()
    {
        var lines = Enumerable.Range(0, 10_000).Select(number => $"r{number:D5} < r{(number + 9_999) % 10_000:D5}").ToArray();
        Assert.StartsWith("Cycle: r00000 -> r09999", Assert.Single(Graphs.Errors(lines)).Message, StringComparison.Ordinal);
    }
}
