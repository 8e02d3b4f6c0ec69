using Npgsql;
using Tenancy.Core.History;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Execution.Steps;

/// <summary>
/// What surrounds a concurrent index statement: an invalid index left by a failed build is dropped, because IF NOT EXISTS would skip it and leave it
/// invalid; but one that a backend is still building is left alone (its client may have died; it may yet become valid).
/// </summary>
internal sealed class ConcurrentIndexWork
{
    private readonly RunContext context;
    private readonly SchemaTarget target;
    private readonly ConcurrentIndex index;
    private readonly NpgsqlConnection connection;
    private readonly string schema;

    /// <summary>Work on one index.</summary>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    /// <param name="index">The index.</param>
    /// <param name="connection">The direct connection.</param>
    public ConcurrentIndexWork(RunContext context, SchemaTarget target, ConcurrentIndex index, NpgsqlConnection connection)
    {
        this.context = context;
        this.target = target;
        this.index = index;
        this.connection = connection;
        schema = SchemaOf(index, target, target.Values(context.Project, context.Arguments));
    }

    /// <summary>The schema that the index lies in, unquoted.</summary>
    public static string SchemaOf(ConcurrentIndex index, SchemaTarget target, SqlValues values) =>
        index.Schema is { } template ? SqlIdentifier.Unquote(template.Render(values)) : target.Schema;

    /// <summary>Adds what tells whether the index is the statement's: the same statement on an empty temporary table like the index's, and the comparison (<c>index_same</c>). To be rolled back.</summary>
    public static void AddComparison(CommandList commands, RunContext context, ConcurrentIndex index, string schema, SqlValues values)
    {
        var build = index.Build!;
        var table = SqlIdentifier.Unquote(build.Table.Render(values));
        commands.Add("BEGIN");
        commands.Add($"CREATE TEMPORARY TABLE {SqlIdentifier.Quote(table)} (LIKE {SqlIdentifier.Quote(schema, table)})");
        commands.Add($"CREATE {(build.IsUnique ? "UNIQUE " : "")}INDEX {SqlIdentifier.Quote(index.Index)} ON pg_temp.{SqlIdentifier.Quote(table)} {build.Definition.Render(values)}");
        commands.Add(context.History.File("index_same"), schema, index.Index, table);
    }

    /// <summary>Refuses an index of that name that is there before the statement was ever begun, except where the statement itself allows for it.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException"><c>IndexExists</c>.</exception>
    public async Task EnsureNotThereAsync(CancellationToken cancellation)
    {
        if (index is { Action: ConcurrentIndexAction.Create, Build.IfNotExists: false } && await ReadAsync(cancellation) is { IsValid: true })
        {
            throw Exists();
        }
    }

    /// <summary>What the statement of a run that died has come to. Changes nothing, and waits for nobody.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException"><c>IndexBeingBuilt</c>; <c>IndexDiffers</c>: a valid index is there, and it is not the statement's.</exception>
    public async Task<StepOutcome> FindOutcomeAsync(CancellationToken cancellation)
    {
        var state = await ReadAsync(cancellation);
        if (state?.Builder is { } builder)
        {
            throw BeingBuilt(builder);
        }

        switch (index.Action)
        {
            case ConcurrentIndexAction.Create when state is { IsValid: true }:
                await EnsureSameAsync(cancellation);
                return StepOutcome.Done;
            case ConcurrentIndexAction.Drop:
                return state switch { null => StepOutcome.Done, { IsValid: false } => StepOutcome.HalfDone, _ => StepOutcome.NotDone };
            default:
                return StepOutcome.NotDone;
        }
    }

