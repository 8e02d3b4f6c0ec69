namespace Tenancy.Core.Sql;

/// <summary>
/// PostgreSQL's lexical structure (manual, 4.1), with <c>standard_conforming_strings = on</c>. Lossless: the tokens, joined, are the text.
/// Linear in the length of the text, whatever it holds.
/// </summary>
internal sealed partial class SqlLexer
{
    private readonly string text;
    private readonly Action<int, string>? report;
    private int position;

    /// <summary>A lexer at the start of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="report">Takes offset and message of each error; null ignores errors.</param>
    public SqlLexer(string text, Action<int, string>? report = null)
    {
        this.text = text;
        this.report = report;
    }

    /// <summary>Where the next token begins; may be set to read over what is no SQL.</summary>
    public int Position
    {
        get => position;
        set => position = value;
    }

    /// <summary>All tokens of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="report">Takes offset and message of each error; null ignores errors.</param>
    public static IEnumerable<SqlToken> Tokenize(string text, Action<int, string>? report = null)
    {
        var lexer = new SqlLexer(text, report);
        while (lexer.Next(out var token))
        {
            yield return token;
        }
    }

    /// <summary>Reads a token.</summary>
    /// <param name="token">The token.</param>
    /// <returns>False at the end of the text.</returns>
    public bool Next(out SqlToken token)
    {
        if (position >= text.Length)
        {
            token = default;
            return false;
        }

        var start = position;
        var kind = Scan();
        token = new SqlToken(kind, start, position - start);
        return true;
    }

    private SqlTokenKind Scan()
    {
        var character = text[position];
        if (SqlCharacters.IsSpace(character))
        {
            return Whitespace();
        }

        if (SqlCharacters.IsIdentifierStart(character))
        {
            return Word();
        }

        switch (character)
        {
            case '\'':
                return Quoted(SqlTokenKind.String, 0);
            case '"':
                return QuotedIdentifier(SqlTokenKind.QuotedIdentifier, 0);
            case '$':
                return Dollar();
            case '-' when Peek(1) == '-':
                return LineComment();
            case '/' when Peek(1) == '*':
                return BlockComment();
            case '.' when Peek(1) == '.':
                return Take(SqlTokenKind.DotDot, 2);
            case '.' when !char.IsAsciiDigit(Peek(1)):
                return Take(SqlTokenKind.Dot, 1);
            case ':' when Peek(1) == ':':
                return Take(SqlTokenKind.Cast, 2);
            case ':' when Peek(1) == '=':
                return Take(SqlTokenKind.Assign, 2);
            case ',':
                return Take(SqlTokenKind.Comma, 1);
            case ';':
                return Take(SqlTokenKind.Semicolon, 1);
            case '(':
                return Take(SqlTokenKind.OpenParenthesis, 1);
            case ')':
                return Take(SqlTokenKind.CloseParenthesis, 1);
            case '\\':
                return PsqlCommand();
            case '\0':
                report?.Invoke(position, "A NUL character cannot stand in SQL. Remove it.");
                return Take(SqlTokenKind.Other, 1);
        }

        return character == '.' || char.IsAsciiDigit(character) ? Number()
            : SqlCharacters.IsOperator(character) ? Operator()
            : Take(SqlTokenKind.Other, 1);
    }

    private char Peek(int ahead) => position + ahead < text.Length ? text[position + ahead] : '\0';

    private SqlTokenKind Take(SqlTokenKind kind, int length)
    {
        position += length;
        return kind;
    }

    private SqlTokenKind ToEnd(SqlTokenKind kind, int start, string message)
    {
        position = text.Length;
        report?.Invoke(start, message);
        return kind;
    }

    private SqlTokenKind Whitespace()
    {
        while (position < text.Length && SqlCharacters.IsSpace(text[position]))
        {
            position++;
        }

        return SqlTokenKind.Whitespace;
    }

    private SqlTokenKind LineComment()
    {
        ToLineEnd();
        return SqlTokenKind.LineComment;
    }

    private void ToLineEnd()
    {
        var length = text.AsSpan(position).IndexOfAny('\n', '\r');
        position = length < 0 ? text.Length : position + length;
    }

    private SqlTokenKind BlockComment()
    {
        var start = position;
        var depth = 1;
        position += 2;
        while (depth > 0)
        {
            var length = position < text.Length ? text.AsSpan(position).IndexOfAny('*', '/') : -1;
            if (length < 0)
            {
                return ToEnd(SqlTokenKind.BlockComment, start, "This comment has no end. Close it with */ (comments nest, so each /* needs its own).");
            }

            position += length;
            var nests = text[position] == '/' && Peek(1) == '*';
            var ends = text[position] == '*' && Peek(1) == '/';
            depth += nests ? 1 : ends ? -1 : 0;
            position += nests || ends ? 2 : 1;
        }

        return SqlTokenKind.BlockComment;
    }

    private SqlTokenKind PsqlCommand()
    {
        report?.Invoke(position, "Commands of psql (a backslash outside a string) are not SQL. Write SQL instead: sql_file in place of \\i, ${x.key} in place of \\set, insert in place of \\copy.");
        ToLineEnd();
        return SqlTokenKind.PsqlCommand;
    }
}
