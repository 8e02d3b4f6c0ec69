using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;

namespace Tenancy.Core.Reports.Page;

/// <summary>The revisions: drawn, and beside each how many schemas are at it and have it.</summary>
internal static class GraphSection
{
    private const int MostOpen = 60;
    private const double Column = 14;
    private const double Middle = 14;
    private const double Height = 28;

    /// <summary>Writes it; nothing where there are no revisions.</summary>
    public static void Write(Markup html, ReportFacts facts, FleetGrid tenants)
    {
        if (facts.Graph.All.IsEmpty)
        {
            return;
        }

        html.Add($"<section id=\"revisions\" aria-labelledby=\"revisions-title\">\n<h2 id=\"revisions-title\">Revisions</h2>\n");
        WriteScope(html, facts, tenants, MigrationScope.Tenant, "Tenants");
        WriteScope(html, facts, FleetGrid.Of(facts, MigrationScope.Shared), MigrationScope.Shared, "Databases");
        html.Add($"</section>\n");
    }

    private static void WriteScope(Markup html, ReportFacts facts, FleetGrid grid, MigrationScope scope, string what)
    {
        var rows = GraphLayout.Of(facts.Graph, scope);
        if (rows.Count == 0)
        {
            return;
        }

        // A long one is closed: it would push all else away.
        if (rows.Count <= MostOpen)
        {
            html.Add($"<details open>");
        }
        else
        {
            html.Add($"<details>");
        }

        html.Add($"<summary>{rows.Count} {RevisionLinks.Name(scope)} {(rows.Count == 1 ? "revision" : "revisions")}</summary>\n");
        html.Add($"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Graph of {RevisionLinks.Name(scope)} revisions\">\n<table class=\"graph\">\n<caption>The latest first. A line leads down to what a revision follows.</caption>\n");
        html.Add($"<thead><tr><td></td><th scope=\"col\">Revision</th><th scope=\"col\">Description</th><th scope=\"col\">Follows</th><th scope=\"col\" class=\"number\">{what} at it</th><th scope=\"col\" class=\"number\">{what} that have it</th></tr></thead>\n<tbody>\n");
        var width = rows.Max(static row => row.Width) * Column;
        var places = grid.Revisions.Select(static (node, at) => (node.Id, at)).ToDictionary(static pair => pair.Id, static pair => pair.at);
        foreach (var row in rows)
        {
            var node = row.Node;
            html.Add($"<tr><td class=\"drawing\">");
            WriteDrawing(html, row, width);
            html.Add($"</td><th scope=\"row\"><code>{node.Id}</code>{(node.IsHead ? " head" : "")}{(node.Manifest.IsDraft ? " draft" : "")}{(node.Manifest.Labels.IsEmpty ? "" : " " + string.Join(", ", node.Manifest.Labels))}</th><td>{node.Manifest.Description}</td>");
            html.Add($"<td>{(node.Parents.IsEmpty ? "base" : string.Join(", ", node.Parents.Select(static parent => parent.Id)))}{(node.Manifest.DependsOn.IsEmpty ? "" : ", needs " + string.Join(", ", node.Manifest.DependsOn))}</td>");
            html.Add($"<td class=\"number\">{Count(grid, row => row.Heads.Contains(node.Id))}</td><td class=\"number\">{Count(grid, row => row.Cells[places[node.Id]] == GridCells.Applied)}</td></tr>\n");
        }

        html.Add($"</tbody>\n</table>\n</div>\n</details>\n");
    }

    private static int Count(FleetGrid grid, Func<GridRow, bool> isMeant) => grid.Rows.Where(isMeant).Sum(static row => row.Schemas.Count);

    private static void WriteDrawing(Markup html, GraphRow row, double width)
    {
        html.Add($"<svg width=\"{width:0}\" height=\"{Height:0}\" viewBox=\"0 0 {width:0} {Height:0}\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><path d=\"");
        foreach (var line in row.Above)
        {
            WriteLine(html, line, 0, Middle);
        }

        foreach (var line in row.Below)
        {
            WriteLine(html, line, Middle, Height);
        }

        html.Add($"\"/><circle cx=\"{X(row.Column):0.#}\" cy=\"{Middle:0}\" r=\"4\" class=\"{(row.Node.IsHead ? "head" : "node")}\"/></svg>");
    }

    private static void WriteLine(Markup html, GraphLine line, double from, double to) =>
        html.Add($"M{X(line.From):0.#} {from:0}C{X(line.From):0.#} {(from + to) / 2:0.#} {X(line.To):0.#} {(from + to) / 2:0.#} {X(line.To):0.#} {to:0}");

    private static double X(int column) => (column + 0.5) * Column;
}
