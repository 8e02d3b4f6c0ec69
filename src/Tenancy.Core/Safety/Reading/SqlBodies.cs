using Tenancy.Core.Sql;

namespace Tenancy.Core.Safety.Reading;

/// <summary>A statement's SQL with that of the bodies in it.</summary>
internal static class SqlBodies
{
    private const int Deepest = 4;

    /// <summary>The statement, and each body of a function or DO within it that is written in SQL or PL/pgSQL.</summary>
    /// <param name="code">The statement.</param>
    /// <param name="withStrings">True to read strings too, as EXECUTE would.</param>
    public static IEnumerable<SqlCode> Of(SqlCode code, bool withStrings = false) => Of(code, withStrings, 0);

    /// <summary>The body of a function or of DO; null where it has none that is written as a string in SQL or PL/pgSQL.</summary>
    /// <param name="code">The statement.</param>
    /// <param name="isProcedural">Is it PL/pgSQL?</param>
    public static SqlCode? BodyOf(SqlCode code, out bool isProcedural)
    {
        var body = SqlRoutine.FindBody(code, 0, code.Count);
        isProcedural = body?.IsProcedural == true;
        return body is { } found ? Read(SqlStringContent.Of(code.Text, code[found.Token]).Text) : null;
    }

    private static IEnumerable<SqlCode> Of(SqlCode code, bool withStrings, int depth)
    {
        yield return code;
        if (depth == Deepest)
        {
            yield break;
        }

        var body = SqlRoutine.FindBody(code, 0, code.Count);
        for (var index = 0; index < code.Count; index++)
        {
            if (body?.Token == index || (withStrings && code[index].IsString && code.Is(index - 1, "EXECUTE")))
            {
                foreach (var inner in Of(Read(SqlStringContent.Of(code.Text, code[index]).Text), withStrings, depth + 1))
                {
                    yield return inner;
                }
            }
        }
    }

    private static SqlCode Read(string text) => new(text, [.. SqlLexer.Tokenize(text).Where(static token => !token.IsTrivia)]);
}
