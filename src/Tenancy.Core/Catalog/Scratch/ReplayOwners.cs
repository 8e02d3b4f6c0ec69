using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.Manifests;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Scratch;

/// <summary>Whose objects are to be where the project does not say: as most of a tenant's are, whoever replays.</summary>
/// <param name="Role">The role that a replay acts as; null for the one that logged in.</param>
/// <param name="Other">The role that owns the objects where that is not the one that owns the schema, which stands for itself; null where they are one.</param>
internal sealed record ReplayOwners(string? Role, string? Other)
{
    private const string Property = "owner";

    /// <summary>Reads them of tenants.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="project">The project.</param>
    /// <param name="schemas">The tenants' schemas.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>By schema; those that are not there too.</returns>
    public static async Task<IReadOnlyDictionary<string, ReplayOwners>> ReadAsync(NpgsqlConnection connection, TenancyProject project, string[] schemas, CancellationToken cancellation)
    {
        var owners = schemas.Distinct().ToDictionary(static schema => schema, _ => new ReplayOwners(project.Owner, null), StringComparer.Ordinal);
        if (project.Owner is not null)
        {
            return owners;
        }

        await using var batch = new NpgsqlBatch(connection);
        batch.Add(EmbeddedSql.Read("replay_owners"), (object)schemas);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            owners[reader.GetString(0)] = new(await reader.IsDBNullAsync(1, cancellation) ? null : reader.GetString(1), await reader.IsDBNullAsync(2, cancellation) ? null : reader.GetString(2));
        }

        return owners;
    }

    /// <summary>What was replayed, as it is to be where objects are owned so. A replay has one owner of all; what a manifest gives to somebody stays that one's.</summary>
    /// <param name="replayed">The shape that a replay gave.</param>
    public SchemaSnapshot Apply(SchemaSnapshot replayed) => Other is null
        ? replayed
        : new(
            replayed.Objects.Values.Select(item => item.Identity.Kind is "schema" || !IsOwned(item) || item[Property] is not null
                ? item
                : new() { Identity = item.Identity, Properties = item.Properties.Add(Property, Other), Position = item.Position, ActualName = item.ActualName }),
            replayed.Dependencies);

    // Parts go with their table.
    private static bool IsOwned(CatalogObject item) => item.Identity is { Table: null, Kind: not "default_privileges" and not "extension" and not "unsupported" };
}
