using Tenancy.Core.Manifests;
using Tenancy.Model;

namespace Tenancy.Core.Tenants;

/// <summary>Makes the source that a project or a cmdlet names.</summary>
public static class TenantSources
{
    /// <summary>The source; it connects when it is read.</summary>
    /// <param name="settings">Which source; null means the project's, and where that has none, the registry.</param>
    /// <param name="project">The project.</param>
    /// <param name="connector">Opens connections.</param>
    /// <param name="address">The database that is asked; a file asks none.</param>
    /// <exception cref="TenancyException"><c>InvalidPattern</c>, <c>InvalidTenantFile</c>, or <c>InvalidName</c> for the history schema.</exception>
    public static ITenantSource Create(TenantSourceSettings? settings, TenancyProject project, DatabaseConnector connector, DatabaseAddress address)
    {
        ArgumentNullException.ThrowIfNull(project);
        return (settings ?? project.Tenants) switch
        {
            { SchemaPattern: { } pattern } => new SchemaPatternSource(connector, address, pattern, ReservedSchemas.Of(project)),
            { Query: { } query } => new QuerySource(connector, address, query),
            { File: { } file } => new FileSource(file),
            _ => new RegistrySource(connector, address, project.HistorySchema, project.Fleet),
        };
    }
}
