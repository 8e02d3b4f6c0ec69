using Tenancy.Core.Manifests;

namespace Tenancy.Core.Adoption;

/// <summary>What to adopt.</summary>
public sealed record ImportRequest
{
    /// <summary>The tool that has migrated the schemas until now.</summary>
    public required ImportSource Source { get; init; }

    /// <summary>Which of its versions is which revision.</summary>
    public required RevisionMapping Mapping { get; init; }

    /// <summary>Its table; null for the name that the tool uses by itself.</summary>
    public string? Table { get; init; }

    /// <summary>The scope.</summary>
    public MigrationScope Scope { get; init; } = MigrationScope.Tenant;

    /// <summary>True to say what would be, and write nothing.</summary>
    public bool PlansOnly { get; init; }
}
