using Tenancy.Core.Sql;

namespace Tenancy.Core.Rehearsals;

/// <summary>Concurrent statements as a transaction can run them.</summary>
internal static class PlainForm
{
    /// <summary>The statement without CONCURRENTLY; null where it is not concurrent, or needs to be outside a transaction without that too.</summary>
    /// <param name="sql">One statement, rendered.</param>
    public static string? Of(string sql)
    {
        var code = Read(sql);
        var isReindex = code.Is(0, "REINDEX") && SqlNonTransactional.Reindex(code).IsConcurrent;
        if (isReindex && !code.Is(SqlNonTransactional.Reindex(code).Kind + 1, "CONCURRENTLY"))
        {
            // The option: what it is set to, if anything, ends before a comma or the parenthesis.
            var option = Find(code, 2);
            return Checked(sql[..code[option].Start] + "CONCURRENTLY FALSE" + sql[code[code.Kind(option + 1) is SqlTokenKind.Comma or SqlTokenKind.CloseParenthesis ? option : option + 1].End..]);
        }

        var isConcurrent = isReindex
            || (code.Is(0, "CREATE") && SqlNonTransactional.IsConcurrentCreate(code))
            || code.Follows(0, "DROP INDEX CONCURRENTLY")
            || (code.Follows(0, "ALTER TABLE") && code.Is(code.Count - 1, "CONCURRENTLY") && SqlClassifier.HasAtTop(code, 2, "DETACH PARTITION"));
        if (!isConcurrent)
        {
            return null;
        }

        var token = code[code.Is(0, "ALTER") ? code.Count - 1 : Find(code, 1)];
        return Checked(sql[..token.Start] + sql[token.End..]);
    }

    private static string? Checked(string sql) => SqlNonTransactional.Is(Read(sql)) ? null : sql;

    private static SqlCode Read(string sql) => new(sql, [.. SqlLexer.Tokenize(sql).Where(static token => !token.IsTrivia)]);

    private static int Find(SqlCode code, int start)
    {
        while (!code.Is(start, "CONCURRENTLY"))
        {
            start++;
        }

        return start;
    }
}
