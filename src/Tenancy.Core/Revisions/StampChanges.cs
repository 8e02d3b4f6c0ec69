using System.Collections.Immutable;

namespace Tenancy.Core.Revisions;

/// <summary>Head rows set by hand.</summary>
internal static class StampChanges
{
    /// <summary>The changes, one a destination. Rows that overlap are no obstacle: stamping is how they are mended.</summary>
    public static ImmutableArray<HeadChange> To(RevisionGraph graph, IReadOnlyCollection<string> heads, ResolvedTarget target)
    {
        var rows = graph.HeadNodes(target.Scope, heads);
        if (target.IsBase)
        {
            var gone = target.Branch is null ? rows : rows.FindAll(row => IsRelated(graph, row, target.Branch));
            return gone.Count == 0 ? [] : [HeadChange.Of([.. gone.Select(static row => row.Id)], [])];
        }

        RevisionPaths.CheckOverlap(graph, target.Revisions, Lineage.Needed(target.Revisions));
        var changes = ImmutableArray.CreateBuilder<HeadChange>();
        foreach (var destination in target.Revisions)
        {
            var replaced = rows.FindAll(row => !ReferenceEquals(row, destination) && !target.Revisions.Contains(row) && IsRelated(graph, row, destination));
            rows.RemoveAll(replaced.Contains);
            var isNew = !rows.Contains(destination);
            if (isNew || replaced.Count > 0)
            {
                changes.Add(HeadChange.Of([.. replaced.Select(static row => row.Id)], isNew ? [destination.Id] : []));
            }
        }

        return changes.ToImmutable();
    }

    private static bool IsRelated(RevisionGraph graph, RevisionNode row, RevisionNode other) => graph.Ancestry.Includes(row, other) || graph.Ancestry.Includes(other, row);
}
