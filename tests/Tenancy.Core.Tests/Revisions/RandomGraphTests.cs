using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Xunit;

namespace Tenancy.Core.Tests.Revisions;

/// <summary>What holds for every graph.</summary>
public sealed class RandomGraphTests
{
    private const int GraphCount = 200;

    [Fact]
    public void Upgrade_then_downgrade_returns_the_same_heads() => ForAll(sample =>
    {
        var (graph, start) = (sample.Graph, sample.State(0));
        var up = graph.Up("heads", [.. start]);
        Assert.Equal(start, Ids(up).Reverse().Aggregate(up.After(start), (heads, id) => Undone(graph, heads, id)));
    });

    [Fact]
    public void Downgrade_to_base_ends_without_heads() => ForAll(sample =>
    {
        var heads = sample.State(0);
        var down = sample.Graph.Down("base", [.. heads]);
        Assert.Empty(down.After(heads));
        Assert.Equal(sample.Graph.Applied(MigrationScope.Tenant, heads).Order(StringComparer.Ordinal), Ids(down).Order(StringComparer.Ordinal));
    });

    [Fact]
    public void Downgrade_then_upgrade_returns_the_same_heads() => ForAll(sample =>
    {
        var heads = sample.State(0);
        foreach (var target in sample.Graph.Applied(MigrationScope.Tenant, heads))
        {
            var below = sample.Graph.Down(target, [.. heads]).After(heads);
            Assert.Equal(heads, sample.Graph.UpgradePath(MigrationScope.Tenant, below, [.. heads]).After(below));
        }
    });

    [Fact]
    public void Every_plan_is_a_topological_order() => ForAll(sample =>
    {
        var (graph, heads) = (sample.Graph, sample.State(0));
        var up = graph.Up("heads", [.. heads]);
        var done = graph.Applied(MigrationScope.Tenant, heads).ToHashSet(StringComparer.Ordinal);
        foreach (var id in Ids(up))
        {
            Assert.All(Needs(graph, id), need => Assert.Contains(need, done));
            Assert.True(done.Add(id));
        }

        foreach (var id in Ids(graph.Down("base", [.. up.After(heads)])))
        {
            Assert.DoesNotContain(done, other => Needs(graph, other).Contains(id));
            Assert.True(done.Remove(id));
        }
    });

    [Fact]
    public void From_a_to_b_and_b_to_c_is_from_a_to_c() => ForAll(sample =>
    {
        var (graph, a) = (sample.Graph, sample.State(0));
        var toB = graph.UpgradePath(MigrationScope.Tenant, a, [sample.Pick(1)]);
        var b = toB.After(a);
        var toC = graph.Up("heads", [.. b]);
        var direct = graph.Up("heads", [.. a]);
        Assert.Equal(Ids(direct).Order(StringComparer.Ordinal), Ids(toB).Concat(Ids(toC)).Order(StringComparer.Ordinal));
        Assert.Equal(direct.After(a), toC.After(b));
    });

    [Fact]
    public void Heads_are_the_applied_revisions_that_no_applied_one_needs() => ForAll(sample =>
    {
        var (graph, heads) = (sample.Graph, new SortedSet<string>(StringComparer.Ordinal));
        foreach (var step in graph.Up("heads"))
        {
            heads = new[] { step }.After(heads);
            var applied = graph.Applied(MigrationScope.Tenant, heads);
            Assert.Equal(applied.Where(id => !applied.Any(other => Needs(graph, other).Contains(id))).Order(StringComparer.Ordinal), heads);
        }

        Assert.Equal(graph.RealHeads(MigrationScope.Tenant).Select(node => node.Id).Order(StringComparer.Ordinal), heads);
    });

    [Fact]
    public void Stamping_a_revision_leaves_the_rows_of_an_upgrade_to_it() => ForAll(sample =>
    {
        var target = sample.Graph.Resolve(sample.Pick(0), MigrationScope.Tenant, [], RevisionDirection.Up);
        var change = Assert.Single(sample.Graph.StampPath([], target));
        Assert.Equal(change.Add, sample.Graph.UpgradePath([], target).After([]));
    });

