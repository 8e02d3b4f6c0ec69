using Tenancy.Model;

namespace Tenancy.Core.Reports.Page;

/// <summary>What schemas are like beside what they are to be like, by shape.</summary>
internal static class DriftSection
{
    private const int DifferencesShown = 200;

    /// <summary>A shape in a few words, for a filter.</summary>
    public static string NameOf(SchemaShape shape) => shape.Shape is null || shape.Status == SchemaComparisonStatus.Equal ? shape.Status : $"{shape.Status} {shape.Shape}";

    /// <summary>Writes it; nothing where nobody compared.</summary>
    public static void Write(Markup html, DriftShapes shapes)
    {
        if (!shapes.IsCompared)
        {
            return;
        }

        html.Add($"<section id=\"drift\" aria-labelledby=\"drift-title\">\n<h2 id=\"drift-title\">Drift, by shape</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Shapes\">\n<table id=\"shapes\">\n<caption>{shapes.Count} tenants compared with what their revisions say. Tenants of one shape have equal schemas.</caption>\n");
        html.Add($"<thead><tr><th scope=\"col\" class=\"number\">Tenants</th><th scope=\"col\">Status</th><th scope=\"col\">Shape</th><th scope=\"col\">At revision</th><th scope=\"col\" class=\"number\">Differences</th><th scope=\"col\">Among them</th></tr></thead>\n<tbody>\n");
        foreach (var shape in shapes.All)
        {
            html.Add($"<tr><td class=\"number\">{shape.Count}</td><th scope=\"row\" class=\"{(shape.Status == SchemaComparisonStatus.Equal ? "good" : "bad")}\">{shape.Status}</th><td><code>{shape.Shape}</code></td><td>{(shape.Heads.Length == 0 ? "base" : string.Join(", ", shape.Heads))}</td><td class=\"number\">{shape.Differences.Length}</td><td><bdi>{string.Join(", ", shape.Names)}</bdi>{(shape.Count > shape.Names.Length ? ", …" : "")}</td></tr>\n");
        }

        html.Add($"</tbody>\n</table>\n</div>\n");
        foreach (var shape in shapes.All.Where(static shape => shape.Differences.Length > 0 || shape.Error is not null))
        {
            WriteDetails(html, shape);
        }

        html.Add($"</section>\n");
    }

    private static void WriteDetails(Markup html, SchemaShape shape)
    {
        html.Add($"<details><summary>{NameOf(shape)}: {shape.Count} {(shape.Count == 1 ? "tenant" : "tenants")}, {(shape.Error is null ? "what differs" : "why it could not be compared")}</summary>\n");
        if (shape.Error is { } error)
        {
            html.Add($"<p class=\"message\"><bdi>{error}</bdi></p>\n");
        }

        if (shape.Differences.Length > 0)
        {
            html.Add($"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Differences\">\n<table class=\"differences\">\n<caption>What differs from what is expected</caption>\n<thead><tr><th scope=\"col\">Object</th><th scope=\"col\">Change</th><th scope=\"col\">Property</th><th scope=\"col\">Expected</th><th scope=\"col\">There</th></tr></thead>\n<tbody>\n");
            foreach (var difference in shape.Differences.Take(DifferencesShown))
            {
                html.Add($"<tr><th scope=\"row\">{difference.Kind} <bdi>{(difference.Table is null ? "" : difference.Table + ".")}{difference.Name}</bdi></th><td>{difference.Change}</td><td>{difference.Property}</td><td><code>{difference.Expected}</code></td><td><code>{difference.Actual}</code></td></tr>\n");
            }

            html.Add($"</tbody>\n</table>\n</div>\n");
            if (shape.Differences.Length > DifferencesShown)
            {
                html.Add($"<p class=\"note\">{shape.Differences.Length - DifferencesShown} more: Compare-TenantSchema shows them.</p>\n");
            }
        }

        html.Add($"</details>\n");
    }
}
