using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Tenancy.Core.Manifests.Yaml;

/// <summary>Finds where the characters of a scalar stand in its file.</summary>
internal static class YamlScalarText
{
    /// <summary>A scalar that knows the place of its text.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="scalar">The parser's event.</param>
    /// <param name="position">Where the event begins.</param>
    public static YamlScalar Locate(string text, Scalar scalar, SourcePosition position)
    {
        var value = scalar.Value;
        var isPlain = scalar.Style == ScalarStyle.Plain;
        var index = (int)scalar.Start.Index;
        if (scalar.Style is ScalarStyle.Literal or ScalarStyle.Folded)
        {
            var (start, indent, isVerbatim) = LocateBlock(text, index, value, position);
            return new YamlScalar(position, value, isPlain, start, indent, isVerbatim && scalar.Style == ScalarStyle.Literal);
        }

        var quote = isPlain ? 0 : 1;
        var begin = position with { Column = position.Column + quote };

        // Exact where the file holds the very characters: one line, no escapes.
        var same = index + quote + value.Length <= text.Length
            && text.AsSpan(index + quote, value.Length).SequenceEqual(value)
            && !value.Contains('\n', StringComparison.Ordinal);
        return new YamlScalar(position, value, isPlain, begin, 0, same);
    }

    private static (SourcePosition Start, int Indent, bool IsVerbatim) LocateBlock(string text, int header, string value, SourcePosition position)
    {
        var line = NextLine(text, header);
        var start = position with { Line = position.Line + 1, Column = 1 };
        var lead = 0;
        while (lead < value.Length && value[lead] == '\n')
        {
            line = NextLine(text, line);
            lead++;
        }

        // The first line with text tells the indentation, whether detected by YAML or given in the header.
        var valueEnd = value.IndexOf('\n', lead);
        var first = value.AsSpan(lead, (valueEnd < 0 ? value.Length : valueEnd) - lead);
        var rawEnd = text.IndexOf('\n', line);
        var raw = text.AsSpan(line, (rawEnd < 0 ? text.Length : rawEnd) - line);
        return first.Length > 0 && raw.EndsWith(first)
            ? (start with { Column = lead > 0 ? 1 : raw.Length - first.Length + 1 }, raw.Length - first.Length, true)
            : (start, 0, false);
    }

    private static int NextLine(string text, int index)
    {
        var end = index >= text.Length ? -1 : text.IndexOf('\n', index);
        return end < 0 ? text.Length : end + 1;
    }
}
