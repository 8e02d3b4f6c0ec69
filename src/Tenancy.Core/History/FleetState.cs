using Tenancy.Core.Manifests;

namespace Tenancy.Core.History;

/// <summary>The state of the schemas of one database, read in a fixed number of queries.</summary>
internal sealed class FleetState
{
    private readonly Dictionary<string, SchemaState> tenants;

    /// <summary>Makes the state.</summary>
    /// <param name="tenants">Tenants by schema.</param>
    /// <param name="shared">The shared schema.</param>
    /// <param name="extensionSchemas">Where the database's extensions are, in name order.</param>
    public FleetState(Dictionary<string, SchemaState> tenants, SchemaState shared, IReadOnlyList<string> extensionSchemas)
    {
        this.tenants = tenants;
        Shared = shared;
        ExtensionSchemas = extensionSchemas;
    }

    /// <summary>The shared schema.</summary>
    public SchemaState Shared { get; }

    /// <summary>Where the database's extensions are, in name order; without <c>pg_catalog</c>.</summary>
    public IReadOnlyList<string> ExtensionSchemas { get; }

    /// <summary>The states of all schemas that were asked for, the shared one's too.</summary>
    public IEnumerable<SchemaState> All => tenants.Values.Append(Shared);

    /// <summary>The state of a tenant that was asked for.</summary>
    /// <param name="schema">Its schema.</param>
    public SchemaState this[string schema] => tenants[schema];

    /// <summary>The state of a schema of a scope.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="schema">The schema.</param>
    public SchemaState Of(MigrationScope scope, string schema) => scope == MigrationScope.Shared ? Shared : tenants[schema];
}