    /// <summary>
    /// Waits, no longer than any other statement, until the table's lock could be had. The concurrent statement itself would wait for it with a snapshot, for which every other tenant's concurrent
    /// statement in the database would wait; LOCK TABLE waits without one. What comes between the two, the statement waits for all the same.
    /// </summary>
    /// <param name="limit">The statement's own limit for locks.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="PostgresException">55P03: somebody else has it.</exception>
    /// <exception cref="TenancyException"><c>IndexBeingBuilt</c>.</exception>
    public async Task AwaitTableAsync(TimeSpan limit, CancellationToken cancellation)
    {
        // Who builds has the lock too.
        await WaitWhileBuiltAsync(cancellation);
        if (await FindTableAsync(cancellation) is not { } table)
        {
            return;
        }

        try
        {
            await LockAsync(table, " NOWAIT", limit, cancellation);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            // Only now: who looks up a name that the session does not know yet has a snapshot for it, and would keep it while waiting.
            await LockAsync(table, "", limit, cancellation);
        }
        catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InsufficientPrivilege)
        {
            // The statement says what is the matter, or needs less.
        }
    }

    private async Task LockAsync(string table, string how, TimeSpan limit, CancellationToken cancellation)
    {
        var usual = context.Project.Timeouts.Lock;
        CommandList commands = [];
        commands.Add(HistoryTransaction.BeginWriting);
        commands.Add($"SET LOCAL lock_timeout = '{Batches.Milliseconds(limit < usual ? limit : usual)}'");
        commands.Add($"LOCK TABLE ONLY {SqlIdentifier.Quote(schema, table)} IN SHARE UPDATE EXCLUSIVE MODE{how}");
        commands.Add("COMMIT");
        try
        {
            await commands.ExecuteAsync(connection, cancellation);
        }
        catch
        {
            await TransactionalWork.RollBackAsync(connection);
            throw;
        }
    }

    // Of a plain table only: nothing else can be locked, or has such an index.
    private async Task<string?> FindTableAsync(CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(context.History.File("index_table"), schema, index.Index, index.Build is { } build ? SqlIdentifier.Unquote(build.Table.Render(target.Values(context.Project, context.Arguments))) : null);
        return await batch.ExecuteScalarAsync(cancellation) as string;
    }

    /// <summary>Looks at what is there and clears what is in the way.</summary>
    /// <param name="isRepeated">True when an interrupted run had started the statement.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>True when the statement's work is done already.</returns>
    /// <exception cref="TenancyException">
    /// <c>IndexBeingBuilt</c>: a backend is still at it after the patience is at its end. <c>IndexExists</c>: somebody has made one meanwhile.
    /// <c>IndexDiffers</c>: it is not what the statement makes.
    /// </exception>
    public async Task<bool> PrepareAsync(bool isRepeated, CancellationToken cancellation)
    {
        var state = await WaitWhileBuiltAsync(cancellation);
        switch (index.Action)
        {
            case ConcurrentIndexAction.Create when state is { IsValid: true }:
                if (!isRepeated && index.Build is not { IfNotExists: true })
                {
                    throw Exists();
                }

                await EnsureSameAsync(cancellation);
                return true;
            case ConcurrentIndexAction.Create when state is { IsValid: false }:
                context.Log.Verbose($"{target}: index {schema}.{index.Index} is invalid, left by a failed build; it is built again.");
                await ExecuteAsync($"DROP INDEX CONCURRENTLY {SqlIdentifier.Quote(schema, index.Index)}", cancellation);
                return false;
            case ConcurrentIndexAction.Drop:
                return isRepeated && state is null;
            case ConcurrentIndexAction.Reindex when isRepeated:
                await DropLeftoversAsync(cancellation);
                return false;
            default:
                return false;
        }
    }

    /// <summary>Clears what the statement left when it failed, so that the schema is as it was before.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>False when it is not: a drop that came half way. True also for an invalid index that could not be dropped now: every later build does it first.</returns>
    public async Task<bool> ClearAsync(CancellationToken cancellation)
    {
        var state = await ReadAsync(cancellation);
        try
        {
            // The failure may have been a lock that was waited for long enough already.
            await ExecuteAsync($"SET lock_timeout = '{Batches.Milliseconds(context.Project.Timeouts.Lock)}'", cancellation);
            switch (index.Action)
            {
                case ConcurrentIndexAction.Create when state is { IsValid: false, Builder: null }:
                    await ExecuteAsync($"DROP INDEX CONCURRENTLY {SqlIdentifier.Quote(schema, index.Index)}", cancellation);
                    return true;
                case ConcurrentIndexAction.Reindex:
                    await DropLeftoversAsync(cancellation);
                    return true;
                default:
                    return index.Action != ConcurrentIndexAction.Drop || state is not { IsValid: false };
            }
        }
        catch (PostgresException error) when (error.InvariantSeverity == "ERROR")
        {
            context.Log.Warn($"{target}: the invalid index that the failed statement left at {schema}.{index.Index} could not be dropped: {error.MessageText}.");
            return true;
        }
    }

    /// <summary>Asserts that the index is there and valid, or gone.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException"><c>InvalidIndex</c>.</exception>
    public async Task EnsureValidAsync(CancellationToken cancellation)
    {
        var state = await ReadAsync(cancellation);
        var isRight = index.Action == ConcurrentIndexAction.Drop ? state is null : state is { IsValid: true };
        if (!isRight)
        {
            throw new TenancyException("InvalidIndex", $"Index {schema}.{index.Index} is {(state is null ? "not there" : "invalid")} after its statement ended.", "Run again: it is built anew.");
        }
    }

    private TenancyException Exists() => new(
        "IndexExists",
        $"Index {schema}.{index.Index} is there already, and no run began it.",
        "Drop or rename it, or take the statement out of the manifest where it is the one that is wanted.");

    private TenancyException BeingBuilt(int builder) => new(
        "IndexBeingBuilt",
        $"Index {schema}.{index.Index} is being built by process {builder}, left by a run that is gone.",
        $"Wait until it ends and run again, or end it with SELECT pg_terminate_backend({builder}).");

    /// <summary>
    /// Asserts that the index is the statement's: the same statement, on an empty temporary table like the index's, gives the same definition. Nothing of that stays.
    /// </summary>
    private async Task EnsureSameAsync(CancellationToken cancellation)
    {
        string? actual = null;
        var isSame = false;
        try
        {
            CommandList commands = [];
            AddComparison(commands, context, index, schema, target.Values(context.Project, context.Arguments));
            await using var batch = commands.ToBatch(connection);
            await using (var reader = await batch.ExecuteReaderAsync(cancellation))
            {
                if (await reader.ReadAsync(cancellation))
                {
                    actual = reader.GetString(0);
                    isSame = reader.GetBoolean(1);
                }
            }
        }
        finally
        {
            await TransactionalWork.RollBackAsync(connection);
        }

        if (connection.State != System.Data.ConnectionState.Open)
        {
            throw new NpgsqlException("The connection was lost while an index was compared.");
        }

        if (!isSame)
        {
            throw new TenancyException(
                "IndexDiffers",
                $"Index {schema}.{index.Index} is not what the statement makes. It is: {actual ?? "gone"}.",
                "Drop or rename it and run again: the index is built then.");
        }
    }

    private async Task<IndexState?> WaitWhileBuiltAsync(CancellationToken cancellation)
    {
        var deadline = DateTime.UtcNow + context.Project.Timeouts.TenantLock;
        while (true)
        {
            var state = await ReadAsync(cancellation);
            if (state?.Builder is not { } builder)
            {
                return state;
            }

            if (DateTime.UtcNow >= deadline)
            {
                throw BeingBuilt(builder);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(500), cancellation);
        }
    }

    private async Task<IndexState?> ReadAsync(CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(context.History.File("index_state"), schema, index.Index);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? new(reader.GetBoolean(0), await reader.IsDBNullAsync(1, cancellation) ? null : reader.GetInt32(1))
            : null;
    }

    private async Task DropLeftoversAsync(CancellationToken cancellation)
    {
        List<string> leftovers = [];
        await using (var batch = new NpgsqlBatch(connection))
        {
            batch.Add(context.History.File("index_leftovers"), schema, index.Index);
            await using var reader = await batch.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                leftovers.Add(reader.GetString(0));
            }
        }

        foreach (var leftover in leftovers)
        {
            await ExecuteAsync($"DROP INDEX CONCURRENTLY {SqlIdentifier.Quote(schema, leftover)}", cancellation);
        }
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellation)
    {
        context.Log.Debug(sql);
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(sql);
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    private sealed record IndexState(bool IsValid, int? Builder);
}
