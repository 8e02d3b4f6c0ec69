using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;

namespace Tenancy.Core.Reports;

/// <summary>Where revisions and the lines between them are drawn: a row each, the latest first, in columns, as <see cref="GraphDrawing"/> has them.</summary>
internal static class GraphLayout
{
    /// <summary>Lays out the revisions of a scope.</summary>
    /// <param name="graph">The revisions.</param>
    /// <param name="scope">The scope.</param>
    public static List<GraphRow> Of(RevisionGraph graph, MigrationScope scope)
    {
        List<GraphRow> rows = [];
        // By column: the revision that the line leads down to; null where there is none.
        List<RevisionNode?> lanes = [];
        foreach (var node in RevisionOrder.Descending([.. graph.All.Where(node => node.Scope == scope)], graph.RealHeads(scope), graph.All.Length))
        {
            var at = lanes.IndexOf(node) is >= 0 and var known ? known : Free(lanes);
            List<GraphLine> above = [.. lanes.Select((lane, column) => (lane, column)).Where(static pair => pair.lane is not null).Select(pair => new GraphLine(pair.column, pair.lane == node ? at : pair.column))];
            var through = above.Where(line => line.To != at).ToList();
            for (var column = 0; column < lanes.Count; column++)
            {
                lanes[column] = lanes[column] == node ? null : lanes[column];
            }

            List<GraphLine> below = [.. through.Select(static line => new GraphLine(line.To, line.To))];
            foreach (var (parent, index) in node.Parents.Select(static (parent, index) => (parent, index)))
            {
                var to = lanes.IndexOf(parent) is >= 0 and var there ? there : index == 0 && lanes[at] is null ? at : Free(lanes, at + 1);
                lanes[to] = parent;
                below.Add(new(at, to));
            }

            rows.Add(new(node, at, [.. above], [.. below]));
        }

        return rows;
    }

    private static int Free(List<RevisionNode?> lanes, int from = 0)
    {
        for (var column = from; column < lanes.Count; column++)
        {
            if (lanes[column] is null)
            {
                return column;
            }
        }

        lanes.Add(null);
        return lanes.Count - 1;
    }
}

/// <summary>A revision of the drawing.</summary>
/// <param name="Node">The revision.</param>
/// <param name="Column">Its column, from 0.</param>
/// <param name="Above">Lines in the row's upper half, from its upper edge.</param>
/// <param name="Below">Lines in its lower half, to its lower edge.</param>
internal sealed record GraphRow(RevisionNode Node, int Column, ImmutableArray<GraphLine> Above, ImmutableArray<GraphLine> Below)
{
    /// <summary>How many columns the row needs.</summary>
    public int Width => Above.Concat(Below).Select(static line => Math.Max(line.From, line.To)).Append(Column).Max() + 1;
}

/// <summary>A line through half a row.</summary>
/// <param name="From">Its column above.</param>
/// <param name="To">Its column below.</param>
internal readonly record struct GraphLine(int From, int To);
