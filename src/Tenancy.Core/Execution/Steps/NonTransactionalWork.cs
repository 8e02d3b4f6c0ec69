using Npgsql;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Operations;
using Tenancy.Core.Planning;
using Tenancy.Core.Sql;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Execution.Steps;

/// <summary>
/// Runs one statement that PostgreSQL refuses inside a transaction, over a direct connection that holds the schema's lock as a session: marked
/// <c>started</c>, run, marked <c>done</c>. A step found started has an unknown outcome, which is checked before it is repeated. An error that the server
/// answered is a known outcome: the mark goes again, so that a manifest that can never succeed may be corrected.
/// </summary>
internal sealed class NonTransactionalWork
{
    private readonly RunContext context;
    private readonly SchemaTarget target;
    private readonly TransactionalWork transactional;
    private readonly TransactionCommands build;
    private readonly SqlValues values;
    private readonly DirectSession session;

    /// <summary>Work on one schema.</summary>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    /// <param name="transactional">Sends what is inside the transactions of marks.</param>
    public NonTransactionalWork(RunContext context, SchemaTarget target, TransactionalWork transactional)
    {
        this.context = context;
        this.target = target;
        this.transactional = transactional;
        build = new(context, target);
        values = target.Values(context.Project, context.Arguments);
        session = new(context, target);
    }

    /// <summary>Runs the step.</summary>
    /// <param name="transaction">The one stage with its one statement.</param>
    /// <param name="state">The state that it was planned for.</param>
    /// <param name="marked">Told the state once the step is marked as started, and when that mark is taken away.</param>
    /// <param name="cancellation">Cancels the running statement.</param>
    /// <exception cref="StatementException">The statement failed.</exception>
    /// <exception cref="TenancyException"><c>PoolerWithoutDirectServer</c>, <c>LockTimeout</c>, <c>TenantInUse</c>, <c>IndexBeingBuilt</c>, <c>IndexExists</c>, <c>IndexDiffers</c>.</exception>
    public Task<TransactionOutcome> RunAsync(PlanTransaction transaction, SchemaState state, Action<SchemaState> marked, CancellationToken cancellation)
    {
        var stage = transaction.Stages[0];
        // The caller waits, and lets others go on meanwhile.
        return session.RunAsync(stage.Statements[0], waits: false, RunAsync, cancellation);

        async Task<TransactionOutcome> RunAsync(NpgsqlConnection connection, ConcurrentIndexWork? index)
        {
            var isRepeated = state.Stages.LastOrDefault() is { IsDone: false };
            if (isRepeated)
            {
                await EnsureStateAsync(connection, state, cancellation);
            }

            if (index is not null)
            {
                await AwaitTableAsync(stage, index, cancellation);
            }

            if (!isRepeated)
            {
                if (await MarkAsync(connection, transaction, state, isDone: false, index, cancellation) is { } unmet)
                {
                    return unmet.OnFail == OnFail.Skip ? new([], unmet) : new([stage.MarkedAsApplied(unmet.Message)]);
                }

                state = state with { Stages = state.Stages.Add(stage.Mark(isDone: false)) };
                marked(state);
            }

            try
            {
                await RunStatementAsync(connection, stage, index, isRepeated, cancellation);
            }
            catch (Exception error) when (IsKnown(error, isRepeated))
            {
                if (await ForgetAsync(connection, stage, state, index, cancellation))
                {
                    marked(state with { Stages = state.Stages.RemoveAt(state.Stages.Length - 1) });
                }

                throw;
            }

            if (index is not null)
            {
                await index.EnsureValidAsync(cancellation);
            }

            await MarkAsync(connection, transaction, state, isDone: true, index: null, cancellation);
            return new([stage]);
        }
    }

