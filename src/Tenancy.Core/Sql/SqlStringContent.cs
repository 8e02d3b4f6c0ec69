using System.Globalization;
using System.Text;

namespace Tenancy.Core.Sql;

/// <summary>What a string constant means.</summary>
/// <param name="Text">The text that it stands for. Of <c>U&amp;''</c> the escapes are left as they are.</param>
/// <param name="Start">Offset of the content where <paramref name="Offsets"/> is null.</param>
/// <param name="Offsets">Where each character of the text stood, and the closing quote; null where they follow each other from <paramref name="Start"/>.</param>
/// <param name="Tag">The tag of a dollar quote, with its dollar signs; else null.</param>
internal readonly record struct SqlStringContent(string Text, int Start, int[]? Offsets, string? Tag)
{
    /// <summary>Reads a string constant that has an end.</summary>
    /// <param name="text">The text around it.</param>
    /// <param name="token">A string token.</param>
    public static SqlStringContent Of(string text, SqlToken token)
    {
        if (token.Kind == SqlTokenKind.DollarString)
        {
            var tag = text[token.Start..(text.IndexOf('$', token.Start + 1) + 1)];
            var length = Math.Max(0, token.Length - (2 * tag.Length));
            return new SqlStringContent(text.Substring(token.Start + tag.Length, length), token.Start + tag.Length, null, tag);
        }

        var start = text.IndexOf('\'', token.Start, token.Length) + 1;
        var end = token.End - 1;
        var plain = text.AsSpan(start, Math.Max(0, end - start));
        var escapes = token.Kind == SqlTokenKind.EscapeString;
        return plain.Contains('\'') || (escapes && plain.Contains('\\'))
            ? Decode(text, start, end, escapes)
            : new SqlStringContent(plain.ToString(), start, null, null);
    }

    private static SqlStringContent Decode(string text, int start, int end, bool escapes)
    {
        var content = new StringBuilder(end - start);
        var offsets = new List<int>(end - start + 1);
        for (var at = start; at < end;)
        {
            var from = at;
            if (text[at] == '\'')
            {
                if (text[at + 1] != '\'')
                {
                    // Closed, and opened again on a later line.
                    at = SqlLexer.Continuation(text, at + 1)!.Value;
                    continue;
                }

                at += 2;
                content.Append('\'');
            }
            else if (escapes && text[at] == '\\' && at + 1 < end)
            {
                at++;
                content.Append(Unescape(text, ref at, end));
            }
            else
            {
                content.Append(text[at++]);
            }

            while (offsets.Count < content.Length)
            {
                offsets.Add(from);
            }
        }

        offsets.Add(end);
        return new SqlStringContent(content.ToString(), start, [.. offsets], null);
    }

    /// <summary>Manual, 4.1.2.2. Bytes written in octal or hexadecimal become the characters of these numbers: enough to know where names end.</summary>
    private static string Unescape(string text, ref int at, int end)
    {
        var character = text[at++];
        switch (character)
        {
            case 'b':
                return "\b";
            case 'f':
                return "\f";
            case 'n':
                return "\n";
            case 'r':
                return "\r";
            case 't':
                return "\t";
            case 'x':
                return Number(text, ref at, end, 2, 16) ?? "x";
            case 'u':
                return Number(text, ref at, end, 4, 16) ?? "u";
            case 'U':
                return Number(text, ref at, end, 8, 16) ?? "U";
            case >= '0' and <= '7':
                at--;
                return Number(text, ref at, end, 3, 8)!;
            default:
                return character.ToString();
        }
    }

    private static string? Number(string text, ref int at, int end, int most, int radix)
    {
        var value = 0;
        var digits = 0;
        for (; digits < most && at < end && int.TryParse(text.AsSpan(at, 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var digit) && digit < radix; digits++, at++)
        {
            value = unchecked((value * radix) + digit);
        }

        return digits == 0 ? null : Rune.IsValid(value) ? new Rune(value).ToString() : ((char)value).ToString();
    }
}
