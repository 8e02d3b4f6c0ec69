using System.Collections.Immutable;
using Npgsql;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;

namespace Tenancy.Core.Execution;

/// <summary>Which tenant revisions the registered tenants of a database have, read in one query: one row for each distinct set of heads.</summary>
/// <param name="OfAll">Revisions that every registered tenant has.</param>
/// <param name="OfAny">Revisions that some registered tenant has.</param>
internal sealed record RegisteredTenants(ImmutableHashSet<string> OfAll, ImmutableHashSet<string> OfAny)
{
    /// <summary>No tenants: nothing need be waited for, and nothing stands in the way.</summary>
    /// <param name="graph">The revisions.</param>
    public static RegisteredTenants None(RevisionGraph graph) => new([.. graph.All.Where(static node => node.Scope == MigrationScope.Tenant).Select(static node => node.Id)], []);

    /// <summary>Reads them.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="history">The history schema's SQL.</param>
    /// <param name="project">The project.</param>
    /// <param name="graph">Its revisions.</param>
    /// <param name="schemas">Schemas of tenants that a run is about to register.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<RegisteredTenants> ReadAsync(
        NpgsqlConnection connection, HistorySql history, TenancyProject project, RevisionGraph graph, string[] schemas, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(history.File("read_registered"), project.Fleet, schemas);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        ImmutableHashSet<string>? ofAll = null;
        var ofAny = ImmutableHashSet.CreateBuilder<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation))
        {
            // A revision that no manifest has can be no dependency either.
            var heads = reader.GetFieldValue<string[]>(0).Where(head => graph.Find(head) is not null).ToArray();
            var applied = graph.Applied(MigrationScope.Tenant, heads);
            ofAll = ofAll is null ? [.. applied] : ofAll.Intersect(applied);
            ofAny.UnionWith(applied);
        }

        return ofAll is null ? None(graph) : new(ofAll, ofAny.ToImmutable());
    }
}