    /// <summary>What a step that an interrupted run had started has come to; nothing is written.</summary>
    /// <param name="stage">The stage with its one statement.</param>
    /// <param name="state">The state; its last mark is the step's.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException"><c>TenantInUse</c>: its run is at work on it. Else as <see cref="RunAsync"/>.</exception>
    /// <exception cref="PostgresException"><c>TN002</c>: the state is another by now.</exception>
    public Task<StepOutcome> FindOutcomeAsync(PlanStage stage, SchemaState state, CancellationToken cancellation) => session.RunAsync(
        stage.Statements[0],
        waits: false,
        async (connection, index) =>
        {
            await EnsureStateAsync(connection, state, cancellation);
            return await FindOutcomeAsync(connection, stage, index, cancellation);
        },
        cancellation);

    /// <summary>Ends a step that an interrupted run had started: marks it as done where it is, else takes its mark away with what it left; finishes a drop that came half way.</summary>
    /// <param name="stage">The stage with its one statement.</param>
    /// <param name="state">The state; its last mark is the step's.</param>
    /// <param name="record">Adds what goes into history with it.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>What it had come to.</returns>
    /// <exception cref="TenancyException"><c>StepNotCleared</c>. Else as <see cref="RunAsync"/>.</exception>
    /// <exception cref="PostgresException"><c>TN002</c>: the state is another by now.</exception>
    public Task<StepOutcome> SettleAsync(PlanStage stage, SchemaState state, Action<CommandList> record, CancellationToken cancellation) => session.RunAsync(
        stage.Statements[0],
        waits: true,
        async (connection, index) =>
        {
            await EnsureStateAsync(connection, state, cancellation);
            var outcome = await FindOutcomeAsync(connection, stage, index, cancellation);
            if (outcome == StepOutcome.NotDone)
            {
                return await ForgetAsync(connection, stage, state, index, cancellation, record)
                    ? outcome
                    : throw new TenancyException("StepNotCleared", $"The mark of revision {stage.Revision.Manifest.Revision}, step {stage.Number} could not be cleared.", "Run again; the warning says what stood in the way.");
            }

            if (outcome == StepOutcome.HalfDone)
            {
                await RunStatementAsync(connection, stage, index, isRepeated: true, cancellation);
            }

            if (index is not null)
            {
                await index.EnsureValidAsync(cancellation);
            }

            await MarkAsync(connection, new([stage]), state, isDone: true, index: null, cancellation, record);
            return outcome;
        },
        cancellation);

    private async Task<StepOutcome> FindOutcomeAsync(NpgsqlConnection connection, PlanStage stage, ConcurrentIndexWork? index, CancellationToken cancellation)
    {
        if (stage.Statements[0].Statement.DoneWhen is { } doneWhen)
        {
            return await AskAsync(connection, doneWhen.Render(values), cancellation) ? StepOutcome.Done : StepOutcome.NotDone;
        }

        return index is null ? StepOutcome.NotDone : await index.FindOutcomeAsync(cancellation);
    }

    // Whoever held the lock until now may have ended the step, and gone on to one that repeating it would spoil.
    private async Task EnsureStateAsync(NpgsqlConnection connection, SchemaState state, CancellationToken cancellation)
    {
        try
        {
            CommandList commands = [];
            build.AddMarkBegin(commands, state, proves: false);
            commands.Add("COMMIT");
            await commands.ExecuteAsync(connection, cancellation);
        }
        catch
        {
            await TransactionalWork.RollBackAsync(connection);
            throw;
        }
    }

    // Of a run's own step everything before the statement is known too: it was not sent.
    private static bool IsKnown(Exception error, bool isRepeated) => error is StatementException { Error: var answer }
        ? IsAnswer(answer)
        : !isRepeated && (error is TenancyException || (error is PostgresException failed && IsAnswer(failed)));

    // FATAL and PANIC end the session in the middle of whatever it did.
    private static bool IsAnswer(PostgresException error) => error.InvariantSeverity == "ERROR";

