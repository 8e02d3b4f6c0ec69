using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Drift;

/// <summary>A tenant that all are to be like.</summary>
/// <param name="Where">Where it is.</param>
/// <param name="Shape">What it is like.</param>
internal sealed record ReferenceShape(DriftState Where, ExpectedShape Shape)
{
    /// <summary>Reads it.</summary>
    /// <param name="project">The project.</param>
    /// <param name="graph">Its revisions.</param>
    /// <param name="connector">Opens connections.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="address">Its database.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException"><c>SchemaMissing</c>, <c>SchemaDenied</c>, or the database cannot be read.</exception>
    public static async Task<ReferenceShape> ReadAsync(TenancyProject project, RevisionGraph graph, DatabaseConnector connector, Tenant tenant, DatabaseAddress address, CancellationToken cancellation)
    {
        var session = new DatabaseSession(project, graph, connector, address);
        var where = (await new DriftStates(project, connector, session).ReadAsync([SchemaTarget.Of(tenant, address)], cancellation))[tenant.Schema];
        if (where.State.Oid is null)
        {
            throw new TenancyException("SchemaMissing", $"The reference '{tenant.Name}' has no schema {tenant.Schema} in {address}.", "Name a tenant that has one; Get-TenantRevision shows all.");
        }

        if ((await new TenantFingerprints(connector, address).ReadAsync([tenant.Schema], cancellation)).GetValueOrDefault(tenant.Schema) is { Failure: { } failure })
        {
            throw new TenancyException(failure.ErrorId, $"The reference '{tenant.Name}': {failure.Message}", failure.RecommendedAction);
        }

        return new(where, ExpectedShape.OfTenant(await CatalogTransaction.RunAsync(connector, address, connection => SnapshotReader.ReadAsync(connection, tenant.Schema, cancellation), cancellation), tenant.Schema));
    }
}
