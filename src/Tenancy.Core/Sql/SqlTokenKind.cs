namespace Tenancy.Core.Sql;

/// <summary>The lexical classes of SQL (PostgreSQL manual, 4.1) and of what a manifest adds to it.</summary>
internal enum SqlTokenKind
{
    /// <summary>No token: before the first or after the last.</summary>
    None,

    /// <summary>Blanks and line ends.</summary>
    Whitespace,

    /// <summary><c>-- …</c> to the end of the line, without the line end.</summary>
    LineComment,

    /// <summary><c>/* … */</c>, nested.</summary>
    BlockComment,

    /// <summary>A psql command such as <c>\set</c>, to the end of the line: an error that is read over.</summary>
    PsqlCommand,

    /// <summary>A keyword or an unquoted identifier.</summary>
    Word,

    /// <summary><c>"…"</c>.</summary>
    QuotedIdentifier,

    /// <summary><c>U&amp;"…"</c>.</summary>
    UnicodeIdentifier,

    /// <summary><c>'…'</c> or <c>N'…'</c>, continuations on further lines included.</summary>
    String,

    /// <summary><c>E'…'</c>, continuations included.</summary>
    EscapeString,

    /// <summary><c>U&amp;'…'</c>, continuations included.</summary>
    UnicodeString,

    /// <summary><c>B'…'</c> or <c>X'…'</c>, continuations included.</summary>
    BitString,

    /// <summary><c>$tag$…$tag$</c>.</summary>
    DollarString,

    /// <summary><c>$1</c>.</summary>
    Parameter,

    /// <summary>A number of any base.</summary>
    Number,

    /// <summary>An operator.</summary>
    Operator,

    /// <summary><c>.</c></summary>
    Dot,

    /// <summary><c>..</c>, in loops of PL/pgSQL.</summary>
    DotDot,

    /// <summary><c>::</c></summary>
    Cast,

    /// <summary><c>:=</c></summary>
    Assign,

    /// <summary><c>,</c></summary>
    Comma,

    /// <summary><c>;</c></summary>
    Semicolon,

    /// <summary><c>(</c></summary>
    OpenParenthesis,

    /// <summary><c>)</c></summary>
    CloseParenthesis,

    /// <summary><c>${…}</c> outside strings and comments: not SQL, what a manifest adds.</summary>
    Placeholder,

    /// <summary>Any other character, for the server to judge.</summary>
    Other,
}