    // False when the mark had to stay.
    private async Task<bool> ForgetAsync(
        NpgsqlConnection connection, PlanStage stage, SchemaState state, ConcurrentIndexWork? index, CancellationToken cancellation, Action<CommandList>? record = null)
    {
        try
        {
            if (index is not null && !await index.ClearAsync(cancellation))
            {
                return false;
            }

            CommandList commands = [];
            build.AddMarkBegin(commands, state, proves: false);
            commands.Add(
                $"DELETE FROM {context.History.Quoted}.stage s WHERE s.fleet = $1 AND s.scope = $2 AND s.schema = $3 AND s.revision = $4 AND s.number = $5",
                context.Project.Fleet,
                target.ScopeName,
                target.Schema,
                stage.Revision.Manifest.Revision,
                stage.Number);
            record?.Invoke(commands);
            commands.Add("COMMIT");
            await commands.ExecuteAsync(connection, CancellationToken.None);
            return true;
        }
        catch (Exception error) when (error is NpgsqlException or InvalidOperationException)
        {
            // Invalid: the connection is closed by now. What is to be told is why the statement failed. A mark that stays is looked at by the next run.
            await TransactionalWork.RollBackAsync(connection);
            context.Log.Warn($"{target}: {stage.Revision.Manifest.Revision}, step {stage.Number} is still marked as started: {error.Message}");
            return false;
        }
    }

    // Gives the requirement that is not met and decides that the statement does not run; with 'mark_applied' the revision is recorded then.
    private async Task<RevisionCheck?> MarkAsync(
        NpgsqlConnection connection,
        PlanTransaction transaction,
        SchemaState state,
        bool isDone,
        ConcurrentIndexWork? index,
        CancellationToken cancellation,
        Action<CommandList>? record = null)
    {
        var stage = transaction.Stages[0];
        try
        {
            var unmet = await CheckAsync(connection, transaction, state, isDone, cancellation);
            if (unmet is { OnFail: OnFail.Skip })
            {
                await TransactionalWork.RollBackAsync(connection);
                return unmet;
            }

            if (index is not null && unmet is null)
            {
                await index.EnsureNotThereAsync(cancellation);
            }

            CommandList commands = [];
            commands.AddRecord(context, target, state.Oid!.Value, unmet is null ? stage : stage.MarkedAsApplied(unmet.Message), isDone || unmet is not null);
            record?.Invoke(commands);
            await TransactionalWork.CommitAsync(connection, commands);
            return unmet;
        }
        catch (Exception error) when (error is not OutcomeUnknownException)
        {
            await TransactionalWork.RollBackAsync(connection);
            throw;
        }
    }

    // Begins the transaction of a mark, and asks what the revision requires or verifies, as the owner and with the proof that the question changed nothing elsewhere.
    private async Task<RevisionCheck?> CheckAsync(NpgsqlConnection connection, PlanTransaction transaction, SchemaState state, bool isDone, CancellationToken cancellation)
    {
        CommandList commands = [];
        build.AddMark(commands, transaction, state, isDone);
        return (await transactional.SendAsync(connection, commands, cancellation)).Unmet;
    }

    // Before anything is marked, so that a long wait leaves no marks in the history.
    private async Task AwaitTableAsync(PlanStage stage, ConcurrentIndexWork index, CancellationToken cancellation)
    {
        var planned = stage.Statements[0];
        try
        {
            await index.AwaitTableAsync(planned.LockTimeout, cancellation);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw new StatementException(stage, planned, planned.Statement.Template.Render(values), error) { IsNotSent = true };
        }
    }

    private async Task RunStatementAsync(NpgsqlConnection connection, PlanStage stage, ConcurrentIndexWork? index, bool isRepeated, CancellationToken cancellation)
    {
        var planned = stage.Statements[0];
        if (isRepeated && planned.Statement.DoneWhen is { } doneWhen && await AskAsync(connection, doneWhen.Render(values), cancellation))
        {
            context.Log.Verbose($"{target}: {stage.Revision.Manifest.Revision}, step {stage.Number} was done by an interrupted run.");
            return;
        }

        if (index is not null && await index.PrepareAsync(isRepeated, cancellation))
        {
            context.Log.Verbose($"{target}: {stage.Revision.Manifest.Revision}, step {stage.Number} is done already.");
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
    }

    private static async Task<bool> AskAsync(NpgsqlConnection connection, string query, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add($"SELECT (\n{query}\n)::pg_catalog.bool");
        return await batch.ExecuteScalarAsync(cancellation) is true;
    }
}
