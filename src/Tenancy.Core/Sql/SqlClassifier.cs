namespace Tenancy.Core.Sql;

/// <summary>Makes a statement of its tokens: its template, its command, and what transactions it can run in.</summary>
internal static class SqlClassifier
{
    /// <summary>Classifies.</summary>
    /// <param name="code">The statement's tokens; at least one.</param>
    /// <param name="holes">The places to fill in it.</param>
    /// <param name="errors">Takes errors and knows positions.</param>
    public static SqlStatement Classify(SqlCode code, IReadOnlyList<SqlHole> holes, SqlErrors errors)
    {
        var isValidation = IsValidation(code);
        var isTransactional = !SqlNonTransactional.Is(code);
        return new SqlStatement
        {
            Template = SqlTemplates.Cut(code, 0, code.Count - 1, holes),
            Position = errors.PositionAt(code[0].Start),
            Command = SqlCommand.Of(code),
            IsTransactional = isTransactional,
            ExampleOfDoneWhen = isTransactional ? null : SqlNonTransactional.ExampleOfDoneWhen(code),
            CommitAfter = code.Follows(0, "ALTER TYPE") && HasAtTop(code, 2, "ADD VALUE"),
            CommitBefore = isValidation,
            ConcurrentIndex = SqlConcurrentIndex.Find(code, holes, errors),
        };
    }

    /// <summary>True when the keywords stand one after another outside parentheses.</summary>
    public static bool HasAtTop(SqlCode code, int start, string keywords)
    {
        for (var index = start; index < code.Count; index++)
        {
            if (code.Kind(index) == SqlTokenKind.OpenParenthesis)
            {
                index = code.AfterParentheses(index, code.Count) - 1;
            }
            else if (code.Follows(index, keywords))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsValidation(SqlCode code) =>
        (code.Follows(0, "ALTER TABLE") || code.Follows(0, "ALTER FOREIGN TABLE") || code.Follows(0, "ALTER DOMAIN")) && HasAtTop(code, 2, "VALIDATE CONSTRAINT");
}
