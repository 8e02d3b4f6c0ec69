using Npgsql;
using Tenancy.Core.History;
using Tenancy.Core.Planning;
using Tenancy.Core.Sql;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Execution;

/// <summary>
/// Runs one statement that PostgreSQL refuses inside a transaction, over a direct connection that holds the schema's lock as a session: marked
/// <c>started</c>, run, marked <c>done</c>. A step found started has an unknown outcome, which is checked before it is repeated.
/// </summary>
internal sealed class NonTransactionalWork
{
    private readonly RunContext context;
    private readonly SchemaTarget target;
    private readonly SqlValues values;

    /// <summary>Work on one schema.</summary>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    public NonTransactionalWork(RunContext context, SchemaTarget target)
    {
        this.context = context;
        this.target = target;
        values = target.Values(context.Project, context.Arguments);
    }

    /// <summary>Runs the step.</summary>
    /// <param name="stage">The stage with its one statement.</param>
    /// <param name="state">The state that it was planned for.</param>
    /// <param name="started">Told the mark once the step is marked as started.</param>
    /// <param name="cancellation">Cancels the running statement.</param>
    /// <exception cref="StatementException">The statement failed.</exception>
    /// <exception cref="TenancyException"><c>PoolerWithoutDirectServer</c>, <c>LockTimeout</c>, <c>IndexBeingBuilt</c>.</exception>
    public async Task RunAsync(PlanStage stage, SchemaState state, Action<StageMark> started, CancellationToken cancellation)
    {
        var address = context.Connector.FindDirect(target.Address);
        await using var connection = await context.Connector.OpenAsync(address, cancellation);
        try
        {
            await EnsureDirectAsync(connection, target.Address, cancellation);
            await LimitAsync(connection, stage.Statements[0], cancellation);
            await LockAsync(connection, cancellation);
            var isRepeated = state.Stages.LastOrDefault() is { IsDone: false };
            if (isRepeated)
            {
                await EnsureStateAsync(connection, state, cancellation);
            }
            else
            {
                await MarkAsync(connection, stage, state, isDone: false, cancellation);
                var mark = new StageMark(stage.Revision.Manifest.Revision, stage.Revision.Direction, stage.Number, false, stage.Description, stage.Revision.Manifest.Checksum);
                state = state with { Stages = state.Stages.Add(mark) };
                started(mark);
            }

            await RunStatementAsync(connection, stage, isRepeated, cancellation);
            await MarkAsync(connection, stage, state, isDone: true, cancellation);
        }
        finally
        {
            await CleanAsync(connection, address);
        }
    }

    // Session state set behind a pooler leaks to its next client.
    private static async Task EnsureDirectAsync(NpgsqlConnection connection, DatabaseAddress address, CancellationToken cancellation)
    {
        if ((await ServerFacts.ReadAsync(connection, cancellation)).IsBehindPooler)
        {
            throw BehindPooler(address);
        }
    }

    /// <summary>The error of a non-transactional step behind a pooler.</summary>
    public static TenancyException BehindPooler(DatabaseAddress address) => new(
        "PoolerWithoutDirectServer",
        $"{address} is behind a connection pooler, and a pending revision has a statement that cannot run in a transaction.",
        "Give -DirectServer the address of the server itself.");

    private async Task LockAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var patience = new LockPatience(context, target);
        while (true)
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.Add($"SELECT {context.History.Quoted}.try_lock_session($1, $2, $3)", context.Project.Fleet, target.ScopeName, target.Schema);
            if (await batch.ExecuteScalarAsync(cancellation) is true)
            {
                return;
            }

