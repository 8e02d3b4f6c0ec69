using Npgsql;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;

namespace Tenancy.Core.Execution.Steps;

/// <summary>
/// Runs a stage that commits in batches. Each batch is a transaction like any other, under the schema's lock and proved for placement; with it the place is kept that it reached, so that
/// a run that dies goes on there. The first marks the stage as started, and one of its own, after the last, as done: a batch that fails before any other leaves the revision not begun.
/// </summary>
internal sealed class BatchedWork
{
    private readonly RunContext context;
    private readonly SchemaTarget target;
    private readonly TransactionalWork transactional;
    private readonly TransactionCommands build;
    private readonly PlanTransaction transaction;
    private readonly PlanStage stage;
    private readonly Action<SchemaState> moved;
    private SchemaState state;

    /// <summary>Work on one schema.</summary>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    /// <param name="transactional">Sends the commands.</param>
    /// <param name="transaction">The one stage.</param>
    /// <param name="state">The state that it was planned for.</param>
    /// <param name="moved">Told the state after each batch.</param>
    public BatchedWork(RunContext context, SchemaTarget target, TransactionalWork transactional, PlanTransaction transaction, SchemaState state, Action<SchemaState> moved)
    {
        this.context = context;
        this.target = target;
        this.transactional = transactional;
        this.transaction = transaction;
        this.state = state;
        this.moved = moved;
        stage = transaction.Stages[0];
        build = new(context, target);
    }

    private StageMark? Mark => state.Stages.LastOrDefault() is { IsDone: false } mark ? mark : null;

    /// <summary>Runs the batches that are left.</summary>
    /// <param name="cancellation">Cancels the running batch, or the pause; what is committed stays.</param>
    /// <exception cref="StatementException">A batch failed.</exception>
    /// <exception cref="OutcomeUnknownException">The connection was lost at COMMIT.</exception>
    public async Task<TransactionOutcome> RunAsync(CancellationToken cancellation)
    {
        var batch = stage.Batch!;
        var (taken, changed) = (0L, 0L);
        for (var isLast = false; !isLast;)
        {
            var (place, skipped) = await InTransactionAsync(RunBatchAsync, cancellation);
            if (place is null)
            {
                return skipped!;
            }

            (taken, changed, isLast) = (taken + place.Taken, changed + place.Changed, place.Taken < batch.Size);
            context.Log.Verbose($"{target}: {stage.Revision.Manifest.Revision}, step {stage.Number}: {taken} rows taken, {changed} changed{(Mark?.Position is { } position ? $", up to {position}" : "")}.");
            if (!isLast && batch.Pause > TimeSpan.Zero)
            {
                await Task.Delay(batch.Pause, cancellation);
            }
        }

        await InTransactionAsync(EndAsync, cancellation);
        return new([stage]);
    }

    // A connection a transaction, as everywhere: behind a pooler each batch may have another.
    private async Task<T> InTransactionAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        await using var connection = await context.Retries.OpenAsync(target.Address, cancellation);
        try
        {
            return await work(connection, cancellation);
        }
        catch (Exception error) when (error is not OutcomeUnknownException)
        {
            await TransactionalWork.RollBackAsync(connection);
            throw;
        }
    }

    private async Task<(BatchPlace? Place, TransactionOutcome? Skipped)> RunBatchAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        CommandList commands = [];
        build.AddBegin(commands, transaction, state);
        if (Mark is null)
        {
            build.AddRequirements(commands, stage);
            if (RevisionCheck.Decides(stage))
            {
                if ((await transactional.SendAsync(connection, commands, cancellation)).Unmet is { } unmet)
                {
                    return (null, await LeaveOutAsync(connection, unmet));
                }

                commands = [];
            }
        }

        build.AddBatch(commands, stage, Mark?.Position);
        build.AddProof(commands, transaction, state);
        var place = (await transactional.SendAsync(connection, commands, cancellation)).Batch!;
        cancellation.ThrowIfCancellationRequested();

        var mark = Mark ?? stage.Mark(isDone: false);
        mark = mark with { Position = place.Position ?? mark.Position };
        commands = [];
        if (Mark is null)
        {
            commands.AddRecord(context, target, state.Oid!.Value, stage, isDone: false);
        }

        if (place.Position is not null)
        {
            commands.AddPosition(context, target, mark);
        }

        TransactionCommands.AddCleanUp(commands, context);
        await TransactionalWork.CommitAsync(connection, commands);
        state = state with { Stages = [.. state.Stages.Where(other => other.Number != mark.Number), mark], RecordedOid = state.Oid };
        moved(state);
        return (place, null);
    }

    private async Task<TransactionOutcome> LeaveOutAsync(NpgsqlConnection connection, RevisionCheck unmet)
    {
        if (unmet.OnFail == OnFail.Skip)
        {
            await TransactionalWork.RollBackAsync(connection);
            return new([], unmet);
        }

        var marked = stage.MarkedAsApplied(unmet.Message);
        CommandList commands = [];
        build.AddProof(commands, transaction, state);
        await transactional.SendAsync(connection, commands, CancellationToken.None);
        commands = [];
        commands.AddRecord(context, target, state.Oid!.Value, marked, isDone: true);
        TransactionCommands.AddCleanUp(commands, context);
        await TransactionalWork.CommitAsync(connection, commands);
        return new([marked]);
    }

    private async Task<bool> EndAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        CommandList commands = [];
        build.AddBegin(commands, transaction, state);
        build.AddVerifications(commands, stage);
        build.AddProof(commands, transaction, state);
        await transactional.SendAsync(connection, commands, cancellation);
        cancellation.ThrowIfCancellationRequested();
        commands = [];
        commands.AddRecord(context, target, state.Oid!.Value, stage, isDone: true);
        TransactionCommands.AddCleanUp(commands, context);
        await TransactionalWork.CommitAsync(connection, commands);
        return true;
    }
}
