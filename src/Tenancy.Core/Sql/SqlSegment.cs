using System.Collections.Immutable;

namespace Tenancy.Core.Sql;

/// <summary>What a segment of a template is filled with.</summary>
public enum SqlSegmentKind
{
    /// <summary>Text that is the same for every tenant.</summary>
    Text,

    /// <summary>The tenant's schema: a translated token, <c>${tenant.schema}</c> or <c>${tenant.quoted}</c>.</summary>
    TenantSchema,

    /// <summary>The shared schema: a translated token.</summary>
    SharedSchema,

    /// <summary><c>${tenant.name}</c>.</summary>
    TenantName,

    /// <summary><c>${x.key}</c>, an argument of the run.</summary>
    Argument,
}

/// <summary>One way of making a value safe for the place where it stands.</summary>
public enum SqlEscape
{
    /// <summary>A quoted identifier, with its quotes.</summary>
    Identifier,

    /// <summary>A string literal, with its quotes (<c>E''</c> where the value has a backslash).</summary>
    Literal,

    /// <summary>Inside double quotes: each <c>"</c> doubled.</summary>
    InsideIdentifier,

    /// <summary>Inside single quotes: each <c>'</c> doubled.</summary>
    InsideLiteral,

    /// <summary>Inside <c>E''</c>: quotes doubled and backslashes doubled.</summary>
    InsideEscapeLiteral,

    /// <summary>Inside a dollar-quoted body: the value must not hold the body's closing tag, else rendering fails.</summary>
    InsideDollarQuotes,
}

/// <summary>A piece of a template.</summary>
/// <param name="Kind">What it is filled with.</param>
/// <param name="Text">The text; for <see cref="SqlSegmentKind.Argument"/> the key.</param>
/// <param name="Escapes">How the value is made safe, innermost first; empty for text.</param>
/// <param name="DollarTag">For <see cref="SqlEscape.InsideDollarQuotes"/>: the tags around the place, outermost first, <c>$</c> signs included.</param>
public sealed record SqlSegment(SqlSegmentKind Kind, string Text, ImmutableArray<SqlEscape> Escapes, ImmutableArray<string> DollarTag);
