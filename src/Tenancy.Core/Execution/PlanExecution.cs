using System.Collections.Immutable;
using Tenancy.Core.Execution.Steps;
using Tenancy.Core.Execution.Waiting;
using Tenancy.Core.History;
using Tenancy.Core.Planning;

namespace Tenancy.Core.Execution;

/// <summary>
/// Carries out the plans of one schema, one after another: sends a plan's transactions in order, those that can go together in one message, with the hooks around them, and takes note of each that is committed.
/// Tries nothing again.
/// </summary>
/// <param name="context">The run.</param>
/// <param name="target">The schema.</param>
/// <param name="progress">How far the schema is; brought up to date with each commit.</param>
/// <param name="blockers">Looks who blocks what is sent.</param>
/// <param name="advanced">Told after each commit that brought the schema further; not after a hook's.</param>
/// <param name="wasBegun">True where this run has changed the schema before: the hook before its first change has been run.</param>
internal sealed class PlanExecution(RunContext context, SchemaTarget target, SchemaProgress progress, BlockerWatch blockers, Action advanced, bool wasBegun)
{
    // What one message holds: how far it has come is known when it is over, and its text is in memory, on each connection.
    private const int MostTogether = 50;
    private const int MostTextTogether = 1 << 18;

    private readonly TransactionalWork transactional = new(context, target);
    private readonly StepLog steps = new(context, target);
    private bool isBegun;
    private PlanTransaction? after;

    /// <summary>Carries out a plan, with what the plans before it left to do at the end.</summary>
    /// <param name="plan">The plan, made for the state that the schema is in.</param>
    /// <param name="cancellation">Cancels the running statement; what is not committed is rolled back.</param>
    /// <returns>False where a revision was left out, and what remains must be planned anew.</returns>
    /// <exception cref="OutcomeUnknownException">The connection was lost at COMMIT. <see cref="Settle"/> is to be told what history says.</exception>
    public async Task<bool> RunAsync(Plan plan, CancellationToken cancellation)
    {
        after = plan.Waiting.IsEmpty ? plan.After ?? after : null;
        Queue<PlanTransaction> left = new(new[] { wasBegun || isBegun ? null : plan.Before }.Concat(plan.Transactions).Append(after).OfType<PlanTransaction>());
        while (left.TryDequeue(out var next))
        {
            var transaction = Unmarked(next);
            if (transaction.Stages.IsEmpty)
            {
                continue;
            }

            if (TransactionalWork.CanRunTogether(transaction))
            {
                await RunTogetherAsync(TakeTogether(transaction, left), cancellation);
                continue;
            }

            var outcome = await RunAsync(transaction, cancellation);
            Completed(transaction, outcome.Done);
            if (outcome.Skipped is { } unmet)
            {
                context.Log.Verbose($"{target}: {unmet.Stage.Revision.Manifest.Title} is left out: {unmet.Message}");
                await OutcomeRecord.WriteAsync(context, target, unmet);
                progress.Skipped.Add(unmet.Stage.Revision.Manifest.Revision, unmet);
                return false;
            }
        }

        return true;
    }

    /// <summary>Takes note, after a connection was lost, of what is done and kept.</summary>
    /// <param name="recorded">What history has of the run on the schema.</param>
    public void Settle(IReadOnlyCollection<RecordedStage> recorded)
    {
        isBegun |= steps.Settle(recorded);
        // A hook is not recorded: it was before what is. Where nothing is, a crash may have taken it back.
        isBegun &= context.Durability is null || recorded.Count > 0;
    }

    /// <summary>Says that nobody will come to know what became of transactions whose answer was lost.</summary>
    public void GiveUp() => steps.GiveUp();

    private ImmutableArray<PlanTransaction> TakeTogether(PlanTransaction first, Queue<PlanTransaction> left)
    {
        var together = ImmutableArray.CreateBuilder<PlanTransaction>();
        together.Add(first);
        var text = TextOf(first);
        while (together.Count < MostTogether && left.TryPeek(out var next) && Unmarked(next) is { Stages.IsEmpty: false } transaction
            && TransactionalWork.CanRunTogether(transaction) && (text += TextOf(transaction)) <= MostTextTogether)
        {
            together.Add(transaction);
            left.Dequeue();
        }

        return together.DrainToImmutable();

        static int TextOf(PlanTransaction transaction) => transaction.Stages.Sum(static stage => stage.Statements.Sum(static planned => planned.Statement.Template.Source.Length));
    }

    // The stages of a revision that was marked as applied have nothing to do any more.
    private PlanTransaction Unmarked(PlanTransaction transaction) =>
        progress.Marked.Count == 0 ? transaction : transaction with { Stages = transaction.Stages.RemoveAll(stage => progress.Marked.Contains(stage.Revision.Manifest.Revision)) };

    private Task RunTogetherAsync(ImmutableArray<PlanTransaction> transactions, CancellationToken cancellation) => steps.TellAsync(transactions, done => blockers.WatchAsync(transactions, async () =>
    {
        await using var connection = await context.Retries.OpenAsync(target.Address, cancellation);
        await transactional.RunTogetherAsync(connection, transactions, progress.State, (transaction, seconds) =>
        {
            done(transaction, seconds);
            Completed(transaction, transaction.Stages);
        }, cancellation);
    }, cancellation));

    private void Completed(PlanTransaction transaction, ImmutableArray<PlanStage> done)
    {
        progress.Complete(done);
        if (transaction == after)
        {
            after = null;
        }
        else if (transaction.Stages[0].Revision.Manifest.IsHook)
        {
            isBegun = true;
        }
        else
        {
            advanced();
        }
    }

    private async Task<TransactionOutcome> RunAsync(PlanTransaction transaction, CancellationToken cancellation)
    {
        if (transaction.Touches.IsEmpty)
        {
            return await SendAsync(transaction, cancellation);
        }

        await context.TouchGate.WaitAsync(cancellation);
        try
        {
            return await SendAsync(transaction, cancellation);
        }
        finally
        {
            context.TouchGate.Release();
        }
    }

    private Task<TransactionOutcome> SendAsync(PlanTransaction transaction, CancellationToken cancellation) => steps.TellAsync(transaction, () => blockers.WatchAsync(transaction, async () =>
    {
        if (transaction.Stages[0].Batch is not null)
        {
            return await new BatchedWork(context, target, transactional, transaction, progress.State, Moved).RunAsync(cancellation);
        }

        if (transaction.IsTransactional)
        {
            await using var connection = await context.Retries.OpenAsync(target.Address, cancellation);
            return await transactional.RunAsync(connection, transaction, progress.State, cancellation);
        }

        var work = new NonTransactionalWork(context, target, transactional);
        return await work.RunAsync(transaction, progress.State, state => progress.State = state, cancellation);
    }, cancellation));

    private void Moved(SchemaState state)
    {
        progress.Commit(state);
        advanced();
    }
}
