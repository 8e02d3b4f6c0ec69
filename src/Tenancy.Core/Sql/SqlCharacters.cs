namespace Tenancy.Core.Sql;

/// <summary>PostgreSQL's character classes. Its lexer sees bytes and takes every byte above 127 as a letter, so every character beyond ASCII is one here.</summary>
internal static class SqlCharacters
{
    /// <summary>May begin an identifier or the tag of a dollar quote.</summary>
    public static bool IsIdentifierStart(char character) => char.IsAsciiLetter(character) || character == '_' || character >= '\u0080';

    /// <summary>May stand inside an identifier.</summary>
    public static bool IsIdentifierPart(char character) => IsTagPart(character) || character == '$';

    /// <summary>May stand inside the tag of a dollar quote.</summary>
    public static bool IsTagPart(char character) => IsIdentifierStart(character) || char.IsAsciiDigit(character);

    /// <summary>Separates tokens.</summary>
    public static bool IsSpace(char character) => character is ' ' or (>= '\t' and <= '\r');

    /// <summary>May stand in an operator.</summary>
    public static bool IsOperator(char character) => IsOperatorOnly(character) || character is '+' or '-' or '*' or '/' or '<' or '>' or '=';

    /// <summary>An operator with one of these may end in <c>+</c> or <c>-</c> (manual, 4.1.3).</summary>
    public static bool IsOperatorOnly(char character) => character is '~' or '!' or '@' or '#' or '%' or '^' or '&' or '|' or '`' or '?';
}
