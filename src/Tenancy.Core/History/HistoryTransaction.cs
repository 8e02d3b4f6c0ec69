using System.Globalization;
using Npgsql;
using Tenancy.Core.Manifests;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.History;

/// <summary>A short transaction around the history tables: nothing in it waits without a limit, and nothing is set beyond its end.</summary>
internal static class HistoryTransaction
{
    /// <summary>Runs work inside a transaction and commits it.</summary>
    /// <param name="connector">Opens the connection.</param>
    /// <param name="address">The database.</param>
    /// <param name="project">The project, for its limits of time.</param>
    /// <param name="work">The work; it must not be slow for a reason outside the database.</param>
    /// <param name="cancellation">Cancels and rolls back.</param>
    /// <param name="writes">True to write whatever the database's default_transaction_read_only says.</param>
    /// <exception cref="PostgresException">One of the engine's own assertions (class TN).</exception>
    /// <exception cref="TenancyException">Any other failure: <c>HistoryDenied</c>, <c>HistoryFailed</c>, or what connecting throws.</exception>
    public static async Task<T> RunAsync<T>(
        DatabaseConnector connector, DatabaseAddress address, TenancyProject project, Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellation, bool writes = false)
    {
        await using var connection = await connector.OpenAsync(address, cancellation);
        try
        {
            // Disposing without a commit rolls back.
            await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.ReadCommitted, cancellation);
            await SetLimitsAsync(connection, project.Timeouts, writes, cancellation);
            var result = await work(connection);
            await transaction.CommitAsync(cancellation);
            return result;
        }
        catch (PostgresException error) when (!error.SqlState.StartsWith("TN", StringComparison.Ordinal) && !SessionEnd.Is(error))
        {
            cancellation.ThrowIfCancellationRequested();
            throw error.SqlState == PostgresErrorCodes.InsufficientPrivilege
                ? new TenancyException(
                    "HistoryDenied",
                    $"User '{connector.Username}' may not use the history schema {project.HistorySchema} in {address}: {error.MessageText}.",
                    "Connect as the role that installed it, or grant USAGE on the schema, SELECT, INSERT, UPDATE and DELETE on its tables, and EXECUTE on its functions.",
                    error)
                : new TenancyException("HistoryFailed", $"The history schema {project.HistorySchema} in {address} could not be used: {error.MessageText} ({error.SqlState}).", "The server's log says more.", error);
        }
        catch (NpgsqlException error) when (error is not PostgresException failed || SessionEnd.Is(failed))
        {
            cancellation.ThrowIfCancellationRequested();
            throw new TenancyException("ConnectionLost", $"The connection to {address} was lost: {error.Message}", "Run again: what is done stays done.", error);
        }
    }

    private static async Task SetLimitsAsync(NpgsqlConnection connection, MigrationTimeouts timeouts, bool writes, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        if (writes)
        {
            // Not always: a standby can be read.
            batch.BatchCommands.Add(new("SET TRANSACTION READ WRITE"));
        }

        batch.BatchCommands.Add(new(
            """
            SELECT pg_catalog.set_config('lock_timeout', $1, true), pg_catalog.set_config('statement_timeout', $2, true),
              pg_catalog.set_config('idle_in_transaction_session_timeout', $3, true), pg_catalog.set_config('standard_conforming_strings', 'on', true)
            """)
        {
            Parameters = { Limit(timeouts.Lock), Limit(timeouts.Statement), Limit(timeouts.Idle) },
        });
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    private static NpgsqlParameter Limit(TimeSpan time) => new() { Value = Math.Max(1, (long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture) + "ms" };
}
