namespace Tenancy.Core.Sql;

/// <summary>The commands that begin, end or divide a transaction.</summary>
internal static class SqlTransactionControl
{
    private const string Whole = "Each revision runs in a transaction of the engine's own, with its history. Leave it out; what must be committed by itself goes into a revision of its own.";

    /// <summary>Why a statement is refused, or null.</summary>
    public static string? Refusal(SqlCode code, int start) => code.Keyword(start) switch
    {
        "BEGIN" or "COMMIT" or "END" or "ROLLBACK" or "ABORT" => $"{code.Keyword(start)} must not stand in a manifest. {Whole}",
        "START" when code.Is(start + 1, "TRANSACTION") => $"START TRANSACTION must not stand in a manifest. {Whole}",
        "PREPARE" when code.Is(start + 1, "TRANSACTION") => $"PREPARE TRANSACTION must not stand in a manifest. {Whole}",
        "SAVEPOINT" or "RELEASE" => $"{code.Keyword(start)} must not stand in a manifest. To go on after an error, write a DO block with BEGIN … EXCEPTION … END.",
        "EXECUTE" => "EXECUTE runs a statement that the session prepared, and there is none. Write the statement itself; dynamic SQL goes into a DO block.",
        _ => null,
    };

    /// <summary>Why a statement of a DO block is refused, or null. BEGIN, END and EXECUTE mean other things there.</summary>
    public static string? RefusalInBlock(SqlCode code, int start) => code.Keyword(start) switch
    {
        "COMMIT" or "ROLLBACK" => $"{code.Keyword(start)} in a DO block would end the engine's transaction. Leave it out; to undo part of a block after an error, write BEGIN … EXCEPTION … END.",
        _ => null,
    };

    /// <summary>
    /// False where a word in a body cannot be a command because of what follows: <c>reset := 1</c>, <c>THEN load ELSE</c>, <c>THEN commit + 1</c>.
    /// COMMIT and ROLLBACK are commands only before a semicolon or AND [NO] CHAIN.
    /// </summary>
    public static bool IsCommand(SqlCode code, int start, int end)
    {
        var next = start + 1;
        if (code.IsAny(start, "COMMIT", "ROLLBACK"))
        {
            return code.Kind(next) == SqlTokenKind.Semicolon || next >= end || code.Follows(next, "AND CHAIN") || code.Follows(next, "AND NO CHAIN");
        }

        return code.Kind(next) is SqlTokenKind.Word or SqlTokenKind.QuotedIdentifier or SqlTokenKind.String && !code.IsAny(next, "ELSE", "WHEN", "END", "THEN", "IS", "AND", "OR", "IN", "LIKE", "BETWEEN");
    }
}
