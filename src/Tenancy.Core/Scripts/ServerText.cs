using System.Text;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Scripts;

/// <summary>A text that the server puts together when the script runs: pieces that are known, and expressions for those that are not.</summary>
internal sealed class ServerText
{
    private readonly List<string> terms = [];
    private readonly StringBuilder pending = new();

    /// <summary>The SQL expression that gives the text.</summary>
    public string Expression
    {
        get
        {
            Flush();
            return terms.Count == 0 ? "''" : string.Join(" || ", terms);
        }
    }

    /// <summary>Adds text.</summary>
    public ServerText Add(ReadOnlySpan<char> text)
    {
        pending.Append(text);
        return this;
    }

    /// <summary>Adds what an SQL expression gives.</summary>
    public ServerText AddExpression(string expression)
    {
        Flush();
        terms.Add(expression);
        return this;
    }

    /// <summary>An expression's value made safe for the place where it stands, as <see cref="SqlEscaping"/> does with one that is known.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="escapes">The escapes, innermost first.</param>
    public static string Escape(string expression, IEnumerable<SqlEscape> escapes)
    {
        foreach (var escape in escapes)
        {
            expression = escape switch
            {
                // quote_ident leaves the quotes out where it can; bodies of functions keep their text, and are to be the same.
                SqlEscape.Identifier => $"""('"' || {Double(expression, "'\"'", "'\"\"'")} || '"')""",
                SqlEscape.Literal => $"pg_catalog.quote_literal({expression})",
                SqlEscape.InsideIdentifier => Double(expression, "'\"'", "'\"\"'"),
                SqlEscape.InsideLiteral => Double(expression, "''''", "''''''"),
                SqlEscape.InsideEscapeLiteral => Double(Double(expression, @"E'\\'", @"E'\\\\'"), "''''", "''''''"),
                _ => expression,
            };
        }

        return expression;
    }

    private static string Double(string expression, string one, string two) => $"pg_catalog.replace({expression}, {one}, {two})";

    private void Flush()
    {
        if (pending.Length > 0)
        {
            terms.Add(SqlLiteral.Quote(pending.ToString()));
            pending.Clear();
        }
    }
}
