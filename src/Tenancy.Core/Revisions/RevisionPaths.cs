using System.Collections.Immutable;
using Tenancy.Core.Manifests;

namespace Tenancy.Core.Revisions;

/// <summary>What to apply or undo, in which order, and what becomes of the head rows.</summary>
internal static class RevisionPaths
{
    /// <summary>All that the targets need and the heads do not imply (Alembic's <c>_collect_upgrade_revisions</c> with <c>implicit_base</c>).</summary>
    public static ImmutableArray<RevisionStep> Up(RevisionGraph graph, MigrationScope scope, IReadOnlyCollection<string> heads, ImmutableArray<RevisionNode> targets)
    {
        var current = graph.HeadNodes(scope, heads);
        var applied = Lineage.Needed(current);
        var rows = new HeadRows(scope, current, applied, graph.All.Length);
        var pending = Lineage.Needed(targets);
        CheckOverlap(graph, targets, pending);
        pending.ExceptWith(applied);
        var order = RevisionOrder.Descending(pending, targets, graph.All.Length);
        order.Reverse();
        return [.. order.Select(node => new RevisionStep
        {
            Manifest = node.Manifest,
            Direction = RevisionDirection.Up,
            Heads = rows.Apply(node),
            OtherScope = [.. node.OtherScopeDependencies.Select(static need => need.Id)],
        })];
    }

    /// <summary>All applied that follow the target or depend on what follows it (Alembic's <c>_collect_downgrade_revisions</c>).</summary>
    public static ImmutableArray<RevisionStep> Down(RevisionGraph graph, IReadOnlyCollection<string> heads, ResolvedTarget target)
    {
        var current = graph.HeadNodes(target.Scope, heads);
        var applied = Lineage.Needed(current);
        var rows = new HeadRows(target.Scope, current, applied, graph.All.Length);
        if (target.Revisions.Length > 1)
        {
            throw RevisionErrors.MultipleHeads(target.Identifier, target.Revisions);
        }

        var stay = target.Revisions.FirstOrDefault();
        if (stay is not null && !applied.Contains(stay))
        {
            throw RevisionErrors.NotApplied(target.Identifier, stay, current);
        }

        var undone = Lineage.Needing(Roots(graph, target, stay));
        undone.IntersectWith(applied);
        var asked = target.Branch is not null ? Lineage.Of(target.Branch) : stay is not null ? Lineage.Descendants([stay]) : undone;
        return [.. RevisionOrder.Descending(undone, current, graph.All.Length).Select(node => new RevisionStep
        {
            Manifest = node.Manifest,
            Direction = RevisionDirection.Down,
            Heads = rows.Undo(node),
            IsOnOtherBranch = !asked.Contains(node),
            OtherScope = [.. node.OtherScopeDependents.Select(static dependent => dependent.Id)],
        })];
    }

    /// <summary>One revision alone: its next step from these heads.</summary>
    /// <exception cref="Model.TenancyException"><c>NotNext</c>: what it needs is not applied, or what needs it is not undone.</exception>
    public static RevisionStep One(RevisionGraph graph, MigrationScope scope, IReadOnlyCollection<string> heads, RevisionNode node, RevisionDirection direction)
    {
        var current = graph.HeadNodes(scope, heads);
        var applied = Lineage.Needed(current);
        var rows = new HeadRows(scope, current, applied, graph.All.Length);
        var isUp = direction == RevisionDirection.Up;
        if (isUp ? applied.Contains(node) || !node.Downs.All(applied.Contains) : !current.Contains(node))
        {
            throw RevisionErrors.NotNext(node, isUp);
        }

        return new() { Manifest = node.Manifest, Direction = direction, Heads = isUp ? rows.Apply(node) : rows.Undo(node) };
    }

    /// <summary>The first revisions to go: those that follow what stays, on the branch asked for. (There always is one on it: what stays is on the branch too.)</summary>
    private static ImmutableArray<RevisionNode> Roots(RevisionGraph graph, ResolvedTarget target, RevisionNode? stay)
    {
        var roots = stay?.Children ?? (target.IsBase ? graph.Bases(target.Scope) : []);
        if (target.Branch is null || roots.Length < 2)
        {
            return roots;
        }

        var line = Lineage.Of(target.Branch);
        return roots.RemoveAll(root => !line.Contains(root));
    }

    /// <summary>Refuses revisions that need one another as targets of one request (Alembic: "overlaps with other requested revisions").</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="targets">The targets.</param>
    /// <param name="needed">They and all they need.</param>
    public static void CheckOverlap(RevisionGraph graph, ImmutableArray<RevisionNode> targets, HashSet<RevisionNode> needed)
    {
        if (targets.FirstOrDefault(target => target.Ups.Any(needed.Contains)) is { } overlapped)
        {
            throw RevisionErrors.OverlappingTargets(overlapped, targets.First(other => !ReferenceEquals(other, overlapped) && graph.Ancestry.Includes(other, overlapped)));
        }
    }
}
