using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.ExceptionServices;
using Npgsql;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Execution.Steps;
using Tenancy.Core.Execution.Waiting;
using Tenancy.Core.History;
using Tenancy.Core.Planning;
using Tenancy.Core.Policies;
using Tenancy.Core.Revisions;
using Tenancy.Model;

namespace Tenancy.Core.Execution;

/// <summary>
/// Brings one schema where the run wants it, transaction by transaction; again, from where history has it then, where one failed with what passes by itself. Never throws for the schema's own
/// failures: they are in the result.
/// </summary>
internal sealed class SchemaMigrator
{
    // Without progress: a state that another run keeps changing is no reason to go on for ever.
    private const int MostReplans = 10;

    // What one message holds: how far it has come is known when it is over, and its text is in memory, on each connection.
    private const int MostTogether = 50;
    private const int MostTextTogether = 1 << 18;

    private readonly RunContext context;
    private readonly SchemaTarget target;
    private readonly DatabaseSession session;
    private readonly Func<CancellationToken, Task<Planner>> replan;
    private readonly Func<Plan, CancellationToken, ValueTask<StartRefusal?>> askAgain;
    private readonly TransactionalWork transactional;
    private readonly StepLog steps;
    private readonly BlockerWatch blockers;
    private readonly bool wasBegun;
    private Planner planner;
    private Turn? turn;
    private LockPatience? patience;
    private LockPatience? tablePatience;
    private SchemaProgress? progress;
    private PlanTransaction? after;
    private UnknownOutcome? unknown;
    private bool isBegun;
    private bool isAgain;
    private bool isAsked = true;
    private Exception? waitedFor;
    private bool isLost;
    private bool hasMoved;
    private bool hadWork;
    private int tries;

    /// <summary>A migrator for one schema.</summary>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    /// <param name="planner">Makes its plans.</param>
    /// <param name="session">Reads its state anew.</param>
    /// <param name="replan">Looks at the other scope anew.</param>
    /// <param name="askAgain">Asked before it is tried again: whoever waited comes back behind all others, when the run's limits may be reached.</param>
    /// <param name="isBegun">True where this run has changed the schema before: the hook before its first change has been run.</param>
    public SchemaMigrator(
        RunContext context, SchemaTarget target, Planner planner, DatabaseSession session, Func<CancellationToken, Task<Planner>> replan,
        Func<Plan, CancellationToken, ValueTask<StartRefusal?>> askAgain, bool isBegun = false)
    {
        this.askAgain = askAgain;
        wasBegun = this.isBegun = isBegun;
        this.context = context;
        this.target = target;
        this.planner = planner;
        this.session = session;
        this.replan = replan;
        transactional = new(context, target);
        steps = new(context, target);
        blockers = new(context, target);
    }

    /// <summary>The schema's state as far as it is known.</summary>
    public SchemaState? State => progress?.State;

    /// <summary>Revisions that wait for the other scope.</summary>
    public ImmutableArray<RevisionStep> Waiting => progress?.Waiting ?? [];

    /// <summary>True where it had to wait and was tried again, so that how long it took says nothing of others.</summary>
    public bool HasWaited { get; private set; }

    private SchemaProgress Progress => progress!;

    private Turn Turn => turn!;

    /// <summary>Brings the schema there.</summary>
    /// <param name="state">Its state as last read.</param>
    /// <param name="turn">Its turn among the others, which it leaves while it has to wait.</param>
    /// <param name="cancellation">Cancels the running statement; what is not committed is rolled back.</param>
    /// <exception cref="OperationCanceledException">Cancelled; the schema stands at a revision's boundary or a named step.</exception>
    public async Task<MigrationResult> RunAsync(SchemaState state, Turn turn, CancellationToken cancellation)
    {
        this.turn = turn;
        var started = DateTime.UtcNow;
        var clock = Stopwatch.StartNew();
        using var span = Telemetry.StartTenant(target.Traced);
        progress = new(context, target, state);
        MigrationFailure? failure = null;
        var isRefused = false;
        try
        {
            // Each time that it has come further its tries are counted anew.
            while (!await context.Retries.RunAsync(TryAsync, Pause, cancellation))
            {
            }
        }
        catch (Exception error) when (cancellation.IsCancellationRequested)
        {
            span.Fail("Cancelled");
            if (hadWork)
            {
                // What it was doing may have been committed for all that.
                progress.NoteCommit();
            }

            throw new OperationCanceledException($"{target}: cancelled.", error, cancellation);
        }
        catch (StartRefusedException error)
        {
            var why = waitedFor is { } cause ? $" It had waited: {blockers.Explain(new FailureDescriber(context).Describe(cause, target)).Message}" : " It had waited for another run.";
            isRefused = true;
            failure = error.Refusal.Of(target) with { Message = $"{target} was not tried again: {error.Refusal.Reason}.{why}", Cause = null };
            context.Log.Verbose(failure.Message);
        }
        catch (Exception error)
        {
            failure = new FailureDescriber(context).Describe(unknown?.Lost ?? await DroppedSchema.FindAsync(error, session, target, progress.State) ?? error, target);
            failure = blockers.Explain(failure, error is StatementException { Stage.IsTransactional: false } ? BlockerWatch.StepAction : BlockerWatch.Action);
            failure = tries > 1 && TransientErrors.Is(error) ? failure with { Message = string.Create(CultureInfo.InvariantCulture, $"{failure.Message} Tried {tries} times.") } : failure;
            context.Log.Verbose(failure.Message);
            if (!context.Retries.IsMissing(target.Address))
            {
                await OutcomeRecord.WriteAsync(context, target, failure, started);
            }
        }

        var result = progress.ToResult(failure, started, clock.Elapsed.TotalSeconds);
        result = isRefused && result.Status == MigrationStatus.Failed ? result with { Status = MigrationStatus.Incomplete } : result;
        span.End(result);
        return result;
    }

