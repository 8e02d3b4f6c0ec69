using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Scratch;

/// <summary>Names in SQL that was not written for a manifest: which schema a statement is about, what it makes there.</summary>
internal static class DesiredNames
{
    private static readonly HashSet<string> InNoSchema = new(StringComparer.Ordinal)
    {
        "DATABASE", "ROLE", "USER", "GROUP", "TABLESPACE", "PUBLICATION", "SUBSCRIPTION", "SERVER", "FOREIGN DATA", "USER MAPPING", "EVENT TRIGGER", "LANGUAGE", "ACCESS METHOD", "CAST", "TRANSFORM",
        "LARGE OBJECT", "PARAMETER", "FOREIGN SERVER",
    };

    /// <summary>The kind of a thing that lies in no schema, which a statement is about, such as <c>publication</c>; null for any other.</summary>
    /// <param name="code">The statement.</param>
    /// <param name="command">Its command.</param>
    public static string? OutsideKind(SqlCode code, string command)
    {
        var kind = command.IndexOf(' ', StringComparison.Ordinal) is > 0 and var at ? command[(at + 1)..] : "";
        if (code.Is(0, "COMMENT") || code.Is(0, "GRANT") || code.Is(0, "REVOKE"))
        {
            var on = 1;
            while (on < code.Count && !code.Is(on, "ON"))
            {
                on++;
            }

            kind = Kind(code, on + 1);
        }

        return InNoSchema.Contains(kind) ? kind.ToLowerInvariant() : null;
    }

    /// <summary>The schema of the object that a statement is about: where it names one after SCHEMA, else of the first qualified name in it; null where it has none.</summary>
    /// <param name="code">The statement.</param>
    public static string? SchemaOf(SqlCode code)
    {
        HashSet<int> marks = [];
        SqlSchemaPositions.Mark(code, 0, code.Count, marks);
        return marks.Count > 0 && !SqlRoutine.StoresSettings(code, 0) ? code.Name(marks.Min()) : Qualified(code) is { } at ? code.Name(at) : null;
    }

    /// <summary>The name that a CREATE makes in a schema, where it is qualified with it, or bare; null for what stands elsewhere.</summary>
    /// <param name="code">The statement.</param>
    /// <param name="schema">The schema; null for bare names only.</param>
    public static string? Created(SqlCode code, string? schema)
    {
        if (!code.Is(0, "CREATE"))
        {
            return null;
        }

        // CREATE [OR REPLACE] [UNLOGGED] TABLE [IF NOT EXISTS] name
        for (var index = 1; index < code.Count && index <= Longest; index++)
        {
            if (code.IsAny(index, "TABLE", "VIEW", "SEQUENCE", "FUNCTION", "PROCEDURE", "AGGREGATE", "TYPE", "DOMAIN", "COLLATION", "STATISTICS", "CONFIGURATION", "DICTIONARY", "CLASS", "FAMILY"))
            {
                var name = code.Follows(index + 1, "IF NOT EXISTS") ? index + 4 : index + 1;
                return code.Kind(name + 1) != SqlTokenKind.Dot ? code.Name(name) : schema is not null && code.Name(name) == schema ? code.Name(name + 2) : null;
            }
        }

        return null;
    }

    /// <summary>The tables that the keys of a statement go to, by schema; null for a bare name.</summary>
    /// <param name="code">The statement.</param>
    public static IEnumerable<(string? Schema, string Table)> References(SqlCode code)
    {
        for (var index = 1; index < code.Count && (code.Is(0, "CREATE") || code.Is(0, "ALTER")); index++)
        {
            if (code.Is(index, "REFERENCES") && code.Name(index + 1) is { } name)
            {
                yield return code.Kind(index + 2) == SqlTokenKind.Dot && code.Name(index + 3) is { } table ? (name, table) : (null, name);
            }
        }
    }

    /// <summary>True where the name of a schema is a table's, an alias or a column too, so that <c>name.x</c> may be either.</summary>
    /// <param name="text">The statement.</param>
    /// <param name="schema">The schema.</param>
    public static bool IsAmbiguous(SqlCode text, string schema)
    {
        HashSet<int> marks = [];
        SqlSchemaPositions.Mark(text, 0, text.Count, marks);
        for (var index = 0; index < text.Count; index++)
        {
            if (text[index].IsName && !marks.Contains(index) && text.Name(index) == schema && (text.Kind(index - 1) == SqlTokenKind.Dot || text.Kind(index + 1) != SqlTokenKind.Dot))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The name after a schema's, behind its dot; null where there is none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="end">Where the schema's name ends.</param>
    public static string? After(string text, int end)
    {
        if (end >= text.Length || text[end] != '.')
        {
            return null;
        }

        var lexer = new SqlLexer(text) { Position = end + 1 };
        return lexer.Next(out var token) ? token.IsName ? SqlIdentifier.Unquote(text.AsSpan(token.Start, token.Length)) : token.Kind == SqlTokenKind.Operator ? text.Substring(token.Start, token.Length) : null : null;
    }

    /// <summary>CREATE has fewer words before the kind of what it makes.</summary>
    private const int Longest = 6;

    private static int? Qualified(SqlCode code)
    {
        for (var index = 1; index + 2 < code.Count; index++)
        {
            if (code[index].IsName && code.Kind(index + 1) == SqlTokenKind.Dot && code[index + 2].IsName)
            {
                return index;
            }
        }

        return null;
    }

    private static string Kind(SqlCode code, int index)
    {
        var two = $"{code.Keyword(index)} {code.Keyword(index + 1)}";
        return two == "FOREIGN DATA" || InNoSchema.Contains(two) ? two : code.Keyword(index);
    }
}