    [Fact]
    public void The_short_id_resolves_to_its_revision() => ForAll(sample => Assert.All(
        sample.Graph.All.Where(node => node.Scope == MigrationScope.Tenant),
        node => Assert.Same(node, Assert.Single(sample.Graph.Resolve(sample.Graph.ShortId(node.Id), MigrationScope.Tenant, [], RevisionDirection.Up).Revisions))));

    private static IEnumerable<string> Ids(IEnumerable<RevisionStep> steps) => steps.Select(step => step.Manifest.Revision);

    private static IEnumerable<string> Needs(RevisionGraph graph, string id) => graph[id].Parents.Concat(graph[id].Dependencies).Select(node => node.Id);

    /// <summary>Undoes one revision that nothing applied needs: by going to its last parent on its own line, or to base where it has none.</summary>
    private static SortedSet<string> Undone(RevisionGraph graph, SortedSet<string> heads, string id)
    {
        var node = graph[id];
        var target = new ResolvedTarget { Identifier = id, Scope = node.Scope, IsBase = node.IsBase, Revisions = node.IsBase ? [] : [node.Parents.MaxBy(parent => parent.Index)!], Branch = node };
        var steps = graph.DowngradePath(heads, target);
        Assert.Equal([id], Ids(steps));
        return steps.After(heads);
    }

    private static void ForAll(Action<Sample> holds) =>
        Prop.ForAll(Samples().ToArbitrary(), holds).Check(Config.QuickThrowOnFailure.WithMaxTest(GraphCount));

    /// <summary>A graph drawn from numbers: each revision follows and needs only revisions before it, so it has no cycle.</summary>
    private static Gen<Sample> Samples() =>
        from count in Gen.Choose(1, 25)
        from numbers in Gen.ArrayOf(Gen.Choose(0, int.MaxValue - 1), count * 6)
        from picks in Gen.ArrayOf(Gen.Choose(0, int.MaxValue - 1), 8)
        select new Sample(count, numbers, picks);

    private sealed class Sample
    {
        private readonly int[] picks;
        private readonly ImmutableArray<string> tenantIds;

        public Sample(int count, int[] numbers, int[] picks)
        {
            this.picks = picks;
            var manifests = new List<Manifest>();
            for (var index = 0; index < count; index++)
            {
                var own = numbers.AsSpan(index * 6, 6);
                // The first is a tenant's, so there is always one to pick.
                var scope = index > 0 && own[0] % 5 == 0 ? MigrationScope.Shared : MigrationScope.Tenant;
                var before = manifests.Where(manifest => manifest.Scope == scope).Select(manifest => manifest.Revision).ToList();
                var parents = new List<string>();
                if (before.Count > 0 && own[1] % 6 != 0)
                {
                    parents.Add(before[^(1 + (own[2] % Math.Min(3, before.Count)))]);
                    if (own[1] % 6 == 1)
                    {
                        parents.Add(before[own[3] % before.Count]);
                    }
                }

                string[] needs = index > 0 && own[4] % 4 == 0 ? [manifests[own[5] % index].Revision] : [];
                // Ids are no order of their own: a multiplication spreads them.
                manifests.Add(Graphs.Manifest($"r{(index * 7919 % 10007):D4}{index:D2}x", parents, needs, [], scope));
            }

            Graph = RevisionGraph.Build([.. manifests]);
            tenantIds = [.. manifests.Where(manifest => manifest.Scope == MigrationScope.Tenant).Select(manifest => manifest.Revision)];
        }

        public RevisionGraph Graph { get; }

        public string Pick(int which) => tenantIds[picks[which] % tenantIds.Length];

        /// <summary>Heads of a schema that was brought to up to two revisions.</summary>
        public SortedSet<string> State(int which)
        {
            var heads = Graph.UpgradePath(MigrationScope.Tenant, [], [Pick(which)]).After([]);
            return Graph.UpgradePath(MigrationScope.Tenant, heads, [Pick(which + 1)]).After(heads);
        }

        public override string ToString() => string.Join("; ", Graph.All.Select(node =>
            $"{node}{(node.Scope == MigrationScope.Shared ? " shared" : "")} < {string.Join(",", node.Parents)} needs {string.Join(",", node.Manifest.DependsOn)}"));
    }
}
