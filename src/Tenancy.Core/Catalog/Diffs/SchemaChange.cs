using System.Collections.Immutable;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>One change of one object, in the place where it is to happen.</summary>
/// <param name="Identity">The object, by the name that it has afterwards.</param>
/// <param name="Kind">What happens to it.</param>
/// <param name="Operations">The steps of a manifest that do it, in order.</param>
/// <param name="Hazards">What it costs or risks; empty for what nobody notices.</param>
public sealed record SchemaChange(ObjectIdentity Identity, ChangeKind Kind, ImmutableArray<ManifestOperation> Operations, ImmutableArray<ChangeHazard> Hazards)
{
    /// <summary>True where the object is the same before and after, and goes for a while because another changes that it depends on.</summary>
    public bool IsRebuild { get; init; }

    /// <summary>What is created or dropped with it by the same operation: a table's columns, its constraints.</summary>
    public ImmutableArray<ObjectIdentity> With { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {Identity}";
}

/// <summary>What happens to an object.</summary>
public enum ChangeKind
{
    /// <summary>It is new.</summary>
    Create,

    /// <summary>It goes.</summary>
    Drop,

    /// <summary>It stays, changed.</summary>
    Alter,

    /// <summary>It gets another name.</summary>
    Rename,
}

/// <summary>A difference that no statement makes, or none without loss that nobody asked for.</summary>
/// <param name="Identity">The object.</param>
/// <param name="Message">What differs, why it stays, and what to do.</param>
public sealed record InexpressibleDifference(ObjectIdentity Identity, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Identity}: {Message}";
}
