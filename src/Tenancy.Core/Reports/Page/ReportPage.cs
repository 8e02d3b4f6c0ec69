using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Tenancy.Core.Manifests;

namespace Tenancy.Core.Reports.Page;

/// <summary>Writes a report as a page that needs nothing else. All that counts things is in its mark-up, so it can be read without a script; tenants one by one are in it once, as JSON, and the script shows and filters them.</summary>
internal static class ReportPage
{
    /// <summary>Writes a page.</summary>
    /// <param name="facts">What it shows.</param>
    public static string Write(ReportFacts facts)
    {
        var text = new ReportText(facts.Secrets);
        var body = new Markup(text);
        var tenants = FleetGrid.Of(facts, MigrationScope.Tenant);
        var causes = FailureCause.Of(facts.Run);
        var shapes = DriftShapes.Of(facts.Comparisons);
        HeaderSection.Write(body, facts, tenants, causes, shapes);
        FleetSection.Write(body, facts, tenants, causes, shapes);
        RunSection.Write(body, facts);
        FailureSection.Write(body, causes);
        DriftSection.Write(body, shapes);
        GraphSection.Write(body, facts, tenants);
        body.Add($"</main>");

        var title = new Markup(text);
        title.Add($"Fleet {facts.Fleet}");
        var (style, script) = (Read("report.css"), Read("report.js"));
        return Fill(Read("report.html"), new(StringComparer.Ordinal)
        {
            ["title"] = title.ToString(),
            ["style"] = style,
            ["style-hash"] = Hash(style),
            ["script"] = script,
            ["script-hash"] = Hash(script),
            ["body"] = body.ToString(),
            ["data"] = TenantData.Write(tenants, causes, shapes, text),
        });
    }

    // In one pass: what is filled in is not looked at again.
    private static string Fill(string template, Dictionary<string, string> parts)
    {
        var page = new StringBuilder();
        foreach (var (piece, index) in template.Split('@').Select(static (piece, index) => (piece, index)))
        {
            page.Append(index % 2 == 0 ? piece : parts[piece]);
        }

        return page.ToString();
    }

    // Of the text between the tags, as the browser reads it (CSP, "hash-source").
    private static string Hash(string text) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name) ?? throw new InvalidOperationException($"The engine was built without {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
