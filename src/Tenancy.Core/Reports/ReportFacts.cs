using System.Collections.Immutable;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Reports;

/// <summary>What was collected for a report; all that its page is made of.</summary>
internal sealed record ReportFacts
{
    /// <summary>The fleet's name.</summary>
    public required string Fleet { get; init; }

    /// <summary>When it was collected, UTC.</summary>
    public required DateTime Made { get; init; }

    /// <summary>The revisions.</summary>
    public required RevisionGraph Graph { get; init; }

    /// <summary>Where tenants are, and the shared schemas.</summary>
    public required IReadOnlyList<TenantRevision> Revisions { get; init; }

    /// <summary>Tenants of which nothing could be read, with why.</summary>
    public IReadOnlyList<UnreadTenant> Unread { get; init; } = [];

    /// <summary>The run; null where there was none.</summary>
    public RunFacts? Run { get; init; }

    /// <summary>What the schemas are like beside what they are to be like; null where they were not compared.</summary>
    public IReadOnlyList<SchemaComparison>? Comparisons { get; init; }

    /// <summary>The values of secret arguments.</summary>
    public ImmutableArray<string> Secrets { get; init; } = [];
}

/// <summary>A tenant of which nothing could be read.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Address">Where it is.</param>
/// <param name="Error">Why.</param>
internal sealed record UnreadTenant(Tenant Tenant, DatabaseAddress Address, TenancyException Error);

/// <summary>A schema of the fleet; joins what comes from different sources.</summary>
/// <param name="Server">Its server.</param>
/// <param name="Database">Its database.</param>
/// <param name="Scope"><c>tenant</c> or <c>shared</c>.</param>
/// <param name="Schema">Its name.</param>
internal readonly record struct SchemaKey(string Server, string Database, string Scope, string Schema);
