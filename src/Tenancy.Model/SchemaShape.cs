namespace Tenancy.Model;

/// <summary>Tenants of one shape, at the same revisions.</summary>
public sealed record SchemaShape
{
    /// <summary>One of <see cref="SchemaComparisonStatus"/>.</summary>
    public string Status { get; init; } = "";

    /// <summary>The shape, as <see cref="SchemaComparison.Shape"/> has it; null where it was not looked at.</summary>
    public string? Shape { get; init; }

    /// <summary>The revisions that they are at, in ordinal order.</summary>
    public string[] Heads { get; init; } = [];

    /// <summary>How many tenants these are.</summary>
    public int Count { get; init; }

    /// <summary>Some of them by name, at most five.</summary>
    public string[] Names { get; init; } = [];

    /// <summary>How they differ from what is expected, object by object; empty where they do not.</summary>
    public SchemaDifference[] Differences { get; init; } = [];

    /// <summary>Why the first of them could not be compared; null where they could.</summary>
    public string? Error { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Count} {Status}";
}