    // True when it is there; false where it came further before it failed with what passes.
    private async Task<bool> TryAsync(CancellationToken cancellation)
    {
        await Turn.ReturnAsync(cancellation);
        (hasMoved, tries) = (false, tries + 1);
        try
        {
            if (isAgain)
            {
                await LookAgainAsync(cancellation);
            }

            await AdvanceAsync(cancellation);
            return true;
        }
        catch (Exception error) when (hasMoved && context.Retries.Handles(error) && !cancellation.IsCancellationRequested)
        {
            tries = 1;
            Pause(error, TimeSpan.Zero);
            return false;
        }
    }

    private void Pause(Exception error, TimeSpan pause)
    {
        (isAgain, isAsked, HasWaited, waitedFor) = (true, false, true, error);
        Telemetry.CountRetry((error as PostgresException ?? error.InnerException as PostgresException)?.SqlState ?? "ConnectionLost");
        isLost |= TransientErrors.IsLostConnection(error) || TransientErrors.IsServerMissing(error);
        if (isLost)
        {
            // Where one ended, those that lie in the pool most likely have too.
            context.Connector.GetDataSource(target.Address).Clear();
            context.Connector.GetDataSource(context.Connector.FindDirect(target.Address)).Clear();
        }

        context.Log.Verbose(context.Mask($"{target}: {error.Message}{(blockers.Seen is { } blocker ? $" (blocked by {blocker})" : "")}; tried again in {RetryPolicy.Told(pause)}, when the others have begun."));
        Turn.Leave();
    }

    private async Task AdvanceAsync(CancellationToken cancellation)
    {
        var replans = 0;
        var fewest = int.MaxValue;
        string? furthest = null;
        while (true)
        {
            var plan = planner.PlanFor(Progress.State, Progress.Skipped.Keys, Progress.Goal);
            Progress.Goal = plan.Goal;
            Progress.Waiting = plan.Waiting;
            after = plan.Waiting.IsEmpty ? plan.After ?? after : null;
            if (plan.Transactions.IsEmpty && hadWork && !Progress.IsMoved && Progress.Skipped.Count == 0 && plan.Waiting.IsEmpty)
            {
                // Its hook after them is the other run's too.
                (Progress.Taker, Progress.IsTaken) = (await session.ReadTakerAsync(target, cancellation), true);
                return;
            }

            if (plan.Transactions.IsEmpty && after is null)
            {
                return;
            }

            if (!isAsked && !plan.Transactions.IsEmpty)
            {
                isAsked = true;
                if (await askAgain(plan, cancellation) is { } refusal)
                {
                    throw new StartRefusedException(refusal);
                }
            }

            hadWork |= !plan.Transactions.IsEmpty;
            if (plan.Transactions.Length < fewest || At(Progress.State) != furthest)
            {
                // Progress, be it another run's.
                (fewest, furthest) = (plan.Transactions.Length, At(Progress.State));
                replans = 0;
            }

            try
            {
                if (await RunAsync(plan, cancellation))
                {
                    return;
                }
            }
            catch (Exception error) when (error is PostgresException { SqlState: "TN001" } or TenancyException { ErrorId: "TenantInUse" })
            {
                // What the other run has committed counts, whatever it is doing now.
                if (patience is null)
                {
                    patience = new(context, target);
                    context.Log.Verbose($"{target} is in use by another run; tried again when the others have begun.");
                }

                (isAsked, HasWaited) = (false, true);
                await patience.WaitAsync(Turn, cancellation);
                await LookAgainAsync(cancellation);
            }
            catch (StatementException error) when (error.IsNotSent)
            {
                tablePatience ??= new(context, target, error.Statement!.LockTimeout);
                if (tablePatience.IsExhausted)
                {
                    throw;
                }

                context.Log.Verbose($"{target}: {error.Message}{(blockers.Seen is { } blocker ? $" (blocked by {blocker})" : "")}; the step outside a transaction is tried again when the others have begun.");
                (isAsked, HasWaited, waitedFor) = (false, true, error);
                await tablePatience.PauseAsync(Turn, error.Error.SqlState, cancellation);
                await LookAgainAsync(cancellation);
            }
            catch (PostgresException error) when (error.SqlState == "TN008" && replans++ < MostReplans)
            {
                Telemetry.CountRetry(error.SqlState);
                context.Log.Verbose($"{target}: {error.MessageText}; planned again.");
                planner = await replan(cancellation);
            }
            catch (PostgresException error) when (error.SqlState == "TN002" && replans++ < MostReplans)
            {
                Telemetry.CountRetry(error.SqlState);
                context.Log.Verbose($"{target}: {error.MessageText}; planned again.");
                await LookAgainAsync(cancellation);
            }
            catch (OutcomeUnknownException error)
            {
                Telemetry.CountRetry("OutcomeUnknown");
                context.Log.Verbose($"{target}: the connection was lost before the answer to COMMIT; history says whether it happened.");
                var (key, position) = (Progress.State.PlanKey, At(Progress.State));
                unknown = new(context, session, plan, error);
                Progress.NoteCommit();
                await LookAgainAsync(cancellation);
                if ((key, position) == (Progress.State.PlanKey, At(Progress.State)))
                {
                    // It did not happen: a lost connection like any other.
                    ExceptionDispatchInfo.Throw(error.InnerException!);
                }

                Advanced();
            }
        }
    }

