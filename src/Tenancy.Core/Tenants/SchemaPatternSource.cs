using System.Runtime.CompilerServices;
using Npgsql;
using Tenancy.Model;

namespace Tenancy.Core.Tenants;

/// <summary>The schemas of a database whose name matches a pattern. Reserved schemas are passed over in silence: a pattern does not mean them.</summary>
public sealed class SchemaPatternSource : ITenantSource
{
    private readonly DatabaseConnector connector;
    private readonly DatabaseAddress address;
    private readonly NamePattern pattern;
    private readonly ReservedSchemas reserved;

    /// <summary>Reads the pattern; letters' case counts, as it does in PostgreSQL.</summary>
    /// <param name="connector">Opens the connection.</param>
    /// <param name="address">The database.</param>
    /// <param name="pattern">A name with <c>*</c>, <c>?</c> and <c>[a-c]</c>.</param>
    /// <param name="reserved">Schemas that never are tenants.</param>
    /// <exception cref="TenancyException"><c>InvalidPattern</c>.</exception>
    public SchemaPatternSource(DatabaseConnector connector, DatabaseAddress address, string pattern, ReservedSchemas reserved)
    {
        this.connector = connector;
        this.address = address;
        this.pattern = new(pattern, ignoreCase: false);
        this.reserved = reserved;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<Tenant> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var tenant in await ReadOnlySession.RunAsync(connector, address, connection => ReadAsync(connection, cancellation), static _ => null, cancellation))
        {
            yield return tenant;
        }
    }

    private async Task<List<Tenant>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var tenants = new List<Tenant>();
        var server = address.Server.ToString();
        await using var command = new NpgsqlCommand("""SELECT nspname FROM pg_catalog.pg_namespace ORDER BY nspname COLLATE "C" """, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var schema = reader.GetString(0);
            if (pattern.IsMatch(schema) && reserved.Describe(schema) is null)
            {
                tenants.Add(new() { Name = schema, Schema = schema, Database = address.Database, Server = server });
            }
        }

        return tenants;
    }
}
