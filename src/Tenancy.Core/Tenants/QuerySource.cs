using System.Runtime.CompilerServices;
using Npgsql;
using Tenancy.Model;

namespace Tenancy.Core.Tenants;

/// <summary>
/// The rows of a user's query, with a column <c>name</c> or <c>schema</c> or both; <c>database</c> and <c>server</c> where they differ from the
/// query's own; every other column is a label.
/// </summary>
public sealed class QuerySource : ITenantSource
{
    // A cursor takes one SELECT or VALUES and nothing else, and a batch's command is sent as one statement, which Npgsql does not split:
    // so a query cannot end the read-only transaction and go on without it.
    private const string Cursor = "DECLARE tenancy_source NO SCROLL CURSOR FOR\n";

    private readonly DatabaseConnector connector;
    private readonly DatabaseAddress address;
    private readonly string query;

    /// <summary>Takes the query; it runs when the source is read.</summary>
    /// <param name="connector">Opens the connection.</param>
    /// <param name="address">The database that is asked.</param>
    /// <param name="query">One SELECT.</param>
    public QuerySource(DatabaseConnector connector, DatabaseAddress address, string query)
    {
        ArgumentNullException.ThrowIfNull(query);
        this.connector = connector;
        this.address = address;
        this.query = query.TrimEnd().TrimEnd(';');
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
        await using (var declare = new NpgsqlBatch(connection) { BatchCommands = { new NpgsqlBatchCommand(Cursor + query) } })
        {
            await declare.ExecuteNonQueryAsync(cancellation);
        }

        // As text: a label may be of any type, also of one that Npgsql does not know.
        await using var fetch = new NpgsqlCommand("FETCH ALL FROM tenancy_source", connection) { AllResultTypesAreUnknown = true };
        await using var reader = await fetch.ExecuteReaderAsync(cancellation);
        var columns = TenantColumns.TryCreate(Enumerable.Range(0, reader.FieldCount).Select(reader.GetName), out var fault)
            ?? throw new TenancyException("InvalidTenantQuery", $"The tenant query gives no tenants: {fault}.", "SELECT … AS name, … AS schema; one of them is enough.");
        var tenants = new List<Tenant>();
        var server = address.Server.ToString();
        while (await reader.ReadAsync(cancellation))
        {
            // A row without name and schema goes on: the filter makes it an error of its own.
            var tenant = columns.Read(i => reader.IsDBNull(i) ? null : reader.GetString(i)) ?? new Tenant();
            tenants.Add(tenant with { Database = tenant.Database ?? address.Database, Server = tenant.Server ?? server });
        }

        return tenants;
    }

    private TenancyException Describe(PostgresException error)
    {
        var line = error.Position > Cursor.Length ? query.AsSpan(0, Math.Min(error.Position - Cursor.Length, query.Length)).Count('\n') + 1 : 0;
        var place = line > 0 ? $", line {line}" : "";
        return new(
            "InvalidTenantQuery",
            $"The tenant query failed on {address}{place}: {error.SqlState}: {error.MessageText}",
            "The query is one SELECT that changes nothing, ends within 60 s, and is run as the user of the connection.",
            error);
    }
}
