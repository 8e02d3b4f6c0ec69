using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Execution.Reports;

/// <summary>Reads the runs that a database knows.</summary>
/// <param name="project">The project.</param>
/// <param name="connector">Opens the connection.</param>
/// <param name="address">The database.</param>
internal sealed class RunList(TenancyProject project, DatabaseConnector connector, DatabaseAddress address)
{
    /// <summary>The runs, newest first; none where there is no history.</summary>
    /// <param name="since">Only what started at this time or later, UTC; null for all.</param>
    /// <param name="last">Only so many, the newest; null for all.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<List<TenantRun>> ReadAsync(DateTime? since, int? last, CancellationToken cancellation) =>
        HistoryTransaction.RunAsync(connector, address, project, connection => ReadAsync(connection, since, last, cancellation), cancellation);

    private async Task<List<TenantRun>> ReadAsync(NpgsqlConnection connection, DateTime? since, int? last, CancellationToken cancellation)
    {
        var history = new HistorySql(project.HistorySchema);
        if (await new HistoryInstallation(history).ReadAsync(connection, cancellation) is not { Version: >= 2 })
        {
            return [];
        }

        await using var batch = new NpgsqlBatch(connection);
        batch.Add(history.File("read_runs"), project.Fleet).With(since, NpgsqlDbType.TimestampTz).With(last, NpgsqlDbType.Integer);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        List<TenantRun> runs = [];
        while (await reader.ReadAsync(cancellation))
        {
            runs.Add(new()
            {
                RunId = reader.GetGuid(0),
                Started = reader.GetDateTime(1),
                Direction = reader.GetString(2),
                Target = reader.GetString(3),
                Transaction = reader.GetString(4),
                Arguments = JsonSerializer.Deserialize<Dictionary<string, string>>(reader.GetString(5))!,
                Durable = reader.IsDBNull(6) ? null : reader.GetDateTime(6),
                IsKept = reader.GetBoolean(7),
                Ring = reader.IsDBNull(8) ? null : reader.GetString(8),
                SoakUntil = reader.IsDBNull(9) ? null : reader.GetDateTime(9),
                Who = reader.GetString(10),
                ToolVersion = reader.GetString(11),
                Database = address.Database,
                Server = address.Server.ToString(),
            });
        }

        return runs;
    }
}
