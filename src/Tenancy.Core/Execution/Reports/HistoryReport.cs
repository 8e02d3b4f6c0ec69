using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Execution.Reports;

/// <summary>Reads the history rows of one database.</summary>
internal sealed class HistoryReport
{
    private readonly TenancyProject project;
    private readonly DatabaseConnector connector;
    private readonly DatabaseAddress address;

    /// <summary>A reader for one database.</summary>
    public HistoryReport(TenancyProject project, DatabaseConnector connector, DatabaseAddress address)
    {
        this.project = project;
        this.connector = connector;
        this.address = address;
    }

    /// <summary>The rows, oldest first; none where no history is installed. Read whole, so that a slow taker holds no transaction open.</summary>
    /// <param name="tenants">The tenants; null for all.</param>
    /// <param name="query">What to leave out.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<List<TenantHistoryEntry>> ReadAsync(IReadOnlyList<Tenant>? tenants, HistoryQuery query, CancellationToken cancellation) =>
        HistoryTransaction.RunAsync(connector, address, project, connection => ReadAsync(connection, tenants, query, cancellation), cancellation);

    /// <summary>Schemas on which another run has gone the other way since a run came to the database.</summary>
    /// <param name="run">The run.</param>
    /// <param name="direction">Its direction.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<HashSet<(string Scope, string Schema)>> ReadTurnedAsync(Guid run, RevisionDirection direction, CancellationToken cancellation) =>
    [
        .. await HistoryTransaction.QueryAsync(
            connector,
            address,
            project,
            batch => batch.Add(new HistorySql(project.HistorySchema).File("read_turned"), project.Fleet, run, direction == RevisionDirection.Up ? "down" : "up"),
            static reader => (reader.GetString(0), reader.GetString(1)),
            cancellation),
    ];

    private async Task<List<TenantHistoryEntry>> ReadAsync(NpgsqlConnection connection, IReadOnlyList<Tenant>? tenants, HistoryQuery query, CancellationToken cancellation)
    {
        var history = new HistorySql(project.HistorySchema);
        if (await new HistoryInstallation(history).ReadAsync(connection, cancellation) is not { } installed)
        {
            return [];
        }

        await using var batch = new NpgsqlBatch(connection);
        batch.Add(history.File(installed.Version > 1 ? "read_history" : "read_history_1"), project.Fleet, query.IncludesShared || tenants is null)
            .With(tenants?.Select(static tenant => tenant.Schema).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text)
            .With(query.RunId, NpgsqlDbType.Uuid)
            .With(query.Since is { } since ? DateTime.SpecifyKind(since, DateTimeKind.Utc) : null, NpgsqlDbType.TimestampTz)
            .With(query.Last, NpgsqlDbType.Integer);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        List<TenantHistoryEntry> entries = [];
        while (await reader.ReadAsync(cancellation))
        {
            entries.Add(new()
            {
                Id = reader.GetInt64(0),
                RunId = reader.GetGuid(1),
                Scope = reader.GetString(2),
                Schema = reader.GetString(3),
                Name = reader.GetString(4),
                Revision = Text(5),
                Direction = reader.GetString(6),
                Step = Text(7),
                Outcome = reader.GetString(8),
                Checksum = Text(9),
                Started = reader.GetDateTime(10),
                Seconds = reader.GetDouble(11),
                Who = reader.GetString(12),
                ToolVersion = reader.GetString(13),
                SqlState = Text(14),
                Position = Text(15),
                Message = Text(16),
                Arguments = Text(17) is { } arguments ? JsonSerializer.Deserialize<Dictionary<string, string>>(arguments)! : [],
                Database = address.Database,
                Server = address.Server.ToString(),
            });
        }

        return entries;

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }
}
