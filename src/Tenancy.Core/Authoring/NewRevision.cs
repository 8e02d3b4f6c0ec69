using System.Collections.Immutable;
using Tenancy.Core.Manifests;

namespace Tenancy.Core.Authoring;

/// <summary>What is asked of a new revision.</summary>
public sealed record NewRevision
{
    /// <summary>One line for people; null for a merge, which then says what it merges.</summary>
    public string? Message { get; init; }

    /// <summary>Identifiers of the revisions to follow; empty for the one head of the scope, or for a merge all its heads.</summary>
    public ImmutableArray<string> Parents { get; init; } = [];

    /// <summary>True to follow a revision that others follow already, which makes a branch point.</summary>
    public bool IsSplice { get; init; }

    /// <summary>Branch labels for it.</summary>
    public ImmutableArray<string> Labels { get; init; } = [];

    /// <summary>What it needs besides: labels, which stay as they are, or identifiers of revisions of any scope.</summary>
    public ImmutableArray<string> DependsOn { get; init; } = [];

    /// <summary>What it changes.</summary>
    public MigrationScope Scope { get; init; }

    /// <summary>Its id; null for a random one.</summary>
    public string? Revision { get; init; }

    /// <summary>How to name its file; null as the project says.</summary>
    public FileTemplate? FileTemplate { get; init; }

    /// <summary>When it is written, UTC: for its file's name.</summary>
    public DateTime Time { get; init; } = DateTime.UtcNow;
}
