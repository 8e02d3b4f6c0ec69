using Tenancy.Core.History;
using Tenancy.Model;

namespace Tenancy.Core.Reports.Page;

/// <summary>The top of the page: what there is to know in one look.</summary>
internal static class HeaderSection
{
    /// <summary>Writes it, and opens <c>main</c>.</summary>
    public static void Write(Markup html, ReportFacts facts, FleetGrid grid, IReadOnlyList<FailureCause> causes, DriftShapes shapes)
    {
        var (atHead, behind) = (grid.CountOf(TenantRevisionStatus.AtHead), grid.CountOf(TenantRevisionStatus.Behind));
        var other = grid.Count - atHead - behind;
        var failed = causes.Sum(static cause => cause.Work.Count);
        html.Add($"""
            <a class="skip" href="#fleet">Skip to the fleet</a>
            <header>
            <h1>Fleet <bdi>{facts.Fleet}</bdi></h1>
            <p class="made">As of {facts.Made} UTC &middot; {ToolVersion.Text}</p>
            <dl class="facts">
            <div><dt>Tenants</dt><dd id="count-tenants">{grid.Count}</dd></div>
            <div class="good"><dt>At the latest revision</dt><dd id="count-at-head">{atHead}</dd></div>
            <div><dt>Behind</dt><dd id="count-behind">{behind}</dd></div>
            <div class="{Bad(other)}"><dt>Something else</dt><dd id="count-other">{other}</dd></div>
            """);
        if (facts.Run is not null)
        {
            html.Add($"<div class=\"{Bad(failed)}\"><dt>Failed in the run</dt><dd id=\"count-failed\">{failed}</dd></div>\n");
        }

        if (shapes.IsCompared)
        {
            var drifted = shapes.All.Where(static shape => shape.Status == SchemaComparisonStatus.Drifted).Sum(static shape => shape.Count);
            html.Add($"<div class=\"{Bad(drifted)}\"><dt>Drifted</dt><dd id=\"count-drifted\">{drifted}</dd></div>\n");
        }

        html.Add($"</dl>\n<nav aria-label=\"Sections\"><a href=\"#fleet\">Fleet</a>");
        WriteLink(html, facts.Run is not null, "run", "Run");
        WriteLink(html, causes.Count > 0, "failures", "Failures");
        WriteLink(html, shapes.IsCompared, "drift", "Drift");
        WriteLink(html, !facts.Graph.All.IsEmpty, "revisions", "Revisions");
        html.Add($"</nav>\n</header>\n<main>\n");
    }

    private static string Bad(int count) => count > 0 ? "bad" : "plain";

    private static void WriteLink(Markup html, bool isThere, string id, string name)
    {
        if (isThere)
        {
            html.Add($" <a href=\"#{id}\">{name}</a>");
        }
    }
}
