using System.Collections.Immutable;
using Tenancy.Core.Manifests;

namespace Tenancy.Core.Revisions;

/// <summary>One revision to apply or undo, in its place of a path.</summary>
public sealed record RevisionStep
{
    /// <summary>The revision.</summary>
    public required Manifest Manifest { get; init; }

    /// <summary>Which way.</summary>
    public required RevisionDirection Direction { get; init; }

    /// <summary>What it does to the head rows, given that all steps before it were taken.</summary>
    public required HeadChange Heads { get; init; }

    /// <summary>True when it is undone though it lies on another branch than the one asked for: it follows a branch point, or depends on a revision, that is undone.</summary>
    public bool IsOnOtherBranch { get; init; }

    /// <summary>
    /// Ids of revisions of the other scope that bind it, directly. Up: those that must be applied before. Down: those that depend on it, and so must not be
    /// applied when it is undone.
    /// </summary>
    public ImmutableArray<string> OtherScope { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => $"{(Direction == RevisionDirection.Up ? '+' : '-')}{Manifest.Revision}";
}
