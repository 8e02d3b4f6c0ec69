using System.Collections.Immutable;

namespace Tenancy.Core.Sql;

/// <summary>Finds what stands before a place to be filled and would change the meaning of any value put there.</summary>
internal static class SqlNeighbours
{
    /// <summary>What is wrong, and what to write; null when the value will stay what it is.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="at">Where the place begins, in the unit's text.</param>
    /// <param name="escapes">The escapes of the value in this unit.</param>
    public static string? Problem(SqlUnit unit, int at, ImmutableArray<SqlEscape> escapes)
    {
        var text = unit.Code.Text;
        if (escapes[^1] is SqlEscape.Identifier or SqlEscape.Literal && at >= 2 && text[at - 1] == '&' && text[at - 2] is 'u' or 'U')
        {
            return "After U& a quoted name or string would be read with Unicode escapes. Write a blank after the &.";
        }

        return (escapes[^1] == SqlEscape.InsideEscapeLiteral && EndsInShortEscape(text.AsSpan(0, at)))
            || (unit.Outer.Contains(SqlEscape.InsideEscapeLiteral) && EndsInShortEscape(unit.Source.AsSpan(0, unit.Offset(at))))
            ? "The escape before it takes further digits, and would take them from the value. Write it with all its digits: \\x0A, \\012, \\u000A."
            : null;
    }

    /// <summary>True after an escape of a number that is shorter than it may be: <c>\1</c>, <c>\xA</c>, <c>\u00</c>. An escaped backslash before the digits counts as well: in a string within a string it may be one.</summary>
    private static bool EndsInShortEscape(ReadOnlySpan<char> text)
    {
        const int LongestNumber = 8;
        for (var digits = 0; digits <= LongestNumber && digits + 1 < text.Length; digits++)
        {
            var character = text[^(digits + 1)];
            var most = character switch { '\\' => digits > 0 && IsOctal(text[^digits..]) ? 3 : 0, 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
            if (digits < most && (character == '\\' || text[^(digits + 2)] == '\\'))
            {
                return true;
            }

            if (!char.IsAsciiHexDigit(character))
            {
                return false;
            }
        }

        return false;
    }

    private static bool IsOctal(ReadOnlySpan<char> digits) => !digits.ContainsAnyExceptInRange('0', '7');
}
