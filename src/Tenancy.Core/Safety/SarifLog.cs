using System.Text.Encodings.Web;
using System.Text.Json;
using Tenancy.Model;

namespace Tenancy.Core.Safety;

/// <summary>Findings as SARIF 2.1.0 (OASIS), which code review shows beside the lines.</summary>
public static class SarifLog
{
    private const string Schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

    // It is read by programs, as UTF-8.
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a file.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="findings">The findings, suppressed ones too.</param>
    /// <param name="root">The folder that paths are relative to, where they lie below it.</param>
    /// <exception cref="TenancyException"><c>SarifNotWritten</c>.</exception>
    public static void Write(string path, IReadOnlyCollection<SafetyFinding> findings, string root)
    {
        try
        {
            using var file = File.Create(path);
            Write(file, findings, root);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TenancyException("SarifNotWritten", $"{path} cannot be written: {error.Message}", "Check the path and the rights on its folder.", error);
        }
    }

    /// <summary>Writes to a stream.</summary>
    /// <inheritdoc cref="Write(string, IReadOnlyCollection{SafetyFinding}, string)"/>
    internal static void Write(Stream stream, IReadOnlyCollection<SafetyFinding> findings, string root)
    {
        ArgumentNullException.ThrowIfNull(findings);
        var rules = findings.Select(static finding => finding.Rule).Distinct().Order(StringComparer.Ordinal).ToList();
        using var json = new Utf8JsonWriter(stream, Options);
        json.WriteStartObject();
        json.WriteString("$schema", Schema);
        json.WriteString("version", "2.1.0");
        json.WriteStartArray("runs");
        json.WriteStartObject();
        json.WriteStartObject("tool");
        json.WriteStartObject("driver");
        json.WriteString("name", "TenancyMigrate");
        json.WriteString("semanticVersion", typeof(SarifLog).Assembly.GetName().Version?.ToString(3));
        json.WriteStartArray("rules");
        foreach (var finding in rules.Select(rule => findings.First(finding => finding.Rule == rule)))
        {
            WriteRule(json, finding);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteString("columnKind", "utf16CodeUnits");
        json.WriteStartArray("results");
        foreach (var finding in findings)
        {
            WriteResult(json, finding, rules.IndexOf(finding.Rule), root);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRule(Utf8JsonWriter json, SafetyFinding finding)
    {
        json.WriteStartObject();
        json.WriteString("id", finding.Rule);
        WriteText(json, "shortDescription", SafetyRules.All.FirstOrDefault(rule => rule.Id == finding.Rule)?.Title ?? finding.Rule);
        WriteText(json, "fullDescription", finding.Why);
        WriteText(json, "help", finding.SafeWay);
        json.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter json, SafetyFinding finding, int rule, string root)
    {
        json.WriteStartObject();
        json.WriteString("ruleId", finding.Rule);
        json.WriteNumber("ruleIndex", rule);
        json.WriteString("level", finding.Severity switch { SafetySeverity.Error => "error", SafetySeverity.Warning => "warning", _ => "note" });
        WriteText(json, "message", $"{finding.Message} {finding.SafeWay}");
        json.WriteStartArray("locations");
        json.WriteStartObject();
        json.WriteStartObject("physicalLocation");
        json.WriteStartObject("artifactLocation");
        json.WriteString("uri", Uri(finding.Manifest, root));
        json.WriteEndObject();
        json.WriteStartObject("region");
        json.WriteNumber("startLine", Math.Max(1, finding.Line));
        json.WriteNumber("startColumn", Math.Max(1, finding.Column));
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        if (finding.IsSuppressed)
        {
            json.WriteStartArray("suppressions");
            json.WriteStartObject();
            json.WriteString("kind", "inSource");
            json.WriteString("justification", finding.Reason);
            json.WriteEndObject();
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, string name, string text)
    {
        json.WriteStartObject(name);
        json.WriteString("text", text);
        json.WriteEndObject();
    }

    // Below the root relative, with / on every system; else the whole path as a file: address.
    private static string Uri(string manifest, string root)
    {
        var full = Path.GetFullPath(manifest, root);
        var relative = Path.GetRelativePath(root, full);
        return relative.StartsWith("..", StringComparison.Ordinal) || Path.IsPathRooted(relative)
            ? new Uri(full).AbsoluteUri
            : string.Join('/', relative.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar).Select(System.Uri.EscapeDataString));
    }
}
