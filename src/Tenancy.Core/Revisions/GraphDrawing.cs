using System.Text;
using Tenancy.Core.Manifests;

namespace Tenancy.Core.Revisions;

/// <summary>
/// Draws revisions for a terminal, the latest first: one revision a line at its <c>*</c>, and between them lines that join and part. Each scope is drawn for itself. A line goes down from a
/// revision to what it follows; dependencies are named beside it.
/// </summary>
public sealed class GraphDrawing
{
    /// <summary>By column: the revision that the line leads down to; null where there is none.</summary>
    private readonly List<RevisionNode?> lanes = [];
    private readonly HashSet<RevisionNode> shown;
    private readonly List<string> lines = [];

    /// <summary>The column where the last line ended: what starts right under it would look joined to it. -1 for none.</summary>
    private int ended = -1;

    private GraphDrawing(HashSet<RevisionNode> shown) => this.shown = shown;

    /// <summary>Draws revisions; a line leads only to what is drawn.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="nodes">The revisions to draw.</param>
    /// <returns>Lines without line ends.</returns>
    public static IReadOnlyList<string> Draw(RevisionGraph graph, IEnumerable<RevisionNode> nodes)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var drawing = new GraphDrawing([.. nodes]);
        foreach (var scope in Enum.GetValues<MigrationScope>())
        {
            // In the order of an undo, which follows one branch as far as it can.
            var order = RevisionOrder.Descending([.. graph.All.Where(node => node.Scope == scope)], graph.RealHeads(scope), graph.All.Length);
            foreach (var node in order.Where(drawing.shown.Contains))
            {
                drawing.Add(node);
            }
        }

        return drawing.lines;
    }

    /// <summary>What is written beside a revision: its id, marks, description, and dependencies.</summary>
    internal static string Describe(RevisionNode node)
    {
        List<string> marks = [];
        if (node.Scope == MigrationScope.Shared)
        {
            marks.Add("shared");
        }

        if (node.IsHead)
        {
            marks.Add("head");
        }

        if (node.Manifest.IsDraft)
        {
            marks.Add("draft");
        }

        marks.AddRange(node.Manifest.Labels);
        var text = new StringBuilder(node.Id);
        text.Append(marks.Count > 0 ? $" ({string.Join(", ", marks)})" : "");
        // A description may have several lines; the drawing has one a revision.
        text.Append(node.Manifest.Description.Length > 0 ? " " + string.Join(' ', node.Manifest.Description.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)) : "");
        text.Append(node.Manifest.DependsOn.IsEmpty ? "" : $" [needs {string.Join(", ", node.Manifest.DependsOn)}]");
        return text.ToString();
    }

    private void Add(RevisionNode node)
    {
        var arriving = Enumerable.Range(0, lanes.Count).Where(column => ReferenceEquals(lanes[column], node)).ToList();
        if (lanes.Count == 0 && lines.Count > 0)
        {
            lines.Add("");
            ended = -1;
        }

        var at = arriving is [var first, ..] ? first : Free(0);
        Connect(at, [.. arriving.Skip(1)], '┴', '╯');
        foreach (var column in arriving.Skip(1))
        {
            lanes[column] = null;
        }

        lanes[at] = node;
        var row = string.Concat(lanes.Select((lane, column) => column == at ? "* " : lane is null ? "  " : "│ "));
        lines.Add($"{row.TrimEnd()} {Describe(node)}");

        var below = node.Parents.Where(shown.Contains).ToList();
        lanes[at] = below.FirstOrDefault();
        ended = below.Count == 0 ? at : -1;
        List<int> opened = [];
        foreach (var parent in below.Skip(1))
        {
            var column = Free(at + 1);
            lanes[column] = parent;
            opened.Add(column);
        }

        opened.Sort();
        Connect(at, opened, '┬', '╮');
        while (lanes is [.., null])
        {
            lanes.RemoveAt(lanes.Count - 1);
        }
    }

    private int Free(int from)
    {
        for (var column = from; column < lanes.Count; column++)
        {
            if (lanes[column] is null && column != ended)
            {
                return column;
            }
        }

        do
        {
            lanes.Add(null);
        }
        while (lanes.Count <= from || lanes.Count - 1 == ended);

        return lanes.Count - 1;
    }

    /// <summary>A line between a column and others to the right of it.</summary>
    private void Connect(int from, List<int> to, char middle, char end)
    {
        if (to.Count == 0)
        {
            return;
        }

        var row = new StringBuilder();
        for (var column = 0; column < lanes.Count; column++)
        {
            var isInside = column > from && column < to[^1];
            row.Append(
                column == from ? '├'
                : column == to[^1] ? end
                : to.Contains(column) ? middle
                : lanes[column] is null ? (isInside ? '─' : ' ')
                : isInside ? '┼' : '│');
            row.Append(column >= from && column < to[^1] ? '─' : ' ');
        }

        lines.Add(row.ToString().TrimEnd());
    }
}
