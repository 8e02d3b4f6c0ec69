using System.Globalization;
using Npgsql;
using Tenancy.Core.Execution.Waiting;
using Tenancy.Core.Manifests;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.History;

/// <summary>A short transaction around the history tables: nothing in it waits without a limit, and nothing is set beyond its end. Where it waits for a lock for too long, the error says whom for.</summary>
internal static class HistoryTransaction
{
    /// <summary>Begins a transaction that may write, whatever the role's or the database's default says.</summary>
    public const string BeginWriting = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

    // Of the wait for a lock: twice before it is over, and not where a server is merely far away.
    private const double LookAfter = 0.4;

    /// <summary>Runs work inside a transaction and commits it.</summary>
    /// <param name="connector">Opens the connection.</param>
    /// <param name="address">The database.</param>
    /// <param name="project">The project, for its limits of time.</param>
    /// <param name="work">The work; it must not be slow for a reason outside the database.</param>
    /// <param name="cancellation">Cancels and rolls back.</param>
    /// <param name="writes">True to write whatever the database's default_transaction_read_only says.</param>
    /// <exception cref="PostgresException">One of the engine's own assertions (class TN).</exception>
    /// <exception cref="TenancyException">Any other failure: <c>HistoryDenied</c>, <c>HistoryFailed</c>, or what connecting throws.</exception>
    public static Task<T> RunAsync<T>(
        DatabaseConnector connector, DatabaseAddress address, TenancyProject project, Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellation, bool writes = false) =>
        ConnectAsync(
            connector,
            address,
            project,
            async (connection, name) =>
            {
                // Disposing without a commit rolls back.
                await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.ReadCommitted, cancellation);
                await SetLimitsAsync(connection, project.Timeouts, name, writes, cancellation);
                var result = await work(connection);
                await transaction.CommitAsync(cancellation);
                return result;
            },
            cancellation);

    /// <summary>The same in one message and so in one round trip, COMMIT included: the server skips what comes after an error.</summary>
    /// <param name="connector">Opens the connection.</param>
    /// <param name="address">The database.</param>
    /// <param name="project">The project, for its limits of time.</param>
    /// <param name="add">Adds the commands.</param>
    /// <param name="read">Reads what they give; at the first result.</param>
    /// <param name="cancellation">Cancels and rolls back.</param>
    /// <param name="writes">True to write whatever the database's default_transaction_read_only says.</param>
    /// <param name="isWatched">False for what looks who blocks another.</param>
    /// <exception cref="PostgresException">As above.</exception>
    /// <exception cref="TenancyException">As above.</exception>
    public static Task<T> SendAsync<T>(
        DatabaseConnector connector, DatabaseAddress address, TenancyProject project, Action<NpgsqlBatch> add, Func<NpgsqlConnection, NpgsqlDataReader, Task<T>> read, CancellationToken cancellation, bool writes = false, bool isWatched = true) =>
        ConnectAsync(
            connector,
            address,
            project,
            async (connection, name) =>
            {
                try
                {
                    await using var batch = new NpgsqlBatch(connection);
                    batch.BatchCommands.Add(new(writes ? BeginWriting : "BEGIN ISOLATION LEVEL READ COMMITTED"));
                    batch.BatchCommands.Add(Limits(project.Timeouts, name));
                    add(batch);
                    batch.BatchCommands.Add(new("COMMIT"));
                    await using var reader = await batch.ExecuteReaderAsync(cancellation);
                    await reader.NextResultAsync(cancellation);
                    var result = await read(connection, reader);
                    while (await reader.NextResultAsync(cancellation))
                    {
                        // An error may be in any of them.
                    }

                    return result;
                }
                catch
                {
                    await RollBackAsync(connection);
                    throw;
                }
            },
            cancellation,
            isWatched);

    /// <summary>The same for the rows of one query.</summary>
    /// <param name="connector">Opens the connection.</param>
    /// <param name="address">The database.</param>
    /// <param name="project">The project, for its limits of time.</param>
    /// <param name="add">Adds the query.</param>
    /// <param name="read">Reads a row.</param>
    /// <param name="cancellation">Cancels and rolls back.</param>
    /// <exception cref="PostgresException">As above.</exception>
    /// <exception cref="TenancyException">As above.</exception>
    public static Task<List<T>> QueryAsync<T>(DatabaseConnector connector, DatabaseAddress address, TenancyProject project, Action<NpgsqlBatch> add, Func<NpgsqlDataReader, T> read, CancellationToken cancellation) =>
        SendAsync(
            connector,
            address,
            project,
            add,
            async (_, reader) =>
            {
                List<T> rows = [];
                while (await reader.ReadAsync(cancellation))
                {
                    rows.Add(read(reader));
                }

                return rows;
            },
            cancellation);

    private static async Task<T> ConnectAsync<T>(
        DatabaseConnector connector, DatabaseAddress address, TenancyProject project, Func<NpgsqlConnection, string, Task<T>> work, CancellationToken cancellation, bool isWatched = true)
    {
        // A name of its own, because behind a pooler nobody knows the process that is blocked.
        var name = string.Create(CultureInfo.InvariantCulture, $"tenancy history {Random.Shared.Next():x8}");
        var blockers = new BlockerWatch(connector, address, project, name, static text => text, static _ => { });
        await using var connection = await connector.OpenAsync(address, cancellation);
        try
        {
            return await (isWatched ? blockers.WatchAsync(project.Timeouts.Lock * LookAfter, () => work(connection, name), cancellation) : work(connection, name));
        }
        catch (PostgresException error) when (SessionEnd.IsStandby(error))
        {
            throw new TenancyException("ConnectionLost", $"{address} is a standby by now, which takes no changes: {error.MessageText}.", "Run again, connected to the primary: what is done stays done.", error);
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
                : new TenancyException(
                    "HistoryFailed",
                    $"The history schema {project.HistorySchema} in {address} could not be used: {error.MessageText} ({error.SqlState}).{(blockers.Explains(error.SqlState) ? $" Blocked by {blockers.Seen}." : "")}",
                    blockers.Explains(error.SqlState) ? BlockerWatch.Action : DamagedHistory.Is(error, new(project.HistorySchema)) ? DamagedHistory.Action : "The server's log says more.",
                    error);
        }
        catch (NpgsqlException error) when (error is not PostgresException failed || SessionEnd.Is(failed))
        {
            cancellation.ThrowIfCancellationRequested();
            throw new TenancyException("ConnectionLost", $"The connection to {address} was lost: {error.Message}", "Run again: what is done stays done.", error);
        }
    }

    private static async Task SetLimitsAsync(NpgsqlConnection connection, MigrationTimeouts timeouts, string name, bool writes, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        if (writes)
        {
            // Not always: a standby can be read.
            batch.BatchCommands.Add(new("SET TRANSACTION READ WRITE"));
        }

        batch.BatchCommands.Add(Limits(timeouts, name));
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    private static NpgsqlBatchCommand Limits(MigrationTimeouts timeouts, string name) => new(
        """
        SELECT pg_catalog.set_config('lock_timeout', $1, true), pg_catalog.set_config('statement_timeout', $2, true),
          pg_catalog.set_config('idle_in_transaction_session_timeout', $3, true), pg_catalog.set_config('standard_conforming_strings', 'on', true),
          pg_catalog.set_config('application_name', $4, true)
        """)
    {
        Parameters = { Limit(timeouts.Lock), Limit(timeouts.Statement), Limit(timeouts.Idle), new() { Value = name } },
    };

    private static NpgsqlParameter Limit(TimeSpan time) => new() { Value = Math.Max(1, (long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture) + "ms" };

    // A connection that cannot is closed, which rolls back too.
    private static async Task RollBackAsync(NpgsqlConnection connection)
    {
        try
        {
            await using var command = new NpgsqlCommand("ROLLBACK", connection);
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception error) when (error is NpgsqlException or InvalidOperationException)
        {
            await connection.CloseAsync();
        }
    }
}
