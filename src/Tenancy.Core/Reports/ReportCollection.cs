using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Reports;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Reports;

/// <summary>Reads what a report shows of one database. Reads only, in a fixed number of queries.</summary>
/// <param name="project">The project.</param>
/// <param name="graph">The revisions.</param>
/// <param name="connector">Opens connections.</param>
/// <param name="address">The database.</param>
internal sealed class ReportCollection(TenancyProject project, RevisionGraph graph, DatabaseConnector connector, DatabaseAddress address)
{
    /// <summary>Where the tenants are, and the shared schema.</summary>
    /// <param name="tenants">The tenants.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<List<TenantRevision>> ReadRevisionsAsync(IReadOnlyCollection<Tenant> tenants, CancellationToken cancellation)
    {
        List<TenantRevision> revisions = [];
        await foreach (var revision in new RevisionReport(project, graph, connector, address).ReadAsync(tenants, cancellation))
        {
            revisions.Add(revision);
        }

        return revisions;
    }

    /// <summary>The last run here, and when it last began something; null where there was none.</summary>
    /// <param name="cancellation">Gives up.</param>
    public Task<(Guid Id, DateTime At)?> FindLastRunAsync(CancellationToken cancellation) => HistoryTransaction.RunAsync<(Guid, DateTime)?>(
        connector,
        address,
        project,
        async connection =>
        {
            var sql = new HistorySql(project.HistorySchema);
            if (await new HistoryInstallation(sql).ReadAsync(connection, cancellation) is null)
            {
                return null;
            }

            await using var batch = new NpgsqlBatch(connection);
            batch.Add(sql.File("last_run"), project.Fleet);
            await using var reader = await batch.ExecuteReaderAsync(cancellation);
            return await reader.ReadAsync(cancellation) ? (reader.GetGuid(0), reader.GetDateTime(1)) : null;
        },
        cancellation);

    /// <summary>What a run did here.</summary>
    /// <param name="tenants">The tenants.</param>
    /// <param name="run">The run.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<List<TenantHistoryEntry>> ReadRunAsync(IReadOnlyList<Tenant> tenants, Guid run, CancellationToken cancellation) =>
        new HistoryReport(project, connector, address).ReadAsync(tenants, new() { RunId = run, IncludesShared = true }, cancellation);
}
