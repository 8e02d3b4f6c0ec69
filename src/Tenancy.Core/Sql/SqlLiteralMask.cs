using System.Text;

namespace Tenancy.Core.Sql;

/// <summary>Shows SQL of others without the data in it.</summary>
internal static class SqlLiteralMask
{
    /// <summary>The text with <c>?</c> for each string and number, without comments, with blanks for white space and control characters.</summary>
    /// <param name="sql">Any text, cut anywhere.</param>
    /// <param name="longest">How many characters of it, at the most; what is left out shows as an ellipsis.</param>
    public static string Apply(string sql, int longest)
    {
        var result = new StringBuilder();
        foreach (var token in SqlLexer.Tokenize(sql))
        {
            if (token.IsString || token.Kind is SqlTokenKind.Number or SqlTokenKind.BitString)
            {
                result.Append('?');
            }
            else if (!token.IsTrivia)
            {
                result.Append(sql, token.Start, token.Length);
            }
            else if (result.Length > 0 && result[^1] != ' ')
            {
                result.Append(' ');
            }

            if (result.Length > longest)
            {
                result.Length = longest;
                result.Append('…');
                break;
            }
        }

        for (var at = 0; at < result.Length; at++)
        {
            result[at] = char.IsControl(result[at]) ? ' ' : result[at];
        }

        return result.ToString().TrimEnd();
    }
}
