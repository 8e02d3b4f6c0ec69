using System.Collections.Immutable;
using Tenancy.Core.Authoring.Autogenerate;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Drift;

/// <summary>What a comparison is asked.</summary>
public sealed record ComparisonRequest
{
    /// <summary>The tenant that all are to be like; null for what the manifests of the revisions say that they are at.</summary>
    public Tenant? Reference { get; init; }

    /// <summary>What does not count, as <see cref="ShapeFilter"/> reads it.</summary>
    public ImmutableArray<string> Excluded { get; init; } = [];

    /// <summary>Arguments of the run, for <c>${x.key}</c> of manifests that are replayed.</summary>
    public IReadOnlyDictionary<string, string> Arguments { get; init; } = new Dictionary<string, string>();

    /// <summary>For recognizing a schema by its shape: which revisions it is to be at, of those that leave its shape, as a person names them; empty for whichever it is.</summary>
    public ImmutableArray<string> To { get; init; } = [];

    /// <summary>Names the scratch schemas of the comparison.</summary>
    public Guid RunId { get; init; } = Guid.NewGuid();
}
