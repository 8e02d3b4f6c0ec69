using System.Collections.Immutable;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Drift;

/// <summary>Tenants that are at the same revisions and have drifted alike.</summary>
/// <param name="Heads">The revisions, in ordinal order.</param>
/// <param name="Shape">Their shape.</param>
/// <param name="Tenants">The tenants.</param>
public sealed record DriftedShape(ImmutableArray<string> Heads, string Shape, ImmutableArray<Tenant> Tenants)
{
    /// <summary>As a person reads it: some names, and how many more.</summary>
    public override string ToString() => string.Join(", ", Tenants.Take(3).Select(static tenant => $"'{tenant.Name}'")) + (Tenants.Length > 3 ? $" and {Tenants.Length - 3} more" : "");
}
