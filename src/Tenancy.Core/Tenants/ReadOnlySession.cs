using System.Data;
using Npgsql;
using Tenancy.Model;

namespace Tenancy.Core.Tenants;

/// <summary>Runs the query of a source in a transaction that can change nothing, waits for nothing long, and ends before what it found is given on.</summary>
internal static class ReadOnlySession
{
    private const string Limits = """
        SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = '60s'; SET LOCAL lock_timeout = '5s';
        SET LOCAL idle_in_transaction_session_timeout = '60s'; SET LOCAL standard_conforming_strings = on
        """;

    /// <param name="connector">Opens the connection.</param>
    /// <param name="address">The database.</param>
    /// <param name="read">Reads everything.</param>
    /// <param name="describe">Says what a server error means; null leaves it to this method.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException"><c>TenantSourceFailed</c>, or what the connector throws.</exception>
    public static async Task<T> RunAsync<T>(
        DatabaseConnector connector,
        DatabaseAddress address,
        Func<NpgsqlConnection, Task<T>> read,
        Func<PostgresException, TenancyException?> describe,
        CancellationToken cancellation)
    {
        await using var connection = await connector.OpenAsync(address, cancellation);
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await using (var limits = new NpgsqlCommand(Limits, connection))
            {
                await limits.ExecuteNonQueryAsync(cancellation);
            }

            var found = await read(connection);

            // Npgsql closes a connection whose server is out of resources (class 53), also where the reader could do without what it asked.
            if (connection.State == ConnectionState.Open)
            {
                await transaction.CommitAsync(cancellation);
            }

            return found;
        }
        catch (PostgresException error)
        {
            throw describe(error) ?? new TenancyException(
                "TenantSourceFailed",
                $"Reading tenants from {address} failed: {error.SqlState}: {error.MessageText}",
                "The server's log says more.",
                error);
        }
        catch (NpgsqlException error) when (!cancellation.IsCancellationRequested)
        {
            throw ConnectionErrors.Describe(error, address, connector.Username);
        }
    }
}
