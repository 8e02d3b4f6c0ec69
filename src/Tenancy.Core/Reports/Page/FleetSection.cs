using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Tenancy.Model;

namespace Tenancy.Core.Reports.Page;

/// <summary>The fleet as a grid, tenant by revision, with what filters it.</summary>
internal static class FleetSection
{
    private const int NamesShown = 5;

    /// <summary>Writes it.</summary>
    public static void Write(Markup html, ReportFacts facts, FleetGrid grid, IReadOnlyList<FailureCause> causes, DriftShapes shapes)
    {
        html.Add($"<section id=\"fleet\" aria-labelledby=\"fleet-title\">\n<h2 id=\"fleet-title\">Fleet</h2>\n");
        WriteUnread(html, facts.Unread);
        WriteFilter(html, facts, grid, causes, shapes);
        WriteLegend(html);
        WriteTable(html, grid, "grid", "Tenants by revision. Tenants that are alike are one row.", "Tenants");
        if (FleetGrid.Of(facts, MigrationScope.Shared) is { Rows.IsEmpty: false } shared)
        {
            html.Add($"<h3>Shared schema</h3>\n");
            WriteTable(html, shared, "shared-grid", "The shared schema of each database, by revision. Databases that are alike are one row.", "Databases");
        }

        html.Add($"</section>\n");
    }

    private static void WriteUnread(Markup html, IReadOnlyList<UnreadTenant> unread)
    {
        foreach (var group in unread.GroupBy(static tenant => tenant.Error.Message))
        {
            html.Add($"<p class=\"notice\"><strong>Not read: {group.Count()} {(group.Count() == 1 ? "tenant" : "tenants")}</strong> {group.Key}</p>\n");
        }
    }

    private static void WriteFilter(Markup html, ReportFacts facts, FleetGrid grid, IReadOnlyList<FailureCause> causes, DriftShapes shapes)
    {
        html.Add($"""
            <div id="filter" role="search" aria-label="Filter tenants" hidden>
            <label>Name, schema, database or label <input id="f-text" type="search" autocomplete="off" spellcheck="false"></label>
            <label>Status <select id="f-status"><option value="">any</option>
            """);
        foreach (var status in grid.Rows.Select(static row => row.Status).Distinct())
        {
            html.Add($"<option>{status}</option>");
        }

        html.Add($"</select></label>\n<label>Revision <select id=\"f-revision\"><option value=\"\">any</option>");
        for (var at = grid.Revisions.Length - 1; at >= 0; at--)
        {
            html.Add($"<option value=\"{at:0}\">{facts.Graph.ShortId(grid.Revisions[at].Id)} {grid.Revisions[at].Manifest.Description}</option>");
        }

        html.Add($"</select></label>\n<label>which they <select id=\"f-has\"><option value=\"has\">have</option><option value=\"lacks\">do not have</option><option value=\"failed\">failed at</option></select></label>\n");
        if (facts.Run is { } run)
        {
            html.Add($"<label>In the run <select id=\"f-run\"><option value=\"\">any</option>");
            foreach (var status in run.Work.Where(static work => work.Key.Scope == "tenant").Select(static work => work.Status).Distinct().Order(StringComparer.Ordinal))
            {
                html.Add($"<option>{status}</option>");
            }

            html.Add($"</select></label>\n");
        }

        WriteNumbered(html, "f-cause", "Failure", causes.Select(FailureSection.NameOf));
        WriteNumbered(html, "f-shape", "Schema", shapes.All.Select(DriftSection.NameOf));
        html.Add($"<button type=\"button\" id=\"f-clear\">Clear</button>\n</div>\n<p id=\"shown\" role=\"status\"></p>\n");
    }

    private static void WriteNumbered(Markup html, string id, string label, IEnumerable<string> names)
    {
        var all = names.ToList();
        if (all.Count == 0)
        {
            return;
        }

        html.Add($"<label>{label} <select id=\"{id}\"><option value=\"\">any</option>");
        for (var number = 0; number < all.Count; number++)
        {
            html.Add($"<option value=\"{number:0}\">{all[number]}</option>");
        }

        html.Add($"</select></label>\n");
    }

    private static void WriteLegend(Markup html) => html.Add($"""
        <ul class="legend" aria-label="Cells">
        <li><i class="cell a"></i>applied</li><li><i class="cell p"></i>pending</li><li><i class="cell i"></i>in progress</li><li><i class="cell f"></i>failed in the run</li><li><i class="cell u"></i>not known</li>
        </ul>

        """);

    private static void WriteTable(Markup html, FleetGrid grid, string id, string caption, string what)
    {
        var columns = GridColumn.Of(grid);
        html.Add($"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{what} by revision\">\n<table class=\"grid\" id=\"{id}\">\n<caption>{caption}</caption>\n");
        html.Add($"<thead><tr><th scope=\"col\">{what}</th><th scope=\"col\">Status</th><th scope=\"col\">At revision</th><th scope=\"col\" class=\"number\">Behind</th>");
        foreach (var column in columns)
        {
            html.Add($"<th scope=\"col\" class=\"rev\"><span>{column.Name}</span></th>");
        }

        html.Add($"</tr></thead>\n<tbody>\n");
        for (var number = 0; number < grid.Rows.Length; number++)
        {
            WriteRow(html, grid.Rows[number], number, columns, isShared: id != "grid");
        }

        html.Add($"</tbody>\n</table>\n</div>\n");
    }

    private static void WriteRow(Markup html, GridRow row, int number, IReadOnlyList<GridColumn> columns, bool isShared)
    {
        var names = row.Schemas.Take(NamesShown).Select(schema => isShared ? $"{schema.Revision.Database} on {schema.Revision.Server}" : schema.Revision.Name).ToList();
        html.Add($"<tr data-row=\"{number:0}\"><th scope=\"row\"><span class=\"n\">{row.Schemas.Count}</span> <small><bdi>{string.Join(", ", names)}</bdi>{(row.Schemas.Count > names.Count ? ", …" : "")}</small></th>");
        html.Add($"<td class=\"{ClassOf(row.Status)}\">{NameOf(row.Status)}</td><td>");
        html.Add($"{(row.Heads.IsEmpty ? row.Status == FleetGrid.NotRead ? "" : "base" : string.Join(", ", row.Heads))}</td><td class=\"number\">");
        if (row.BehindBy is { } behind)
        {
            html.Add($"{behind}");
        }

        html.Add($"</td>");
        foreach (var column in columns)
        {
            var cell = row.Cells[column.First];
            html.Add($"<td class=\"cell {cell.ToString()}\"><b>{NameOf(cell)}</b></td>");
        }

        html.Add($"</tr>\n");
    }

    private static string ClassOf(string status) => status switch
    {
        TenantRevisionStatus.AtHead => "good",
        TenantRevisionStatus.Behind => "plain",
        _ => "bad",
    };

    // As people say it; the value of the filter is the word that the objects have.
    private static string NameOf(string status) => status == FleetGrid.NotRead ? "Not read" : status;

    private static string NameOf(char cell) => cell switch
    {
        GridCells.Applied => "applied",
        GridCells.Pending => "pending",
        GridCells.InProgress => "in progress",
        GridCells.Failed => "failed",
        _ => "not known",
    };
}
