namespace Tenancy.Core.Sql;

/// <content>Identifiers, numbers and operators.</content>
internal sealed partial class SqlLexer
{
    /// <summary>The run of operator characters last looked at, so that a long run is looked at once and not once a token.</summary>
    private int operatorRunEnd = -1;
    private int lastOperatorOnly;
    private int lastUnsigned;

    private SqlTokenKind Word()
    {
        var next = Peek(1);
        switch (text[position])
        {
            case 'e' or 'E' when next == '\'':
                return Quoted(SqlTokenKind.EscapeString, 1);
            case 'n' or 'N' when next == '\'':
                return Quoted(SqlTokenKind.String, 1);
            case 'b' or 'B' or 'x' or 'X' when next == '\'':
                return Quoted(SqlTokenKind.BitString, 1);
            case 'u' or 'U' when next == '&' && Peek(2) == '\'':
                return Quoted(SqlTokenKind.UnicodeString, 2);
            case 'u' or 'U' when next == '&' && Peek(2) == '"':
                return QuotedIdentifier(SqlTokenKind.UnicodeIdentifier, 2);
        }

        // "${" is no SQL, so a "$" before "{" begins a placeholder and is not part of the identifier.
        while (position < text.Length && SqlCharacters.IsIdentifierPart(text[position]) && !(text[position] == '$' && Peek(1) == '{'))
        {
            position++;
        }

        return SqlTokenKind.Word;
    }

    private SqlTokenKind Number()
    {
        if (text[position] == '0' && Peek(1) is 'x' or 'X' or 'o' or 'O' or 'b' or 'B' && (char.IsAsciiHexDigit(Peek(2)) || Peek(2) == '_'))
        {
            Func<char, bool> isDigit = Peek(1) is 'x' or 'X' ? char.IsAsciiHexDigit : char.IsAsciiDigit;
            position += 2;
            Digits(isDigit);
            return SqlTokenKind.Number;
        }

        Digits(char.IsAsciiDigit);
        if (Peek(0) == '.' && Peek(1) != '.')
        {
            position++;
            Digits(char.IsAsciiDigit);
        }

        if (Peek(0) is 'e' or 'E')
        {
            var digits = Peek(1) is '+' or '-' ? 2 : 1;
            if (char.IsAsciiDigit(Peek(digits)))
            {
                position += digits;
                Digits(char.IsAsciiDigit);
            }
        }

        return SqlTokenKind.Number;
    }

    private void Digits(Func<char, bool> isDigit)
    {
        while (isDigit(Peek(0)) || (Peek(0) == '_' && isDigit(Peek(1))))
        {
            position++;
        }
    }

    /// <summary>Manual, 4.1.3: a comment start ends an operator, and one of several characters ends in + or - only if it holds one of ~ ! @ # % ^ &amp; | ` ?</summary>
    private SqlTokenKind Operator()
    {
        if (position >= operatorRunEnd)
        {
            MeasureOperatorRun();
        }

        position = lastOperatorOnly >= position ? operatorRunEnd : Math.Max(lastUnsigned, position) + 1;
        return SqlTokenKind.Operator;
    }

    private void MeasureOperatorRun()
    {
        lastOperatorOnly = -1;
        lastUnsigned = -1;
        var at = position;
        for (; at < text.Length && SqlCharacters.IsOperator(text[at]); at++)
        {
            var next = at + 1 < text.Length ? text[at + 1] : '\0';
            if ((text[at] == '-' && next == '-') || (text[at] == '/' && next == '*'))
            {
                break;
            }

            lastOperatorOnly = SqlCharacters.IsOperatorOnly(text[at]) ? at : lastOperatorOnly;
            lastUnsigned = text[at] is '+' or '-' ? lastUnsigned : at;
        }

        operatorRunEnd = at;
    }
}
