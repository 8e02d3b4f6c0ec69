using System.Collections.Immutable;
using Tenancy.Core.Manifests;

namespace Tenancy.Core.Revisions;

/// <summary>What an identifier means for one scope of one schema.</summary>
public sealed record ResolvedTarget
{
    /// <summary>The identifier as typed.</summary>
    public required string Identifier { get; init; }

    /// <summary>The scope it was resolved in.</summary>
    public required MigrationScope Scope { get; init; }

    /// <summary>The revisions it means; several for <c>heads</c>; empty for <c>base</c>, and for <c>head</c> of a scope without revisions.</summary>
    public ImmutableArray<RevisionNode> Revisions { get; init; } = [];

    /// <summary>True for the state before any revision.</summary>
    public bool IsBase { get; init; }

    /// <summary>A revision of the branch asked for: the one that <c>-n</c> counts from, else where the label stands; null when none was asked for. An undo drops only what shares a line of parents with it, and what depends on that.</summary>
    public RevisionNode? Branch { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Identifier;
}
