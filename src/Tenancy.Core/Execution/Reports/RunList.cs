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

    /// <summary>Counts how runs ended, which looks through all that was written to the history since the first of them.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<IReadOnlyList<TenantRun>> CountAsync(IReadOnlyList<TenantRun> runs, CancellationToken cancellation)
    {
        if (runs.Count == 0)
        {
            return runs;
        }

        var counts = await HistoryTransaction.RunAsync(connector, address, project, connection => CountAsync(connection, runs, cancellation), cancellation);
        return [.. runs.Select(run => counts.TryGetValue(run.RunId, out var count) ? run with { Done = count.Done, Failed = count.Failed, InProgress = count.InProgress } : run with { Done = 0, Failed = 0, InProgress = 0 })];
    }

    private async Task<Dictionary<Guid, (int Done, int Failed, int InProgress)>> CountAsync(NpgsqlConnection connection, IReadOnlyList<TenantRun> runs, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(new HistorySql(project.HistorySchema).File("count_runs"), project.Fleet, runs.Select(static run => run.RunId).ToArray(), runs.Min(static run => run.Started));
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        Dictionary<Guid, (int Done, int Failed, int InProgress)> counts = [];
        while (await reader.ReadAsync(cancellation))
        {
            counts.Add(reader.GetGuid(0), ((int)reader.GetInt64(1), (int)reader.GetInt64(2), (int)reader.GetInt64(3)));
        }

        return counts;
    }

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