            await patience.WaitAsync(cancellation);
        }
    }

    // Whoever held the lock until now may have ended the step, and gone on to one that repeating it would spoil.
    private async Task EnsureStateAsync(NpgsqlConnection connection, SchemaState state, CancellationToken cancellation)
    {
        try
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.AddBegin(context, target);
            batch.AddEnter(context, target, state, proves: false);
            batch.Add("COMMIT");
            await batch.ExecuteNonQueryAsync(cancellation);
        }
        catch
        {
            await TransactionalWork.RollBackAsync(connection);
            throw;
        }
    }

    private async Task MarkAsync(NpgsqlConnection connection, PlanStage stage, SchemaState state, bool isDone, CancellationToken cancellation)
    {
        List<RevisionCheck> checks = [];
        try
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.AddBegin(context, target);
            if (context.Project.Owner is not null)
            {
                // The statement ran as the owner, who need not be allowed to write history.
                batch.Add("SET LOCAL ROLE NONE");
            }

            batch.AddEnter(context, target, state, proves: false);
            batch.Add($"SELECT {context.History.Quoted}.use_path($1, $2)", context.SearchPath(target), context.CurrentSchema(target));
            if (isDone)
            {
                RevisionCheck.AddAfter(batch, stage, values, checks);
            }
            else
            {
                RevisionCheck.AddBefore(batch, stage, values, checks);
            }

            batch.AddRecord(context, target, state.Oid!.Value, stage, isDone);
            await using (var reader = await batch.ExecuteReaderAsync(cancellation))
            {
                do
                {
                    if (RevisionCheck.IsResult(reader, out var number))
                    {
                        await checks[number].EnsureAsync(reader, context.Log, target, cancellation);
                    }
                }
                while (await reader.NextResultAsync(cancellation));
            }

            await TransactionalWork.CommitAsync(connection);
        }
        catch (PostgresException error) when (RevisionCheck.Find(checks, error) is { } check)
        {
            await TransactionalWork.RollBackAsync(connection);
            throw new CheckFailedException(check, error);
        }
        catch (Exception error) when (error is not OutcomeUnknownException)
        {
            await TransactionalWork.RollBackAsync(connection);
            throw;
        }
    }

    private async Task RunStatementAsync(NpgsqlConnection connection, PlanStage stage, bool isRepeated, CancellationToken cancellation)
    {
        var planned = stage.Statements[0];
        await SetSessionAsync(connection, cancellation);
        if (isRepeated && planned.Statement.DoneWhen is { } doneWhen && await AskAsync(connection, doneWhen.Render(values), cancellation))
        {
            context.Log.Verbose($"{target}: {stage.Revision.Manifest.Revision}, step {stage.Number} was done by an interrupted run.");
            return;
        }

        var index = planned.Statement.ConcurrentIndex is { } concurrent ? new ConcurrentIndexWork(context, target, concurrent, connection) : null;
        if (index is not null && await index.PrepareAsync(isRepeated, cancellation))
        {
            context.Log.Verbose($"{target}: {stage.Revision.Manifest.Revision}, step {stage.Number} was done by an interrupted run.");
            return;
        }

        var sql = planned.Statement.Template.Render(values);
        context.Log.Debug(context.Mask(sql));
        try
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.Add(sql);
            await batch.ExecuteNonQueryAsync(cancellation);
        }
        catch (PostgresException error)
        {
            throw new StatementException(stage, planned, sql, error);
        }

        if (index is not null)
        {
            await index.EnsureValidAsync(cancellation);
        }
    }

    // Session settings: a direct connection is ours alone, and there is no transaction to hold them.
    private async Task LimitAsync(NpgsqlConnection connection, PlannedStatement planned, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.AddSettings(context, target, planned.LockTimeout, planned.StatementTimeout, isLocal: false);
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    private async Task SetSessionAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add("SELECT pg_catalog.set_config('search_path', $1, false)", context.SearchPath(target));
        batch.Add("SELECT pg_catalog.current_schema()::pg_catalog.text AS tenancy_current");
        if (context.Project.Owner is { } owner)
        {
            batch.Add("SET ROLE " + SqlIdentifier.Quote(owner));
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        do
        {
            if (reader.FieldCount == 1 && reader.GetName(0) == "tenancy_current" && context.CurrentSchema(target) is { } expected
                && (!await reader.ReadAsync(cancellation) || await reader.IsDBNullAsync(0, cancellation) || reader.GetString(0) != expected))
            {
                throw new TenancyException("WrongSchema", $"Names would not land in schema {expected}: the role may lack USAGE on it.", "Grant the role USAGE and CREATE on the schema.");
            }
        }
        while (await reader.NextResultAsync(cancellation));
    }

    private static async Task<bool> AskAsync(NpgsqlConnection connection, string query, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add($"SELECT (\n{query}\n)::pg_catalog.bool");
        return await batch.ExecuteScalarAsync(cancellation) is true;
    }

    // The connection goes back to a pool that resets nothing. DISCARD ALL also lets go of the session's locks.
    private async Task CleanAsync(NpgsqlConnection connection, DatabaseAddress address)
    {
        try
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.Add("DISCARD ALL");
            await batch.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception error) when (error is NpgsqlException or InvalidOperationException)
        {
            // Not NpgsqlConnection.ClearPool, which knows nothing of a data source's pool. What is in use is closed on its return.
            context.Connector.GetDataSource(address).Clear();
        }
    }
}
