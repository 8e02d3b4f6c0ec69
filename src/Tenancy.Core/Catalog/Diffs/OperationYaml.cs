using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Tenancy.Core.Authoring;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Writes operations as a person would: on one line where that is short, texts of several lines as blocks.</summary>
internal static class OperationYaml
{
    private const int LongestLine = 150;

    private const int LongestTable = 80;

    /// <summary>The operations as items of <c>up</c> or <c>down</c>, indented by two.</summary>
    public static string Write(IEnumerable<ManifestOperation> operations)
    {
        var text = new StringBuilder();
        foreach (var operation in operations)
        {
            text.Append("  - ");
            Entry(text, operation.Name, operation.Value, 4);
        }

        return text.ToString();
    }

    private static void Entry(StringBuilder text, string key, JsonNode value, int indent)
    {
        text.Append(key).Append(':');
        switch (value)
        {
            case JsonValue scalar when IsBlock(scalar, out var lines):
                Block(text, lines, indent + 2);
                return;
            case not JsonValue when InFlow(value, (IsTable(value) ? LongestTable : LongestLine) - indent - key.Length - 2) is null:
                text.Append('\n');
                Children(text, value, indent + 2);
                return;
            case JsonValue scalar:
                text.Append(' ').Append(Scalar(scalar, isFlow: false)).Append('\n');
                return;
            default:
                text.Append(' ').Append(InFlow(value, int.MaxValue)).Append('\n');
                return;
        }
    }

    /// <summary>A list of mappings reads better as rows.</summary>
    private static bool IsTable(JsonNode value) => value is JsonArray list && list.All(static item => item is JsonObject);

    private static void Children(StringBuilder text, JsonNode value, int indent)
    {
        if (value is JsonObject mapping)
        {
            foreach (var (key, child) in mapping)
            {
                text.Append(' ', indent);
                Entry(text, Key(key), child!, indent);
            }

            return;
        }

        foreach (var item in (JsonArray)value)
        {
            text.Append(' ', indent).Append("- ");
            if (InFlow(item!, LongestLine - indent - 2) is { } flow)
            {
                text.Append(flow).Append('\n');
            }
            else if (item is JsonObject inner)
            {
                var isFirst = true;
                foreach (var (key, child) in inner)
                {
                    text.Append(' ', isFirst ? 0 : indent + 2);
                    Entry(text, Key(key), child!, indent + 2);
                    isFirst = false;
                }
            }
            else
            {
                text.Append(InFlow(item!, int.MaxValue)).Append('\n');
            }
        }
    }

    /// <summary>A text of several lines that a literal block gives back as it is (YAML 1.2, 8.1.2).</summary>
    private static bool IsBlock(JsonValue value, out string text) =>
        value.TryGetValue(out text!) && text.Contains('\n', StringComparison.Ordinal) && text.AsSpan().Trim('\n').Length > 0 && text != ManifestMapping.Null
        && !text.AsSpan().ContainsAnyExcept(Printable) && text.Split('\n').All(static line => line.Length == 0 || line.AsSpan().Trim(" \t").Length > 0);

    private static void Block(StringBuilder text, string value, int indent)
    {
        var isIndented = value.TrimStart('\n') is [' ' or '\t', ..];
        var ending = value.EndsWith("\n\n", StringComparison.Ordinal) ? "+" : value.EndsWith('\n') ? "" : "-";
        text.Append(" |").Append(isIndented ? "2" : "").Append(ending).Append('\n');
        foreach (var line in (value.EndsWith('\n') ? value[..^1] : value).Split('\n'))
        {
            text.Append(' ', line.Length == 0 ? 0 : indent).Append(line).Append('\n');
        }
    }

    /// <summary>The value on one line; null where it is longer than <paramref name="longest"/> or holds a text of several lines.</summary>
    private static string? InFlow(JsonNode value, int longest)
    {
        var text = value switch
        {
            JsonValue scalar => longest < int.MaxValue && IsBlock(scalar, out _) ? null : Scalar(scalar, isFlow: true),
            JsonArray list => Join(list.Select(item => InFlow(item!, longest)), "[", "]"),
            JsonObject mapping => Join(mapping.Select(entry => InFlow(entry.Value!, longest) is { } inner ? $"{Key(entry.Key)}: {inner}" : null), "{", "}"),
            _ => null,
        };
        return text?.Length > longest ? null : text;
    }

    private static string? Join(IEnumerable<string?> parts, string open, string close)
    {
        var all = parts.ToList();
        return all.Contains(null) ? null : $"{open}{string.Join(", ", all)}{close}";
    }

    private static string Key(string key) => YamlText.Scalar(key);

    private static string Scalar(JsonValue value, bool isFlow)
    {
        if (value.TryGetValue(out bool flag))
        {
            return flag ? "true" : "false";
        }

        if (value.TryGetValue(out long number))
        {
            return number.ToString(CultureInfo.InvariantCulture);
        }

        var text = value.GetValue<string>();
        if (text == ManifestMapping.Null)
        {
            return "null";
        }

        // A comma ends a value within brackets.
        var scalar = YamlText.Scalar(text);
        return isFlow && scalar[0] != '"' && scalar.Contains(',', StringComparison.Ordinal) ? $"\"{scalar}\"" : scalar;
    }

    private static readonly System.Buffers.SearchValues<char> Printable = System.Buffers.SearchValues.Create(
        [.. Enumerable.Range(0, char.MaxValue + 1).Select(static code => (char)code).Where(static character => character is '\n' or '\t' || !YamlText.IsEscaped(character))]);
}
