using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Xunit;

namespace Tenancy.Core.Tests.Revisions;

public sealed class ScopeTests
{
    private static readonly RevisionGraph Mixed = Graphs.Of("s1 shared", "s2 shared < s1 label common", "t1", "t2 < t1 needs s1", "t3 < t2 needs common", "s3 shared < s2 needs t2");

    [Fact]
    public void Each_scope_has_its_own_heads_and_bases()
    {
        Assert.Equal("t3", Assert.Single(Mixed.RealHeads(MigrationScope.Tenant)).Id);
        Assert.Equal("s3", Assert.Single(Mixed.RealHeads(MigrationScope.Shared)).Id);
        Assert.Equal("t1", Assert.Single(Mixed.Bases(MigrationScope.Tenant)).Id);
        Assert.Equal("s1", Assert.Single(Mixed.Bases(MigrationScope.Shared)).Id);
    }

    [Fact]
    public void A_path_keeps_to_its_scope_and_tells_what_it_needs_from_the_other()
    {
        var steps = Mixed.Up("head");
        Assert.Equal("+t1 +t2 +t3", steps.Text());
        Assert.Equal(["", "s1", "s2"], steps.Select(step => string.Join(",", step.OtherScope)));
        Assert.Equal("Insert >t1; Update t1>t2; Update t2>t3", steps.Changes());
    }

    [Fact]
    public void An_undo_tells_what_depends_on_it_in_the_other_scope()
    {
        var steps = Mixed.Down("base", "t3");
        Assert.Equal(["", "s3", ""], steps.Select(step => string.Join(",", step.OtherScope)));
        var shared = Mixed.DowngradePath(["s2"], Mixed.Resolve("base", MigrationScope.Shared, [], RevisionDirection.Down));
        Assert.Equal(["t3", "t2"], shared.Select(step => string.Join(",", step.OtherScope)));
    }

    [Fact]
    public void A_dependency_across_scopes_keeps_the_rows_of_both() =>
        Assert.Equal(["s1"], Mixed["t2"].OtherScopeDependencies.Select(node => node.Id));

    [Fact]
    public void What_is_needed_through_the_other_scope_is_a_dependency()
    {
        var graph = Graphs.Of("t1", "s1 shared needs t1", "s2 shared < s1", "u1 needs s2", "u2 < u1 needs s2");
        Assert.Equal("t1", Assert.Single(graph["u1"].Dependencies).Id);
        Assert.Empty(graph["u2"].Dependencies);
        Assert.Equal("+t1 +u1", graph.Up("u1").Text());
        Assert.Equal("Insert >t1; Update t1>u1", graph.Up("u1").Changes());
        Assert.Equal("u2", Assert.Single(graph.RealHeads(MigrationScope.Tenant)).Id);
    }

    [Fact]
    public void What_parents_say_already_is_not_said_again_through_the_other_scope()
    {
        var graph = Graphs.Of("t1", "s1 shared needs t1", "t2 < t1 needs s1", "t3 < t2 needs s1");
        Assert.Empty(graph["t2"].Dependencies);
        Assert.Empty(graph["t3"].Dependencies);
    }
}
