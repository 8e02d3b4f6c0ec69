namespace Tenancy.Core.Sql;

/// <summary>
/// Reads a text statement by statement. A semicolon ends a statement outside parentheses (<c>CREATE RULE … DO (…; …)</c>) and outside the body
/// <c>BEGIN ATOMIC … END</c> of a function or procedure. The pieces, joined, are the text.
/// </summary>
internal sealed class SqlSplitter
{
    private readonly string text;
    private readonly Action<int, string>? report;
    private readonly SqlLexer lexer;
    private int errors;
    private int copyRowsEnd;

    /// <param name="text">The text.</param>
    /// <param name="report">Takes offset and message of each error; null ignores errors.</param>
    public SqlSplitter(string text, Action<int, string>? report = null)
    {
        this.text = text;
        this.report = report;
        lexer = new SqlLexer(text, Report);
    }

    /// <summary>Reads a piece.</summary>
    /// <param name="piece">The piece.</param>
    /// <returns>False at the end of the text.</returns>
    public bool Next(out SqlPiece piece)
    {
        var start = lexer.Position;
        var tokens = new List<SqlToken>();
        var code = new SqlCode(text, tokens);
        var parentheses = new Stack<int>();
        var atomic = new Stack<int>();
        var ended = false;
        var before = errors;
        while (!ended && lexer.Next(out var token))
        {
            switch (token.Kind)
            {
                case SqlTokenKind.OpenParenthesis:
                    parentheses.Push(token.Start);
                    break;
                case SqlTokenKind.CloseParenthesis:
                    parentheses.TryPop(out _);
                    break;
                case SqlTokenKind.Semicolon when parentheses.Count == 0 && atomic.Count == 0:
                    ended = true;
                    continue;
            }

            if (!token.IsTrivia)
            {
                tokens.Add(token);
                Nest(code, atomic, parentheses.Count);
            }
        }

        // A string without an end has swallowed whatever would have closed these.
        if (!ended && errors == before)
        {
            if (parentheses.Count > 0)
            {
                Report(parentheses.Last(), "This parenthesis is never closed. Close it with ).");
            }
            else if (atomic.Count > 0)
            {
                Report(atomic.Last(), "This BEGIN ATOMIC has no END. Close the function's body with END.");
            }
        }

        piece = new SqlPiece(start, lexer.Position - start, code);
        return piece.Length > 0;
    }

    /// <summary>Reads over the rows that follow <c>COPY … FROM stdin</c> in a dump, to the line <c>\.</c> that ends them.</summary>
    public void SkipCopyRows()
    {
        // Where one search found nothing, a further one would only take time.
        var end = copyRowsEnd < 0 ? -1 : text.IndexOf("\n\\.", lexer.Position, StringComparison.Ordinal);
        copyRowsEnd = end;
        if (end >= 0)
        {
            lexer.Position = end + 3;
        }
    }

    /// <summary>Keeps count of the blocks that an END will close: the atomic body, and CASE within it.</summary>
    private static void Nest(SqlCode code, Stack<int> atomic, int parentheses)
    {
        var last = code.Count - 1;
        if (code.Kind(last) != SqlTokenKind.Word || code.Kind(last - 1) == SqlTokenKind.Dot || code.Is(last - 1, "AS"))
        {
            return;
        }

        if (atomic.Count == 0)
        {
            if (parentheses == 0 && code.Is(last, "ATOMIC") && code.Is(last - 1, "BEGIN") && SqlRoutine.IsCreate(code, 0))
            {
                atomic.Push(code[last - 1].Start);
            }
        }
        else if (code.Is(last, "CASE"))
        {
            atomic.Push(code[last].Start);
        }
        else if (code.Is(last, "END"))
        {
            atomic.Pop();
        }
    }

    private void Report(int offset, string message)
    {
        errors++;
        report?.Invoke(offset, message);
    }
}

/// <summary>A statement with what surrounds it: white space and comments before it, and its semicolon.</summary>
/// <param name="Start">Offset of its first character.</param>
/// <param name="Length">Its length, the semicolon included.</param>
/// <param name="Code">The statement's tokens, without the semicolon.</param>
internal readonly record struct SqlPiece(int Start, int Length, SqlCode Code)
{
    /// <summary>True when there is no statement: a semicolon too many, or what follows the last.</summary>
    public bool IsEmpty => Code.Count == 0;
}
