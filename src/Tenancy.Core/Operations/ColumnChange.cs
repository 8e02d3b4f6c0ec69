using System.Collections.Immutable;
using Tenancy.Core.Manifests.Forms;

namespace Tenancy.Core.Operations;

/// <summary>What changes about a column, or how it was.</summary>
/// <param name="Type">The type; null leaves it.</param>
/// <param name="Using">How old values become new ones; null for the cast.</param>
/// <param name="IsNullable">May it hold nulls? Null leaves it.</param>
/// <param name="Default">The default; null leaves it.</param>
/// <param name="Comment">The comment; null leaves it.</param>
public sealed record ColumnChange(string? Type, string? Using, bool? IsNullable, OptionalValue? Default, OptionalValue? Comment)
{
    /// <summary>No change.</summary>
    internal static readonly ColumnChange Nothing = new(null, null, null, null, null);

    /// <summary>The keys of a change.</summary>
    internal static readonly ImmutableArray<FormKey> Keys =
    [
        new("type", CommonForms.Type, "The type."),
        new("using", CommonForms.Expression, "How old values become new ones; unless set, by a cast.") { Needs = ["type"] },
        new("nullable", CommonForms.Flag, "False forbids nulls, true allows them."),
        new("default", new EitherForm(CommonForms.Expression, new NullForm()), "The default, an SQL expression; null for none."),
        new("identity", new EitherForm(new ChoiceForm("always", "by default"), new NullForm()), "Numbers rows by itself; null stops that."),
        new("comment", CommonForms.TextOrNull, "The comment; null for none."),
    ];

    /// <summary><c>always</c> or <c>by default</c>, or nothing to number rows no longer; null leaves it.</summary>
    public OptionalValue? Identity { get; init; }

    /// <summary>Does the column stop being computed, and keep its values?</summary>
    public bool DropsExpression { get; init; }

    /// <summary>Builds it from checked values.</summary>
    internal static ColumnChange Build(Fields fields) => new(
        fields.OptionalText("type"),
        fields.OptionalText("using"),
        fields.OptionalFlag("nullable"),
        fields.Has("default") ? new OptionalValue(fields.OptionalText("default")) : null,
        fields.Has("comment") ? new OptionalValue(fields.OptionalText("comment")) : null)
    {
        Identity = fields.Has("identity") ? new OptionalValue(fields.OptionalText("identity")) : null,
        DropsExpression = fields.Has("generated"),
    };
}

/// <summary>A value that may be set to nothing.</summary>
/// <param name="Text">The value; null for none.</param>
public sealed record OptionalValue(string? Text);
