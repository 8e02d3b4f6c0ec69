using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;

namespace Tenancy.Core.Catalog.Scratch;

/// <summary>A state that a replay passes through. The states are a tree: what several targets have in common is replayed once.</summary>
internal sealed class ReplayNode
{
    private readonly Dictionary<(string Revision, bool? Ran), ReplayNode> byStep = [];
    private readonly List<ReplayNode> children = [];

    private ReplayNode(RevisionStep? step, bool? ran, ImmutableArray<string> heads)
    {
        Step = step;
        Ran = ran;
        Heads = heads;
    }

    /// <summary>The revision that leads here; null for base.</summary>
    public RevisionStep? Step { get; }

    /// <summary>Of a revision that a schema may have recorded without running it: whether it ran; null where that is to be found out.</summary>
    public bool? Ran { get; }

    /// <summary>True for the first step from base.</summary>
    public bool IsFirst { get; private init; }

    /// <summary>The heads here, in ordinal order.</summary>
    public ImmutableArray<string> Heads { get; }

    /// <summary>The states that follow.</summary>
    public IReadOnlyList<ReplayNode> Children => children;

    /// <summary>Keys of the targets that are reached here; empty where it only lies on the way.</summary>
    public List<string> Targets { get; } = [];

    /// <summary>The states from base to the targets.</summary>
    /// <param name="graph">The revisions.</param>
    /// <param name="targets">The targets; all heads are tenant revisions of the graph, none needs another.</param>
    public static ReplayNode Of(RevisionGraph graph, IEnumerable<ReplayTarget> targets)
    {
        var root = new ReplayNode(null, null, []);
        foreach (var target in targets)
        {
            var node = root;
            foreach (var step in graph.UpgradePath(MigrationScope.Tenant, [], target.Heads))
            {
                node = node.Follow(step, target.Ran.TryGetValue(step.Manifest.Revision, out var ran) ? ran : null);
            }

            node.Targets.Add(target.Key);
        }

        return root;
    }

    /// <summary>All states that a schema can be at on the way to the graph's heads, to each alone and to all together; each is a target, by its heads.</summary>
    /// <param name="graph">The revisions.</param>
    public static ReplayNode OfAll(RevisionGraph graph)
    {
        var heads = graph.RealHeads(MigrationScope.Tenant).Select(static head => head.Id).Order(StringComparer.Ordinal).ToImmutableArray();
        var none = ImmutableSortedDictionary<string, bool>.Empty;
        var root = Of(graph, heads.Select(static head => ImmutableArray.Create(head)).Append(heads).Select(ends => new ReplayTarget(ends, none)));
        foreach (var node in root.All().Where(static node => node.Targets.Count == 0))
        {
            node.Targets.Add(new ReplayTarget(node.Heads, none).Key);
        }

        return root;
    }

    /// <summary>It and all states that follow, each after the one that it follows.</summary>
    public IEnumerable<ReplayNode> All()
    {
        var open = new Stack<ReplayNode>([this]);
        while (open.TryPop(out var node))
        {
            yield return node;
            foreach (var child in node.children)
            {
                open.Push(child);
            }
        }
    }

    private ReplayNode Follow(RevisionStep step, bool? ran)
    {
        if (!byStep.TryGetValue((step.Manifest.Revision, ran), out var child))
        {
            child = new(step, ran, [.. Heads.Except(step.Heads.Remove).Concat(step.Heads.Add).Order(StringComparer.Ordinal)]) { IsFirst = Step is null };
            byStep.Add((step.Manifest.Revision, ran), child);
            children.Add(child);
        }

        return child;
    }

    /// <summary>Its heads, as a person reads them.</summary>
    public override string ToString() => Heads.IsEmpty ? "base" : string.Join(", ", Heads);
}
