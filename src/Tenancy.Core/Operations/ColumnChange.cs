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
        new("identity", ColumnIdentity.ChangeForm, "Numbers rows by itself: always, by default, or options of its sequence; null stops that."),
        new("storage", ColumnStorage.Form, "Where long values go, and whether they are compressed; values that are there stay as they are."),
        new("compression", ColumnStorage.Compression, "How long values are compressed; values that are there stay as they are."),
        new("statistics", ColumnStorage.StatisticsOrNull, "How closely ANALYZE looks at it, from 0 to 10000; null for the server's setting."),
        StorageParameters.ChangeOf("n_distinct"),
        new("comment", CommonForms.TextOrNull, "The comment; null for none."),
    ];

    /// <summary>How it numbers rows; null leaves it.</summary>
    public ColumnIdentity? Identity { get; init; }

    /// <summary><c>plain</c>, <c>external</c>, <c>extended</c> or <c>main</c>; null leaves it.</summary>
    public string? Storage { get; init; }

    /// <summary>The compression method; null leaves it.</summary>
    public string? Compression { get; init; }

    /// <summary>The statistics target, or nothing for the server's setting; null leaves it.</summary>
    public OptionalValue? Statistics { get; init; }

    /// <summary>Options of the column that change.</summary>
    public ParameterChanges Parameters { get; init; } = ParameterChanges.Nothing;

    /// <summary>Does the column stop being computed, and keep its values?</summary>
    public bool DropsExpression { get; init; }

    /// <summary>What these change and <paramref name="was"/> does not tell; null when all can be put back.</summary>
    internal string? Missing(ColumnChange? was) =>
        Type is not null && was?.Type is null ? "type"
        : Default is not null && was?.Default is null ? "default"
        : Comment is not null && was?.Comment is null ? "comment"
        : Identity is { IsNone: true } && was?.Identity?.Generated is null ? "identity"
        : Identity is { } identity && was?.Identity is { IsNone: false } before && identity.Options.Missing(before.Options) is { } option ? $"identity: {{{option}: ...}}"
        : Identity is { Generated: null, IsNone: false } && was?.Identity is null ? "identity"
        : Identity is { Generated: not null } && was?.Identity is { IsNone: false, Generated: null } ? "identity: {generated: ...}"
        : Storage is not null && was?.Storage is null ? "storage"
        : Compression is not null && was?.Compression is null ? "compression"
        : Statistics is not null && was?.Statistics is null ? "statistics"
        : Parameters.Missing(was?.Parameters) is { } parameter ? $"with: {{{parameter}: ...}}"
        : null;

    /// <summary>What puts back what these change; the rest of <paramref name="was"/> is for the reader.</summary>
    internal ColumnChange Back(ColumnChange? was) => new(
        Type is null ? null : was!.Type,
        Type is null ? null : was!.Using,
        IsNullable is { } nullable ? was?.IsNullable ?? !nullable : null,
        Default is null ? null : was!.Default,
        Comment is null ? null : was!.Comment)
    {
        Identity = Identity is null ? null
            : was?.Identity is not { IsNone: false } before ? ColumnIdentity.None
            : Identity.IsNone ? before
            : new(Identity.Generated is null ? null : before.Generated, Identity.Options.Back(before.Options)),
        Storage = Storage is null ? null : was!.Storage,
        Compression = Compression is null ? null : was!.Compression,
        Statistics = Statistics is null ? null : was!.Statistics,
        Parameters = Parameters.Back(was?.Parameters),
    };

    /// <summary>Builds it from checked values.</summary>
    internal static ColumnChange Build(Fields fields) => new(
        fields.OptionalText("type"),
        fields.OptionalText("using"),
        fields.OptionalFlag("nullable"),
        fields.Optional("default"),
        fields.Optional("comment"))
    {
        Identity = fields.Node("identity") is { } identity ? ColumnIdentity.Build(identity) : null,
        Storage = fields.OptionalText("storage"),
        Compression = fields.OptionalText("compression"),
        Statistics = fields.Optional("statistics"),
        Parameters = ParameterChanges.Build(fields),
        DropsExpression = fields.Has("generated"),
    };
}

/// <summary>A value that may be set to nothing.</summary>
/// <param name="Text">The value; null for none.</param>
public sealed record OptionalValue(string? Text);
