using System.Globalization;

namespace Tenancy.Core.Reports.Page;

/// <summary>The failures of the run by cause: how many, where, the statement, and what to do.</summary>
internal static class FailureSection
{
    private const int NamesShown = 20;

    /// <summary>A cause in a few words, for a filter.</summary>
    public static string NameOf(FailureCause cause) => cause.First.Revision is { } revision ? $"{cause.First.ErrorId} at {revision}" : cause.First.ErrorId;

    /// <summary>Writes it; nothing where nothing failed.</summary>
    public static void Write(Markup html, IReadOnlyList<FailureCause> causes)
    {
        if (causes.Count == 0)
        {
            return;
        }

        html.Add($"<section id=\"failures\" aria-labelledby=\"failures-title\">\n<h2 id=\"failures-title\">Failures of the run, by cause</h2>\n");
        for (var number = 0; number < causes.Count; number++)
        {
            Write(html, causes[number], number);
        }

        html.Add($"</section>\n");
    }

    private static void Write(Markup html, FailureCause cause, int number)
    {
        var failure = cause.First;
        html.Add($"<article class=\"cause\">\n<h3><span class=\"n\">{cause.Work.Count}</span> &times; {failure.ErrorId}{(failure.SqlState is null ? "" : $" ({failure.SqlState})")}</h3>\n");
        html.Add($"<p class=\"message\"><bdi>{failure.Message}</bdi></p>\n<dl class=\"details\">\n");
        WriteDetail(html, "Revision", failure.Revision);
        WriteDetail(html, "Manifest", failure.Line is { } line ? string.Create(CultureInfo.InvariantCulture, $"{failure.Manifest}:{line}") : failure.Manifest);
        WriteDetail(html, "Operation", failure.Operation);
        WriteDetail(html, "What to do", failure.RecommendedAction);
        WriteDetail(html, cause.Work.Count == 1 ? "Tenant" : "Tenants", string.Join(", ", cause.Work.Take(NamesShown).Select(static work => work.Name)) + (cause.Work.Count > NamesShown ? ", …" : ""));
        html.Add($"</dl>\n");
        if (failure.Statement is { } statement)
        {
            html.Add($"<pre tabindex=\"0\" aria-label=\"Statement\"><code>{statement.Trim()}</code></pre>\n");
        }

        if (cause.Work.Any(static work => work.Key.Scope == "tenant"))
        {
            html.Add($"<button type=\"button\" data-cause=\"{number:0}\" hidden>Show in the grid</button>\n");
        }

        html.Add($"</article>\n");
    }

    private static void WriteDetail(Markup html, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            html.Add($"<div><dt>{name}</dt><dd><bdi>{value}</bdi></dd></div>\n");
        }
    }
}
