using System.Text.RegularExpressions;
using Tenancy.Core.Tests.Examples;
using Xunit;

namespace Tenancy.Core.Tests.Safety;

/// <summary>docs/safety.md: its rules, each with what it catches and what it must not.</summary>
internal static partial class SafetyDocument
{
    private static readonly string Text = File.ReadAllText(Path.Combine(ExampleFiles.Docs, "safety.md")).ReplaceLineEndings("\n");

    /// <summary>The manifest of the tables that the examples work on.</summary>
    internal static string Base { get; } = Yaml().Match(Text[Text.IndexOf("## The rules", StringComparison.Ordinal)..]).Groups[1].Value;

    /// <summary>The rules by id.</summary>
    internal static IReadOnlyDictionary<string, DocumentedRule> Rules { get; } = Section().Matches(Text).Select(static section => Read(section.Groups["id"].Value, section.Groups["text"].Value)).ToDictionary(static rule => rule.Id);

    internal static TheoryData<string> Ids => [.. Rules.Keys];

    /// <summary>A manifest of operations that follows the base.</summary>
    internal static string Manifest(string operations, string head = "") => $"revision: ba5e0002\nparent: ba5e0001\n{head}up:\n{Regex.Replace(operations.TrimEnd(), "^", "  ", RegexOptions.Multiline)}\n";

    private static DocumentedRule Read(string id, string text)
    {
        var examples = Yaml().Matches(text);
        Assert.Equal(2, examples.Count);
        return new(id, text.Trim().Split('\n')[0], Line(text, "Why: "), Line(text, "Safe: "), examples[0].Groups[1].Value, examples[1].Groups[1].Value);
    }

    private static string Line(string text, string start) => text.Split('\n').Single(line => line.StartsWith(start, StringComparison.Ordinal))[start.Length..];

    [GeneratedRegex(@"^### `(?<id>[a-z-]+)`\n(?<text>.*?)(?=^### |\z)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Section();

    [GeneratedRegex(@"^```yaml\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Yaml();
}

/// <summary>A rule as the document has it.</summary>
internal sealed record DocumentedRule(string Id, string Title, string Why, string SafeWay, string Caught, string Safe);
