using System.Globalization;
using System.Text;

namespace Tenancy.Model;

/// <summary>Texts of others (names, messages of a server) as they may stand in a terminal or on a page: what would command it, or hide or turn round what stands beside it, is shown as its code.</summary>
public static class PrintableText
{
    /// <summary>The text with <c>\u001b</c> and the like for control characters, marks of direction and of no width, line separators, and halves of characters. Line feeds and tabs stay.</summary>
    /// <param name="text">The text, or null.</param>
    public static string Of(string? text)
    {
        text ??= "";
        var at = 0;
        while (at < text.Length && text[at] is >= ' ' and <= '~' or '\n' or '\t')
        {
            at++;
        }

        return at == text.Length ? text : Clean(text);
    }

    /// <summary>The same on one line, for names: none writes lines of its own into a log.</summary>
    /// <param name="text">The text, or null.</param>
    public static string Line(string? text) => Of(text).Replace("\r", "\\u000d", StringComparison.Ordinal).Replace("\n", "\\u000a", StringComparison.Ordinal).Replace("\t", "\\u0009", StringComparison.Ordinal);

    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (char.IsSurrogatePair(text, at))
            {
                clean.Append(text, at++, 2);
            }
            else if (IsShown(text[at]) || (text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n'))
            {
                clean.Append(text[at]);
            }
            else
            {
                clean.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[at]:x4}");
            }
        }

        return clean.ToString();
    }

    private static bool IsShown(char character) => character is '\n' or '\t' || char.GetUnicodeCategory(character) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned);
}
