using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.History;
using Tenancy.Core.Sql;
using Tenancy.Core.Tenants;

namespace Tenancy.Core.Catalog.Scratch;

/// <summary>Drops the scratch schemas of runs that died. Waits for nobody: what is in use is left to the next run.</summary>
internal static class ScratchSweep
{
    private static readonly TimeSpan LockTimeout = TimeSpan.FromMilliseconds(500);

    /// <summary>Drops what runs have left in a database whose lock is free.</summary>
    /// <param name="connection">A connection, in no transaction.</param>
    /// <param name="context">This run.</param>
    /// <param name="address">The database.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task RunAsync(NpgsqlConnection connection, RunContext context, DatabaseAddress address, CancellationToken cancellation)
    {
        foreach (var schema in await FindAsync(connection, cancellation))
        {
            if (ScratchNames.RunOf(schema) is { } run && run != context.Request.RunId && await DropAsync(connection, context, schema, cancellation, ScratchNames.LockName(run)))
            {
                context.Log.Verbose($"{address}: {schema} was left by a run that died, and is dropped.");
            }
        }
    }

    /// <summary>Drops a scratch schema in a transaction of its own; one that is locked, or not this role's, is said and left.</summary>
    /// <param name="connection">A connection, in no transaction.</param>
    /// <param name="context">This run.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="lockName">What must be free for it; null where this run holds that.</param>
    /// <returns>True where it was there and is gone.</returns>
    public static async Task<bool> DropAsync(NpgsqlConnection connection, RunContext context, string schema, CancellationToken cancellation, string? lockName = null)
    {
        try
        {
            CommandList commands = [];
            commands.AddBegin(context, ScratchNames.ApplicationName(context.Request.RunId));
            commands.Add("SELECT pg_catalog.set_config('lock_timeout', $1, true)", Batches.Milliseconds(lockName is null ? context.Project.Timeouts.Lock : LockTimeout));
            await commands.ExecuteAsync(connection, cancellation);
            if (lockName is not null && !await IsFreeAsync(connection, lockName, cancellation))
            {
                return false;
            }

            commands = [];
            commands.Add($"DROP SCHEMA IF EXISTS {SqlIdentifier.Quote(schema)} CASCADE");
            await commands.ExecuteAsync(connection, cancellation);
            await TransactionalWork.CommitAsync(connection);
            return true;
        }
        catch (Exception error) when (error is (NpgsqlException or InvalidOperationException or OutcomeUnknownException) && !cancellation.IsCancellationRequested)
        {
            context.Log.Warn($"The scratch schema {schema} could not be dropped: {error.Message} The next run tries again; by hand: DROP SCHEMA {SqlIdentifier.Quote(schema)} CASCADE.");
            return false;
        }
        finally
        {
            await TransactionalWork.RollBackAsync(connection);
        }
    }

    private static async Task<bool> IsFreeAsync(NpgsqlConnection connection, string name, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(HistoryInstallation.TryLock, name);
        return await batch.ExecuteScalarAsync(cancellation) is true;
    }

    private static async Task<List<string>> FindAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        // With a constant, which the index on the name answers: the catalog has a row for each tenant.
        batch.Add($"SELECT n.nspname::pg_catalog.text FROM pg_catalog.pg_namespace n WHERE n.nspname LIKE '{ReservedSchemas.ScratchPrefix.Replace("_", "\\_", StringComparison.Ordinal)}%' ORDER BY 1");
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        List<string> found = [];
        while (await reader.ReadAsync(cancellation))
        {
            found.Add(reader.GetString(0));
        }

        return found;
    }
}
