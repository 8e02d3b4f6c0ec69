namespace Tenancy.Core.Sql;

/// <summary>Where statements begin and end in a body.</summary>
internal static class SqlStatements
{
    /// <summary>
    /// The statements of a unit as ranges of tokens that follow each other without a gap. In PL/pgSQL a statement also begins after BEGIN, THEN, ELSE, LOOP and a label; declarations are one, to their BEGIN.
    /// (THEN and ELSE of a CASE expression divide its statement too, which does no harm: what begins there is no command.)
    /// </summary>
    public static IEnumerable<(int Start, int End)> In(SqlUnit unit)
    {
        var code = unit.Code;
        if (unit.Depth == 0)
        {
            yield return (0, code.Count);
            yield break;
        }

        var start = 0;
        for (var index = 0; index < code.Count; index++)
        {
            var isDeclaring = unit.IsProcedural && code.Is(start, "DECLARE") && !code.Is(index, "BEGIN");
            if (!isDeclaring && (code.Kind(index) == SqlTokenKind.Semicolon || (unit.IsProcedural && Begins(code, index))))
            {
                yield return (start, index + 1);
                start = index + 1;
            }
        }

        if (start < code.Count)
        {
            yield return (start, code.Count);
        }
    }

    private static bool Begins(SqlCode code, int index) => code.Kind(index) switch
    {
        SqlTokenKind.Word => code.IsAny(index, "THEN", "ELSE", "LOOP") || (code.Is(index, "BEGIN") && !code.Is(index + 1, "ATOMIC")),
        SqlTokenKind.Operator => code.Span(index) is ">>" && code.Span(index - 2) is "<<",
        _ => false,
    };
}
