using System.Text;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>
/// What the server prints of <c>x IN ('a', 'b')</c> for a varchar, <c>(x)::text = ANY ((ARRAY['a'::character varying, …])::text[])</c>, it does not read back as it was: a cast that is written goes to each element
/// (<c>transformTypeCast</c>). Without the cast it makes the same of it again.
/// </summary>
internal static class ComparedArrays
{
    /// <summary>SQL of which the server makes what it printed.</summary>
    /// <param name="sql">SQL that a server printed.</param>
    public static string Of(string sql)
    {
        if (!sql.Contains("ARRAY[", StringComparison.Ordinal) || !sql.Contains("[])", StringComparison.Ordinal))
        {
            return sql;
        }

        var tokens = SqlLexer.Tokenize(sql).Where(static token => !token.IsTrivia).ToList();
        bool Is(int place, string text) => place < tokens.Count && sql.AsSpan(tokens[place].Start, tokens[place].Length).Equals(text, StringComparison.OrdinalIgnoreCase);
        var (text, written) = (new StringBuilder(), 0);
        void Skip(int from, int to)
        {
            text.Append(sql, written, from - written);
            written = to;
        }

        for (var i = 0; i < tokens.Count; i++)
        {
            if (!(Is(i, "ANY") || Is(i, "ALL")) || !Is(i + 1, "("))
            {
                continue;
            }

            var isInner = Is(i + 2, "(");
            var array = i + (isInner ? 3 : 2);
            if (!Is(array, "ARRAY") || !Is(array + 1, "[") || End(array + 1) is not { } last)
            {
                continue;
            }

            // Of the cast, all up to what closes ANY ( … ).
            var cast = last + (isInner ? 2 : 1);
            if ((isInner && !Is(last + 1, ")")) || !Is(cast, "::") || End(i + 1) is not { } close || !Is(close - 1, "]"))
            {
                continue;
            }

            if (isInner)
            {
                Skip(tokens[i + 2].Start, tokens[i + 2].End);
            }

            Skip(tokens[last].End, tokens[close].Start);
        }

        return written == 0 ? sql : text.Append(sql, written, sql.Length - written).ToString();

        int? End(int open)
        {
            var depth = 0;
            for (var i = open; i < tokens.Count; i++)
            {
                depth += Is(i, "(") || Is(i, "[") ? 1 : Is(i, ")") || Is(i, "]") ? -1 : 0;
                if (depth == 0)
                {
                    return i;
                }
            }

            return null;
        }
    }
}
