using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.ExceptionServices;
using Npgsql;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Execution.Waiting;
using Tenancy.Core.History;
using Tenancy.Core.Planning;
using Tenancy.Core.Policies;
using Tenancy.Core.Revisions;
using Tenancy.Model;

namespace Tenancy.Core.Execution;

/// <summary>
/// Brings one schema where the run wants it: plans, has the plan carried out (<see cref="PlanExecution"/>), and decides when that is tried again, from where history has the schema then. Never
/// throws for the schema's own failures: they are in the result.
/// </summary>
internal sealed class SchemaMigrator
{
    // Without progress: a state that another run keeps changing is no reason to go on for ever.
    private const int MostReplans = 10;

    private readonly RunContext context;
    private readonly SchemaTarget target;
    private readonly DatabaseSession session;
    private readonly Func<CancellationToken, Task<Planner>> replan;
    private readonly Func<Plan, CancellationToken, ValueTask<StartRefusal?>> askAgain;
    private readonly BlockerWatch blockers;
    private readonly bool isBegun;
    private Planner planner;
    private Turn? turn;
    private LockPatience? patience;
    private LockPatience? tablePatience;
    private SchemaProgress? progress;
    private PlanExecution? execution;
    private UnknownOutcome? unknown;
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
        this.isBegun = isBegun;
        this.context = context;
        this.target = target;
        this.planner = planner;
        this.session = session;
        this.replan = replan;
        blockers = new(context, target);
    }

    /// <summary>The schema's state as far as it is known.</summary>
    public SchemaState? State => progress?.State;

    /// <summary>Revisions that wait for the other scope.</summary>
    public ImmutableArray<RevisionStep> Waiting => progress?.Waiting ?? [];

    /// <summary>True where it had to wait and was tried again, so that how long it took says nothing of others.</summary>
    public bool HasWaited { get; private set; }

    private SchemaProgress Progress => progress!;

    private PlanExecution Execution => execution!;

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
        execution = new(context, target, progress, blockers, Advanced, isBegun);
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
        finally
        {
            execution.GiveUp();
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
            if (plan.Transactions.IsEmpty && hadWork && !Progress.IsMoved && Progress.Skipped.Count == 0 && plan.Waiting.IsEmpty)
            {
                // Its hook after them is the other run's too.
                (Progress.Taker, Progress.IsTaken) = (await session.ReadTakerAsync(target, cancellation), true);
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
                if (await Execution.RunAsync(plan, cancellation))
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
        if (unknown is null)
        {
            var known = Progress.State;
            Progress.State = await session.ReadAsync(target, cancellation);
            if ((known.PlanKey, At(known)) != (Progress.State.PlanKey, At(Progress.State)))
            {
                Progress.NoteOther();
            }

            if (isLost)
            {
                // A crash of the server may have taken back what was committed without waiting for the disk.
                var recorded = await session.ReadRecordedAsync(target, context.Request.RunId, cancellation);
                Progress.Keep(recorded);
                Execution.Settle(recorded);
            }
        }
        else
        {
            Execution.Settle(await unknown.SettleAsync(Progress, Turn, cancellation));
            unknown = null;
        }

        isLost = false;
    }

    private void Advanced()
    {
        patience = tablePatience = null;
        hasMoved = true;
    }
}
