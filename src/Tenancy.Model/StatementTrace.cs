namespace Tenancy.Model;

/// <summary>What a statement did on the specimen: it was run, and rolled back.</summary>
public sealed record StatementTrace
{
    /// <summary>The tenant on which it ran; the shared schema's name for a shared revision.</summary>
    public string Name { get; init; } = "";

    /// <summary>The revision.</summary>
    public string Revision { get; init; } = "";

    /// <summary>The manifest.</summary>
    public string Manifest { get; init; } = "";

    /// <summary>The line in the manifest.</summary>
    public int Line { get; init; }

    /// <summary>The operation, such as <c>add_column</c>.</summary>
    public string Operation { get; init; } = "";

    /// <summary>The statement as the manifest has it.</summary>
    public string Statement { get; init; } = "";

    /// <summary>How long it took, seconds, on this tenant.</summary>
    public double Seconds { get; init; }

    /// <summary>The locks that it took and that were not held before, on relations that were there before, such as <c>AccessExclusive customer</c>; the strongest first.</summary>
    public string[] Locks { get; init; } = [];

    /// <summary>Tables that it wrote anew, or emptied.</summary>
    public string[] Rewritten { get; init; } = [];

    /// <summary>Tables that it read from end to end.</summary>
    public string[] Scanned { get; init; } = [];

    /// <summary>In which other form it ran, where it could not run as it will: its locks are those of that form. Null where it ran as it will.</summary>
    public string? RanAs { get; init; }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Manifest}:{Line}: {string.Join(", ", Locks)}");
}
