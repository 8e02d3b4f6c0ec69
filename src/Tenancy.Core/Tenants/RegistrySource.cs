using System.Runtime.CompilerServices;
using System.Text.Json;
using Npgsql;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Tenants;

/// <summary>The tenants that the history schema of a database knows of a fleet. Where there is no history schema yet, there are none.</summary>
public sealed class RegistrySource : ITenantSource
{
    private readonly DatabaseConnector connector;
    private readonly DatabaseAddress address;
    private readonly string table;
    private readonly string fleet;

    /// <summary>The registry of a fleet in a database.</summary>
    /// <param name="connector">Opens the connection.</param>
    /// <param name="address">The database.</param>
    /// <param name="historySchema">The history schema, unquoted.</param>
    /// <param name="fleet">The fleet's name.</param>
    public RegistrySource(DatabaseConnector connector, DatabaseAddress address, string historySchema, string fleet)
    {
        this.connector = connector;
        this.address = address;
        this.fleet = fleet;
        table = SqlIdentifier.Quote(historySchema, "tenant");
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<Tenant> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var tenant in await ReadOnlySession.RunAsync(connector, address, connection => ReadAsync(connection, cancellation), Describe, cancellation))
        {
            yield return tenant;
        }
    }

    private async Task<List<Tenant>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var tenants = new List<Tenant>();
        await using (var exists = new NpgsqlCommand("SELECT pg_catalog.to_regclass($1) IS NOT NULL", connection) { Parameters = { new() { Value = table } } })
        {
            if (await exists.ExecuteScalarAsync(cancellation) is not true)
            {
                return tenants;
            }
        }

        var server = address.Server.ToString();
        await using var command = new NpgsqlCommand($"""SELECT name, schema, labels::pg_catalog.text FROM {table} WHERE fleet = $1 ORDER BY name COLLATE "C", schema COLLATE "C" """, connection);
        command.Parameters.Add(new() { Value = fleet });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            tenants.Add(new() { Name = reader.GetString(0), Schema = reader.GetString(1), Labels = ReadLabels(reader.GetString(2)), Database = address.Database, Server = server });
        }

        return tenants;
    }

    private static TenantLabels ReadLabels(string json)
    {
        var labels = new TenantLabels();
        if (json == "{}")
        {
            return labels;
        }

        using var document = JsonDocument.Parse(json);
        foreach (var label in document.RootElement.EnumerateObject())
        {
            labels[label.Name] = label.Value.ValueKind == JsonValueKind.Null ? "" : label.Value.ToString();
        }

        return labels;
    }

    private TenancyException? Describe(PostgresException error) =>
        error.SqlState == PostgresErrorCodes.InsufficientPrivilege
            ? new(
                "TenantSourceFailed",
                $"User '{connector.Username}' may not read the registry of tenants, {table} in {address}: {error.MessageText}.",
                "Connect as the role that installed the history schema, or grant USAGE on it and SELECT on its tables.",
                error)
            : null;
}
