namespace Tenancy.Core.Sql;

/// <summary>Finds the body of a function, procedure or DO block in a statement.</summary>
internal static class SqlRoutine
{
    /// <summary>True when CREATE [OR REPLACE] FUNCTION or PROCEDURE stands at <paramref name="start"/>.</summary>
    public static bool IsCreate(SqlCode code, int start)
    {
        var kind = code.Follows(start, "CREATE OR REPLACE") ? start + 3 : start + 1;
        return code.Is(start, "CREATE") && code.IsAny(kind, "FUNCTION", "PROCEDURE");
    }

    /// <summary>True for the statements whose <c>SET search_path</c> is an attribute that PostgreSQL stores.</summary>
    public static bool StoresSettings(SqlCode code, int start) =>
        IsCreate(code, start) || (code.Is(start, "ALTER") && code.IsAny(start + 1, "FUNCTION", "PROCEDURE", "ROUTINE", "ROLE", "USER", "DATABASE"));

    /// <summary>The body that is written as a string in a language that is translated.</summary>
    /// <param name="code">The tokens.</param>
    /// <param name="start">Index of the statement's first token.</param>
    /// <param name="end">Index after its last.</param>
    public static SqlBody? FindBody(SqlCode code, int start, int end)
    {
        var isDo = code.Is(start, "DO");
        if (!isDo && !IsCreate(code, start))
        {
            return null;
        }

        var body = -1;
        var language = isDo ? "plpgsql" : null;
        for (var index = start + 1; index < end; index++)
        {
            if (code.Kind(index) == SqlTokenKind.OpenParenthesis)
            {
                index = code.AfterParentheses(index, end) - 1;
            }
            else if (code.Is(index, "LANGUAGE"))
            {
                index++;
                language = code.Name(index) ?? (code[index].IsString ? SqlStringContent.Of(code.Text, code[index]).Text : language);
            }
            else if (body < 0 && code[index].IsString && (isDo || code.Is(index - 1, "AS")))
            {
                body = index;
            }
        }

        if (body < 0 || language is null)
        {
            return null;
        }

        return language.Equals("plpgsql", StringComparison.OrdinalIgnoreCase) ? new SqlBody(body, true, isDo)
            : language.Equals("sql", StringComparison.OrdinalIgnoreCase) ? new SqlBody(body, false, isDo)
            : null;
    }
}

/// <summary>A body written as a string.</summary>
/// <param name="Token">Index of the string.</param>
/// <param name="IsProcedural">True for PL/pgSQL, false for SQL.</param>
/// <param name="Runs">True for DO, which runs when it is read.</param>
internal readonly record struct SqlBody(int Token, bool IsProcedural, bool Runs);
