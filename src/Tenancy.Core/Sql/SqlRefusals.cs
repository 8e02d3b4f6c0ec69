namespace Tenancy.Core.Sql;

/// <summary>
/// Refuses what would take the transaction or the session out of the engine's hands, in statements and in DO blocks. The body of a function is only defined by a manifest, not run by it, so it may do these things.
/// </summary>
internal sealed class SqlRefusals
{
    private readonly SqlErrors errors;

    public SqlRefusals(SqlErrors errors) => this.errors = errors;

    /// <summary>True for COPY with the client's rows or to the client.</summary>
    public static bool IsCopyFromClient(SqlCode code)
    {
        if (!code.Is(0, "COPY"))
        {
            return false;
        }

        for (var index = 1; index < code.Count; index++)
        {
            if (code.Kind(index) == SqlTokenKind.OpenParenthesis)
            {
                index = code.AfterParentheses(index, code.Count) - 1;
            }
            else if (code.Follows(index, "FROM STDIN") || code.Follows(index, "TO STDOUT"))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Checks a statement.</summary>
    /// <param name="unit">The unit that holds it.</param>
    /// <param name="start">Index of its first token.</param>
    /// <param name="end">Index after its last.</param>
    public void Check(SqlUnit unit, int start, int end)
    {
        var code = unit.Code;
        if (!unit.Runs)
        {
            return;
        }

        var message = unit.Depth == 0 ? SqlTransactionControl.Refusal(code, start) ?? Session(code, start)
            : unit.IsProcedural && SqlTransactionControl.IsCommand(code, start, end) ? SqlTransactionControl.RefusalInBlock(code, start) ?? Session(code, start)
            : null;
        if (message is not null)
        {
            errors.Add(unit.Offset(code[start].Start), message);
        }

        if (!SqlRoutine.IsCreate(code, start))
        {
            CheckCalls(unit, start, end);
        }
    }

    /// <summary>Refuses a parameter: the server would end the message with a violation of the protocol (08P01), like that of a connection that is lost. The body of a routine has its arguments.</summary>
    /// <param name="statement">The statement.</param>
    public void CheckParameters(SqlCode statement)
    {
        for (var index = SqlRoutine.IsCreate(statement, 0) ? statement.Count : 0; index < statement.Count; index++)
        {
            if (statement.Kind(index) == SqlTokenKind.Parameter)
            {
                errors.Add(statement[index].Start, "$ and a number is a parameter, which a manifest gives no value. Write the value, or ${x.key} for an argument of the run.");
            }
        }
    }

    private static string? Session(SqlCode code, int start)
    {
        switch (code.Keyword(start))
        {
            case "SET":
                return SqlSettings.Refusal(code, start);
            case "RESET":
                return "RESET changes the session. Write SET LOCAL, or leave it out: settings end with the transaction.";
            case "DISCARD":
                return "DISCARD throws away the state of a session that others use after this. Leave it out.";
            case "LISTEN" or "UNLISTEN":
                return "LISTEN and UNLISTEN change the session, which ends with the run. Leave it out (NOTIFY is allowed).";
            case "LOAD":
                return "LOAD changes the session only. Put the library into shared_preload_libraries or session_preload_libraries of the server.";
            case "DEALLOCATE":
                return "DEALLOCATE changes the session. Leave it out.";
            case "PREPARE":
                return "PREPARE leaves a prepared statement in the session. Write the statement itself.";
            case "COPY" when IsCopyFromClient(code):
                return "COPY FROM stdin and TO stdout need a client that sends or takes rows. Write INSERT statements or the insert operation, or COPY FROM a file on the server.";
            case "CLOSE" when code.Is(start + 1, "ALL"):
                return "CLOSE ALL closes the engine's cursor too. Close your own by name.";
            case "DECLARE":
                return HasWords(code, start, "WITH HOLD") ? "A cursor WITH HOLD outlives the transaction. Declare it without HOLD." : null;
            default:
                return null;
        }
    }

    private static bool HasWords(SqlCode code, int start, string words)
    {
        // The options stand before FOR; what follows is a query, where these words are data.
        for (var index = start; index < code.Count && !code.Is(index, "FOR"); index++)
        {
            if (code.Follows(index, words))
            {
                return true;
            }
        }

        return false;
    }

    private void CheckCalls(SqlUnit unit, int start, int end)
    {
        var code = unit.Code;
        for (var index = start; index + 1 < end; index++)
        {
            if (code.Is(index, "UPDATE") && SqlSettings.ViewRefusal(code, index + 1) is { } refusal)
            {
                errors.Add(unit.Offset(code[index].Start), refusal);
            }

            if (code.Kind(index + 1) != SqlTokenKind.OpenParenthesis)
            {
                continue;
            }

            if (code.Kind(index) == SqlTokenKind.UnicodeIdentifier)
            {
                errors.Add(unit.Offset(code[index].Start), "A name with U& before a parenthesis could be a function that is refused. Write it without U&.");
            }
            else if (code[index].IsName && SqlSettings.CallRefusal(code, index, end) is { } message)
            {
                errors.Add(unit.Offset(code[index].Start), message);
            }
        }
    }
}
