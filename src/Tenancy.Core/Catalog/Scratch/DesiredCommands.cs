using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Scratch;

/// <summary>Which statements say how a schema is to be. Whatever else could be in a file would do something there and then, so it is refused.</summary>
internal static class DesiredCommands
{
    /// <summary>Functions that a condition of a DO block may call: they only look.</summary>
    private static readonly HashSet<string> Looks = new(StringComparer.OrdinalIgnoreCase)
    {
        "exists", "in", "any", "all", "not", "and", "or", "values", "select", "from", "where", "coalesce", "count", "lower", "upper", "current_schema", "current_database", "to_regclass", "to_regtype", "to_regproc",
        "to_regprocedure", "to_regnamespace", "to_regrole",
    };

    /// <summary>Adds why a statement is refused.</summary>
    /// <param name="code">The statement.</param>
    /// <param name="isDump">True where pg_dump is to have written it.</param>
    /// <param name="found">Takes errors.</param>
    public static void Check(SqlCode code, bool isDump, SqlErrors found)
    {
        if (!isDump && code.Is(0, "DO"))
        {
            CheckBlock(code, found);
        }
        else if (!IsDefinition(code, 0) && (isDump || !(code.IsAny(0, "SET", "CLUSTER", "REFRESH") || IsSetting(code))))
        {
            found.Add(code[0].Start, isDump
                ? $"pg_dump writes no {SqlCommand.Of(code)} into a schema, and it is not run. Take it out, if it is a dump otherwise; or name files of your own with -DesiredSql."
                : $"{SqlCommand.Of(code)} does not say how a schema is to be, and would be run where the specimen is. Leave it out; what it makes, write as CREATE and ALTER statements.");
        }
        else if (isDump && code.Is(0, "CREATE") && RunsQuery(code))
        {
            found.Add(code[0].Start, $"This {SqlCommand.Of(code)} would run its query; pg_dump writes WITH NO DATA. Take it out, if it is a dump otherwise.");
        }
    }

    private static bool IsDefinition(SqlCode code, int start) => code.IsAny(start, "CREATE", "ALTER", "DROP", "COMMENT", "GRANT", "REVOKE");

    // SELECT set_config('name', 'value', true), alone. What may be set, has been looked at.
    private static bool IsSetting(SqlCode code)
    {
        var name = code.Is(1, "pg_catalog") && code.Kind(2) == SqlTokenKind.Dot ? 3 : 1;
        return code.Is(0, "SELECT") && code.Is(name, "set_config") && code.Count == name + 8 && code.Kind(name + 1) == SqlTokenKind.OpenParenthesis && code[name + 2].IsString && code[name + 4].IsString && code.Is(name + 6, "true");
    }

    // CREATE TABLE … AS and CREATE MATERIALIZED VIEW, unless WITH NO DATA.
    private static bool RunsQuery(SqlCode code)
    {
        var command = SqlCommand.Of(code);
        return (command == "CREATE MATERIALIZED VIEW" || (command == "CREATE TABLE" && SqlClassifier.HasAtTop(code, 1, "AS"))) && !code.Follows(code.Count - 3, "WITH NO DATA");
    }

    // Definitions that are made only where they are missing: IF NOT EXISTS (…) THEN …, EXCEPTION WHEN duplicate_object THEN ….
    private static void CheckBlock(SqlCode code, SqlErrors found)
    {
        if (SqlRoutine.FindBody(code, 0, code.Count) is not { IsProcedural: true } body)
        {
            found.Add(code[0].Start, "Only DO blocks in plpgsql are read. Write the statements without DO.");
            return;
        }

        var unit = SqlUnit.Of(code).Open(body, found.Add);
        foreach (var (start, end) in SqlStatements.In(unit))
        {
            CheckInBlock(unit, start, end, found);
        }
    }

    private static void CheckInBlock(SqlUnit unit, int start, int end, SqlErrors found)
    {
        var code = unit.Code;
        if (IsDefinition(code, start))
        {
            return;
        }

        var isControl = code.Kind(start) == SqlTokenKind.Semicolon || code.IsAny(start, "BEGIN", "END", "IF", "ELSIF", "ELSEIF", "ELSE", "EXCEPTION", "WHEN", "NULL", "RAISE");
        if (!isControl)
        {
            found.Add(unit.Offset(code[start].Start), $"In a DO block only definitions (CREATE, ALTER, DROP, COMMENT, GRANT, REVOKE) may stand, with IF and EXCEPTION around them: {code.Span(start)} would do more where the specimen is.");
            return;
        }

        for (var index = start; index + 1 < end; index++)
        {
            if (code.Kind(index + 1) == SqlTokenKind.OpenParenthesis && code.Name(index) is { } name && !Looks.Contains(name))
            {
                found.Add(unit.Offset(code[index].Start), $"A condition of a DO block may look at the catalog only, and {name} is a function that might do more. Leave it out.");
            }
        }
    }
}
