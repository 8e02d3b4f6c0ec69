using System.Text.Json;
using Tenancy.Core.Safety;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Safety;

/// <summary>SARIF 2.1.0: what its schema requires, and what a review shows.</summary>
public sealed class SarifTests
{
    private static readonly SafetyFinding Finding = new()
    {
        Severity = SafetySeverity.Warning,
        Rule = "missing-index",
        Message = "no index \"here\".",
        Why = "Slow.",
        SafeWay = "Create one.",
        Manifest = "/work/migrations/a b/0002.yaml",
        Line = 7,
        Column = 3,
    };

    [Fact]
    public void The_log_has_what_the_schema_requires()
    {
        var log = Write([Finding, Finding with { Severity = SafetySeverity.Note, Line = 9, IsSuppressed = true, Reason = "Few rows" }, Finding with { Rule = SafetyRules.UnusedSuppression, Severity = SafetySeverity.Error, Manifest = "/other/x.yaml", Line = 0, Column = 0 }]);

        // sarifLog: version and runs; run: tool; tool: driver; toolComponent: name; reportingDescriptor: id.
        Assert.Equal("2.1.0", log.GetProperty("version").GetString());
        Assert.EndsWith("sarif-schema-2.1.0.json", log.GetProperty("$schema").GetString(), StringComparison.Ordinal);
        var run = Assert.Single(log.GetProperty("runs").EnumerateArray());
        var driver = run.GetProperty("tool").GetProperty("driver");
        Assert.Equal("TenancyMigrate", driver.GetProperty("name").GetString());
        Assert.Matches(@"^\d+\.\d+\.\d+$", driver.GetProperty("semanticVersion").GetString());
        var rules = driver.GetProperty("rules").EnumerateArray().ToList();
        Assert.Equal(["missing-index", "unused-suppression"], rules.Select(static rule => rule.GetProperty("id").GetString()!));
        Assert.All(rules, static rule => Assert.All(["shortDescription", "fullDescription", "help"], name => Assert.NotEmpty(rule.GetProperty(name).GetProperty("text").GetString()!)));

        // result: message; message: text; region: lines from 1; level: a closed set; suppression: kind.
        var results = run.GetProperty("results").EnumerateArray().ToList();
        Assert.Equal(["warning", "note", "error"], results.Select(static result => result.GetProperty("level").GetString()!));
        Assert.All(results, result =>
        {
            Assert.Equal(result.GetProperty("ruleId").GetString(), rules[result.GetProperty("ruleIndex").GetInt32()].GetProperty("id").GetString());
            Assert.Contains("Create one.", result.GetProperty("message").GetProperty("text").GetString(), StringComparison.Ordinal);
            var place = Assert.Single(result.GetProperty("locations").EnumerateArray()).GetProperty("physicalLocation");
            Assert.True(Uri.IsWellFormedUriString(place.GetProperty("artifactLocation").GetProperty("uri").GetString(), UriKind.RelativeOrAbsolute));
            Assert.InRange(place.GetProperty("region").GetProperty("startLine").GetInt32(), 1, 9);
            Assert.InRange(place.GetProperty("region").GetProperty("startColumn").GetInt32(), 1, 3);
        });
        Assert.Equal(["migrations/a%20b/0002.yaml", "migrations/a%20b/0002.yaml", "file:///other/x.yaml"], results.Select(static result => result.GetProperty("locations")[0].GetProperty("physicalLocation").GetProperty("artifactLocation").GetProperty("uri").GetString()!));
        Assert.False(results[0].TryGetProperty("suppressions", out _));
        var suppression = Assert.Single(results[1].GetProperty("suppressions").EnumerateArray());
        Assert.Equal(("inSource", "Few rows"), (suppression.GetProperty("kind").GetString(), suppression.GetProperty("justification").GetString()));
    }

    [Fact]
    public void Without_findings_it_is_a_log_all_the_same() =>
        Assert.Equal(0, Write([]).GetProperty("runs")[0].GetProperty("results").GetArrayLength());

    [Fact]
    public void A_file_that_cannot_be_written_is_told_of() =>
        Assert.Equal("SarifNotWritten", Assert.Throws<TenancyException>(static () => SarifLog.Write(Path.GetTempPath(), [], "/work")).ErrorId);

    private static JsonElement Write(IReadOnlyCollection<SafetyFinding> findings)
    {
        using var stream = new MemoryStream();
        SarifLog.Write(stream, findings, "/work");
        return JsonDocument.Parse(stream.ToArray()).RootElement.Clone();
    }
}
