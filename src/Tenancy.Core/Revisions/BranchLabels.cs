using System.Collections.Immutable;

namespace Tenancy.Core.Revisions;

/// <summary>Spreads labels over branches, as Alembic documents branch labels: to all that follow, and to what precedes up to the nearest branch point (a merge ends it too).</summary>
internal static class BranchLabels
{
    /// <summary>Sets <see cref="RevisionNode.BranchLabels"/> everywhere.</summary>
    /// <param name="labels">Where each label stands.</param>
    public static void Spread(IReadOnlyDictionary<string, RevisionNode> labels)
    {
        foreach (var (label, carrier) in labels.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            foreach (var node in Lineage.Descendants([carrier]))
            {
                node.BranchLabels = node.BranchLabels.Add(label);
            }

            var below = carrier;
            while (below.Parents is [var parent] && parent.Ups.Length < 2 && !parent.IsMerge)
            {
                parent.BranchLabels = parent.BranchLabels.Add(label);
                below = parent;
            }
        }
    }
}
