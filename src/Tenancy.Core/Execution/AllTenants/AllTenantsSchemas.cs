using System.Collections.Immutable;
using Tenancy.Core.History;

namespace Tenancy.Core.Execution.AllTenants;

/// <summary>The schemas of a database that one transaction works on.</summary>
/// <param name="Shared">The shared one.</param>
/// <param name="Tenants">The run's tenants; none where it works on the shared schema alone.</param>
/// <param name="Registered">The registered tenants that are not the run's.</param>
internal sealed record AllTenantsSchemas(SchemaProgress Shared, ImmutableArray<SchemaProgress> Tenants, RegisteredTenants Registered)
{
    /// <summary>The schemas where they are.</summary>
    /// <param name="context">The run.</param>
    /// <param name="shared">The shared one.</param>
    /// <param name="tenants">The run's tenants.</param>
    /// <param name="fleet">Where they are.</param>
    /// <param name="registered">The registered tenants that are not the run's.</param>
    public static AllTenantsSchemas Of(RunContext context, SchemaTarget shared, IEnumerable<SchemaTarget> tenants, FleetState fleet, RegisteredTenants registered) =>
        new(new(context, shared, fleet.Shared), [.. tenants.Select(target => new SchemaProgress(context, target, fleet[target.Schema]))], registered);
}
