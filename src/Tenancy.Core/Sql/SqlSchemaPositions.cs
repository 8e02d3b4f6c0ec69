namespace Tenancy.Core.Sql;

/// <summary>
/// Finds where a name stands as a schema although no dot follows it: after the keyword SCHEMA and in a <c>search_path</c>.
/// <c>schema</c> is no reserved word, so it is taken as the keyword only after a word that can come before it in PostgreSQL's grammar.
/// </summary>
internal static class SqlSchemaPositions
{
    /// <summary>CREATE EXTENSION has at most this many tokens between EXTENSION and SCHEMA (IF NOT EXISTS name WITH VERSION v CASCADE).</summary>
    private const int ExtensionReach = 9;

    /// <summary>REINDEX has fewer tokens than this between its parentheses.</summary>
    private const int OptionsReach = 40;

    /// <summary>Marks the tokens that stand as schemas.</summary>
    /// <param name="code">The tokens.</param>
    /// <param name="start">Index of a statement's first token.</param>
    /// <param name="end">Index after its last.</param>
    /// <param name="marks">Takes the indexes.</param>
    public static void Mark(SqlCode code, int start, int end, HashSet<int> marks)
    {
        for (var index = start; index < end; index++)
        {
            if (code.Is(index, "SCHEMA"))
            {
                MarkAfterSchema(code, start, index, end, marks);
            }
            else if (SearchPathItems(code, start, index) is { } items)
            {
                MarkList(code, items, end, marks);
            }
        }
    }

    /// <summary>The index of the first item when <c>SET [LOCAL | SESSION] search_path {= | TO}</c> stands at <paramref name="index"/>, as a statement or as an attribute; else null.</summary>
    public static int? SearchPathItems(SqlCode code, int start, int index)
    {
        if (!code.Is(index, "SET") || !(index == start || SqlRoutine.StoresSettings(code, start)))
        {
            return null;
        }

        var name = code.IsAny(index + 1, "LOCAL", "SESSION") ? index + 2 : index + 1;
        return string.Equals(code.Name(name), "search_path", StringComparison.OrdinalIgnoreCase)
            && (code.Is(name + 1, "TO") || (code.Kind(name + 1) == SqlTokenKind.Operator && code.Span(name + 1) is "="))
            ? name + 2
            : null;
    }

    private static void MarkAfterSchema(SqlCode code, int start, int keyword, int end, HashSet<int> marks)
    {
        if (!IsKeyword(code, start, keyword))
        {
            return;
        }

        var name = keyword + 1;
        name += code.Follows(name, "IF NOT EXISTS") ? 3 : code.Follows(name, "IF EXISTS") ? 2 : code.Is(name, "CONCURRENTLY") ? 1 : 0;
        if (code.IsAny(keyword - 1, "DROP", "ON", "IN"))
        {
            MarkList(code, name, end, marks);
            return;
        }

        marks.Add(name);
        if (code.Is(keyword - 1, "ALTER") && code.Follows(name + 1, "RENAME TO"))
        {
            marks.Add(name + 3);
        }
        else if (keyword == start + 2 && code.Follows(start, "IMPORT FOREIGN"))
        {
            // IMPORT FOREIGN SCHEMA remote … FROM SERVER server INTO local
            for (var index = name; index + 3 < end; index++)
            {
                if (code.Is(index, "SERVER") && code.Is(index + 2, "INTO"))
                {
                    marks.Add(index + 3);
                    return;
                }
            }
        }
    }

    private static bool IsKeyword(SqlCode code, int start, int keyword)
    {
        if (keyword > start && code.IsAny(keyword - 1, "CREATE", "ALTER", "DROP", "ON", "IN", "SET", "FOREIGN", "REINDEX"))
        {
            return true;
        }

        if (code.Is(start, "REINDEX"))
        {
            return keyword - start < OptionsReach && code.Kind(start + 1) == SqlTokenKind.OpenParenthesis && code.AfterParentheses(start + 1, keyword) == keyword;
        }

        for (var index = keyword - 1; index > start && index >= keyword - ExtensionReach; index--)
        {
            if (code.Is(index, "EXTENSION"))
            {
                return code.IsAny(index - 1, "CREATE", "ALTER");
            }
        }

        return false;
    }

    private static void MarkList(SqlCode code, int first, int end, HashSet<int> marks)
    {
        for (var index = first; index < end; index += 2)
        {
            marks.Add(index);
            if (code.Kind(index + 1) != SqlTokenKind.Comma)
            {
                return;
            }
        }
    }
}
