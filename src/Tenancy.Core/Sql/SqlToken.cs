namespace Tenancy.Core.Sql;

/// <summary>A token: a stretch of a text. The tokens of a text, joined, are the text.</summary>
/// <param name="Kind">Its lexical class.</param>
/// <param name="Start">Offset of its first character.</param>
/// <param name="Length">Its length in UTF-16 units.</param>
internal readonly record struct SqlToken(SqlTokenKind Kind, int Start, int Length)
{
    /// <summary>Offset after its last character.</summary>
    public int End => Start + Length;

    /// <summary>True for blanks and comments: what separates tokens and says nothing.</summary>
    public bool IsTrivia => Kind is SqlTokenKind.Whitespace or SqlTokenKind.LineComment or SqlTokenKind.BlockComment or SqlTokenKind.PsqlCommand;

    /// <summary>True for the two forms of identifier that a schema token can have.</summary>
    public bool IsName => Kind is SqlTokenKind.Word or SqlTokenKind.QuotedIdentifier;

    /// <summary>True for every form of string constant.</summary>
    public bool IsString => Kind is SqlTokenKind.String or SqlTokenKind.EscapeString or SqlTokenKind.UnicodeString or SqlTokenKind.DollarString;
}