    private static string? At(SchemaState state) => state.Stages.LastOrDefault()?.Position;

    // Without the lock, which whoever reads would keep others from: the next transaction asserts the state under it.
    private async Task LookAgainAsync(CancellationToken cancellation)
    {
        var mayBeTakenBack = unknown is not null || isLost;
        if (unknown is null)
        {
            var known = Progress.State;
            Progress.State = await session.ReadAsync(target, cancellation);
            if ((known.PlanKey, At(known)) != (Progress.State.PlanKey, At(Progress.State)))
            {
                Progress.NoteOther();
            }

            if (isLost && Progress.IsMoved)
            {
                // A crash of the server may have taken back what was committed without waiting for the disk.
                Progress.Keep([.. (await session.ReadDoneAsync(target, context.Request.RunId, cancellation)).Select(static done => done.Revision)]);
            }
        }
        else
        {
            await unknown.SettleAsync(Progress, Turn, cancellation);
            unknown = null;
        }

        if (mayBeTakenBack)
        {
            // A hook is not recorded: it was before what is. Where nothing is, a crash may have taken it back.
            isBegun = wasBegun || Progress.IsMoved || (isBegun && context.Durability is null);
        }

        isLost = false;
    }

    // False where a revision was left out, and what remains must be planned anew.
    private async Task<bool> RunAsync(Plan plan, CancellationToken cancellation)
    {
        Queue<PlanTransaction> left = new(new[] { isBegun ? null : plan.Before }.Concat(plan.Transactions).Append(after).OfType<PlanTransaction>());
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
                Progress.Skipped.Add(unmet.Stage.Revision.Manifest.Revision, unmet);
                return false;
            }
        }

        return true;
    }

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
        Progress.Marked.Count == 0 ? transaction : transaction with { Stages = transaction.Stages.RemoveAll(stage => Progress.Marked.Contains(stage.Revision.Manifest.Revision)) };

    private Task RunTogetherAsync(ImmutableArray<PlanTransaction> transactions, CancellationToken cancellation) => steps.TellAsync(transactions, done => blockers.WatchAsync(transactions, async () =>
    {
        await using var connection = await context.Retries.OpenAsync(target.Address, cancellation);
        await transactional.RunTogetherAsync(connection, transactions, Progress.State, (transaction, seconds) =>
        {
            done(transaction, seconds);
            Completed(transaction, transaction.Stages);
        }, cancellation);
    }, cancellation));

    private void Completed(PlanTransaction transaction, ImmutableArray<PlanStage> done)
    {
        Progress.Complete(done);
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
            Advanced();
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
            return await new BatchedWork(context, target, transactional, transaction, Progress.State, Moved).RunAsync(cancellation);
        }

        if (transaction.IsTransactional)
        {
            await using var connection = await context.Retries.OpenAsync(target.Address, cancellation);
            return await transactional.RunAsync(connection, transaction, Progress.State, cancellation);
        }

        var work = new NonTransactionalWork(context, target, transactional);
        return await work.RunAsync(transaction, Progress.State, state => Progress.State = state, cancellation);
    }, cancellation));

    private void Moved(SchemaState state)
    {
        Progress.Commit(state);
        Advanced();
    }

    private void Advanced()
    {
        patience = tablePatience = null;
        hasMoved = true;
    }
}
