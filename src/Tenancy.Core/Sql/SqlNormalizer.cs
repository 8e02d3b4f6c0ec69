using System.Text;

namespace Tenancy.Core.Sql;

/// <summary>Takes out of SQL what says nothing, for checksums.</summary>
public static class SqlNormalizer
{
    /// <summary>
    /// The text without comments, with one blank where there was white space or a comment between two tokens, and none at either end. Strings stay as they are, dollar-quoted
    /// bodies and the line ends inside a continued string included. Two tokens never become one.
    /// </summary>
    /// <param name="sql">Any text; need not be valid.</param>
    public static string Normalize(string sql)
    {
        ArgumentNullException.ThrowIfNull(sql);
        var result = new StringBuilder(sql.Length);
        var pending = false;
        var separator = ' ';
        foreach (var token in SqlLexer.Tokenize(sql))
        {
            if (token.IsTrivia && token.Kind != SqlTokenKind.PsqlCommand)
            {
                pending = result.Length > 0;
                continue;
            }

            if (pending)
            {
                result.Append(separator);
                pending = false;
            }

            // A command of psql (an error, but a text all the same) goes to the end of its line.
            separator = token.Kind == SqlTokenKind.PsqlCommand ? '\n' : ' ';
            result.Append(sql, token.Start, token.Length);
        }

        return result.ToString();
    }
}
