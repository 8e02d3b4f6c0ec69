using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Takes lists in SQL apart.</summary>
internal static class SqlLists
{
    /// <summary>The parts of a list, at its commas outside all parentheses and brackets.</summary>
    public static List<string> Split(string list)
    {
        List<string> parts = [];
        var (start, depth) = (0, 0);
        foreach (var token in SqlLexer.Tokenize(list))
        {
            depth += Depth(list, token);
            if (depth == 0 && token.Kind == SqlTokenKind.Comma)
            {
                parts.Add(list[start..token.Start].Trim());
                start = token.End;
            }
        }

        var last = list[start..].Trim();
        if (last.Length > 0 || parts.Count > 0)
        {
            parts.Add(last);
        }

        return parts;
    }

    /// <summary>The texts inside the outermost parentheses.</summary>
    public static List<string> InParentheses(string text)
    {
        List<string> inner = [];
        var (start, depth) = (0, 0);
        foreach (var token in SqlLexer.Tokenize(text))
        {
            var step = token.Kind is SqlTokenKind.OpenParenthesis or SqlTokenKind.CloseParenthesis ? Depth(text, token) : 0;
            if (step > 0 && depth++ == 0)
            {
                start = token.End;
            }
            else if (step < 0 && --depth == 0)
            {
                inner.Add(text[start..token.Start]);
            }
        }

        return inner;
    }

    private static int Depth(string text, SqlToken token) => token.Length != 1 ? 0 : text[token.Start] switch { '(' or '[' => 1, ')' or ']' => -1, _ => 0 };
}
