using Npgsql;
using Tenancy.Core.Execution.Waiting;
using Tenancy.Core.Manifests;
using Tenancy.Core.Sql;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Rollouts;

/// <summary>Asks a ring's query in a database: in a transaction that can only read, with the shared schema in the path.</summary>
/// <param name="project">The project.</param>
/// <param name="connector">Opens connections.</param>
/// <param name="retries">What is tried again.</param>
internal sealed class RingVerification(TenancyProject project, DatabaseConnector connector, RetryPolicy retries)
{
    // As with a tenant query: a cursor takes one query and nothing else, so none can end the transaction that only reads.
    private const string Cursor = "DECLARE tenancy_verify NO SCROLL CURSOR FOR\n";

    /// <summary>Asks.</summary>
    /// <param name="address">The database.</param>
    /// <param name="query">The query.</param>
    /// <param name="isOneOfMany">True to keep no connection: a ring may have more databases than its server has connections.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Why the ring is not verified there, without a full stop; null where it is.</returns>
    public async Task<string?> AskAsync(DatabaseAddress address, string query, bool isOneOfMany, CancellationToken cancellation)
    {
        try
        {
            return await AskAsync(address, query, cancellation);
        }
        finally
        {
            await (isOneOfMany ? connector.ReleaseAsync(address) : default);
        }
    }

    private async Task<string?> AskAsync(DatabaseAddress address, string query, CancellationToken cancellation)
    {
        try
        {
            return await retries.RunAsync(token => AskOnceAsync(address, query.TrimEnd().TrimEnd(';'), token), cancellation) is { } answer ? $"its query gave {answer} in {address}" : null;
        }
        catch (TenancyException error)
        {
            return $"its query could not be asked in {address}: {error.Message.TrimEnd('.')}";
        }
    }

    private async Task<string?> AskOnceAsync(DatabaseAddress address, string query, CancellationToken cancellation)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                return await ReadOnlySession.RunAsync(connector, address, connection => AskAsync(connection, query, cancellation), Describe, cancellation);
            }
            catch (TenancyException error) when (isFirst && error.ErrorId.StartsWith("Connection", StringComparison.Ordinal))
            {
                // After hours of soak the pool's connections may be gone.
                connector.GetDataSource(address).Clear();
            }
        }
    }

    // What it gave, or null for true.
    private async Task<string?> AskAsync(NpgsqlConnection connection, string query, CancellationToken cancellation)
    {
        await using (var declare = new NpgsqlBatch(connection))
        {
            IEnumerable<string> path = [project.SharedSchema, .. project.ExtensionSchemas ?? []];
            declare.BatchCommands.Add(new($"SET LOCAL search_path TO {string.Join(", ", path.Select(SqlIdentifier.Quote))}, pg_temp"));
            declare.BatchCommands.Add(new(Cursor + query));
            await declare.ExecuteNonQueryAsync(cancellation);
        }

        await using var fetch = new NpgsqlCommand("FETCH 2 FROM tenancy_verify", connection);
        await using var reader = await fetch.ExecuteReaderAsync(cancellation);
        if (reader.FieldCount != 1 || reader.GetDataTypeName(0) != "boolean")
        {
            return "something else than one boolean";
        }

        if (!await reader.ReadAsync(cancellation))
        {
            return "no row";
        }

        var answer = await reader.IsDBNullAsync(0, cancellation) ? "null" : reader.GetBoolean(0) ? null : "false";
        return answer ?? (await reader.ReadAsync(cancellation) ? "more than one row" : null);
    }

    private static TenancyException Describe(PostgresException error) => new("RingNotVerified", $"{error.MessageText} ({error.SqlState})");
}
