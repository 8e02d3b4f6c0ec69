using System.Collections.Immutable;
using Tenancy.Core.Manifests;

namespace Tenancy.Core.Revisions;

/// <summary>Which revisions to show. What is not set leaves out nothing.</summary>
public sealed record RevisionQuery
{
    /// <summary>Ids with wildcards, identifiers such as <c>billing@head</c>, and ranges <c>a:b</c>; empty for all.</summary>
    public ImmutableArray<string> Names { get; init; } = [];

    /// <summary>Only of this scope.</summary>
    public MigrationScope? Scope { get; init; }

    /// <summary>Only heads.</summary>
    public bool IsHead { get; init; }

    /// <summary>Only bases.</summary>
    public bool IsBase { get; init; }

    /// <summary>Only revisions that have this label, by themselves or from one that they follow; null for all.</summary>
    public string? Branch { get; init; }
}
