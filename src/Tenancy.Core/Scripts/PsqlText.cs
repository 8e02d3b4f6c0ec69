using System.Text;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Scripts;

/// <summary>Text that psql reads.</summary>
internal static class PsqlText
{
    /// <summary>SQL in which psql sees no variable: <c>a[1:n]</c> would be one to it. A space after the colon changes nothing for the server.</summary>
    /// <param name="sql">The SQL.</param>
    public static string WithoutVariables(string sql)
    {
        if (!sql.Contains(':', StringComparison.Ordinal))
        {
            return sql;
        }

        var text = new StringBuilder();
        var afterColon = false;
        foreach (var token in SqlLexer.Tokenize(sql))
        {
            var isVariable = afterColon && token.Kind is not (SqlTokenKind.Whitespace or SqlTokenKind.CloseParenthesis);
            text.Append(isVariable ? " " : "").Append(sql, token.Start, token.Length);
            afterColon = token is { Length: 1, Kind: SqlTokenKind.Other or SqlTokenKind.Operator } && sql[token.Start] == ':';
        }

        return text.ToString();
    }

    /// <summary>A text as an argument of a psql command: in single quotes, with its escapes.</summary>
    /// <param name="text">The text.</param>
    public static string Quote(string text) => "'" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal) + "'";

    /// <summary>A text in dollar quotes, with a tag that it does not hold.</summary>
    /// <param name="text">The text.</param>
    public static string DollarQuote(string text)
    {
        var tag = "$tenancy$";
        for (var number = 1; text.Contains(tag, StringComparison.Ordinal); number++)
        {
            tag = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"$tenancy{number}$");
        }

        return tag + text + tag;
    }
}
