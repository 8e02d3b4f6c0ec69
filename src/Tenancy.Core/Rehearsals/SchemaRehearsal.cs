using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Model;

namespace Tenancy.Core.Rehearsals;

/// <summary>
/// The rehearsal of one schema, in one transaction that is rolled back: in rounds as <see cref="DatabaseRun"/> has them, the shared schema's pending revisions before a tenant's. State and plan are
/// those under the lock.
/// </summary>
internal sealed class SchemaRehearsal
{
    private readonly RunContext context;
    private readonly DatabaseSession session;
    private readonly ScopeTargets scopes;
    private readonly SchemaTarget shared;
    private readonly SchemaTarget target;
    private readonly bool hasSharedWork;
    private readonly RehearsalReport report;

    // What the shared schema's part takes is the shared schema's, whose rehearsal has a result of its own.
    private readonly RehearsalReport sharedReport;

    /// <summary>A rehearsal.</summary>
    /// <param name="context">The rehearsal of the database.</param>
    /// <param name="session">The database.</param>
    /// <param name="scopes">The scopes that the run works on.</param>
    /// <param name="shared">The shared schema.</param>
    /// <param name="target">The schema; the shared one too.</param>
    /// <param name="hasSharedWork">True where work on the shared schema is pending, so that its lock is taken.</param>
    public SchemaRehearsal(RunContext context, DatabaseSession session, ScopeTargets scopes, SchemaTarget shared, SchemaTarget target, bool hasSharedWork)
    {
        this.context = context;
        this.session = session;
        this.scopes = scopes;
        this.shared = shared;
        this.target = target;
        this.hasSharedWork = hasSharedWork;
        report = new(context.Mask);
        sharedReport = target == shared ? report : new(context.Mask);
    }

    private string[] Schemas => target.Scope == MigrationScope.Tenant ? [target.Schema] : [];

    /// <summary>Rehearses. Never throws for the schema's own failures: they are in the result.</summary>
    /// <param name="state">Its state as last read.</param>
    /// <param name="installs">True where the history schema is to be made inside the transaction.</param>
    /// <param name="cancellation">Cancels the running statement and rolls back.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<MigrationRehearsal> RunAsync(SchemaState state, bool installs, CancellationToken cancellation)
    {
        var started = DateTime.UtcNow;
        var progress = new SchemaProgress(context, target, state);
        MigrationFailure? failure = null;
        try
        {
            await using var within = await RehearsalTransaction.BeginAsync(context, session, hasSharedWork ? shared : target, installs, cancellation);
            var fleet = await session.ReadAsync(within.Connection, Schemas, cancellation);
            progress = new(context, target, fleet.Of(target.Scope, target.Schema));
            try
            {
                await RunAsync(within, fleet, progress, cancellation);
            }
            catch (RehearsalEndedException)
            {
                // The reports say why.
                report.TakeOver(sharedReport);
            }

            report.LockCount = await within.CountLocksAsync(cancellation);
        }
        catch (Exception error) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException($"{target}: cancelled.", error, cancellation);
        }
        catch (PartFailedException error)
        {
            failure = RehearsalResults.SharedFailed(target, new FailureDescriber(context).Describe(error.InnerException!, error.Target));
        }
        catch (Exception error)
        {
            failure = new FailureDescriber(context).Describe(error, target);
        }

        var result = RehearsalResults.Of(progress.ToResult(failure, started, 0), report);
        context.Log.Verbose($"{target}: {result.Status}, rolled back{(failure is null ? "." : ": " + failure.Message)}");
        return result;
    }

    private async Task RunAsync(RehearsalTransaction within, FleetState fleet, SchemaProgress own, CancellationToken cancellation)
    {
        var ofShared = target == shared ? own : new SchemaProgress(context, shared, fleet.Shared);
        // Reading where all tenants are takes longer the more there are: not for each of them where it decides nothing.
        var hasShared = scopes.Shared && ScopeTargets.HasShared(session.Graph, fleet.Shared) && (hasSharedWork || target == shared);
        var registered = hasShared
            ? await RegisteredTenants.ReadAsync(within.Connection, session.History, context.Project, session.Graph, [], cancellation, Schemas)
            : RegisteredTenants.None(session.Graph);
        if (hasSharedWork)
        {
            await RunHookAsync(within, ofShared, context.Project.Hooks.BeforeRun, cancellation);
        }

        bool moved;
        do
        {
            moved = false;
            if (hasShared)
            {
                var others = target == shared ? registered : registered.With([own]);
                moved |= await AdvanceAsync(within, ofShared, Plan(MigrationScope.Shared, others.State(context.Request.Direction), scopes.SharedTargets), cancellation);
            }

            if (target != shared)
            {
                report.Follow(sharedReport);
                moved |= await AdvanceAsync(within, own, Plan(MigrationScope.Tenant, SharedHeads.State(session.Graph, ofShared.State.Heads, ofShared.State.Stages), null), cancellation);
            }
        }
        while (moved && hasShared && (!ofShared.Waiting.IsEmpty || !own.Waiting.IsEmpty));
        foreach (var step in own.Waiting)
        {
            report.Waits(step);
        }

        if (target == shared)
        {
            await RunHookAsync(within, ofShared, context.Project.Hooks.AfterRun, cancellation);
        }
    }

    private Planner Plan(MigrationScope scope, OtherScopeState other, IReadOnlyCollection<string>? targets) => new(context.Project, session.Graph, context.Request, scope, other, targets);

    private async Task RunHookAsync(RehearsalTransaction within, SchemaProgress part, Manifest? hook, CancellationToken cancellation)
    {
        if (hook is not null)
        {
            await GuardAsync(part, () =>
            {
                StateChecks.EnsureUsable(part.State);
                return RunAsync(within, part, Hooks.Plan(hook, context.Project.Timeouts), cancellation);
            });
        }
    }

    private Task<bool> AdvanceAsync(RehearsalTransaction within, SchemaProgress part, Planner planner, CancellationToken cancellation) => GuardAsync(part, async () =>
    {
        var moved = false;
        PlanTransaction? after = null;
        while (true)
        {
            var plan = planner.PlanFor(part.State, part.Skipped.Keys, part.Goal);
            part.Goal = plan.Goal;
            part.Waiting = plan.Waiting;
            after = plan.Waiting.IsEmpty ? plan.After ?? after : null;
            if (context.Request.Transaction == TransactionMode.AllTenants)
            {
                SingleTransaction.EnsurePossible(plan);
            }

            if (plan.Transactions.IsEmpty && after is null)
            {
                return moved;
            }

            if (!part.IsBegun && plan.Before is { } before)
            {
                await RunAsync(within, part, before, cancellation);
            }

            part.IsBegun = true;
            var skipped = false;
            foreach (var transaction in plan.Transactions.Select(transaction => transaction with { Stages = transaction.Stages.RemoveAll(stage => part.Marked.Contains(stage.Revision.Manifest.Revision)) }).Where(static transaction => !transaction.Stages.IsEmpty))
            {
                var outcome = await RunAsync(within, part, transaction, cancellation);
                part.Complete(outcome.Done);
                moved |= !outcome.Done.IsEmpty;
                if (outcome.Skipped is { } unmet)
                {
                    part.Skipped.Add(unmet.Stage.Revision.Manifest.Revision, unmet);
                    skipped = true;
                    break;
                }
            }

            if (!skipped)
            {
                if (after is not null)
                {
                    await RunAsync(within, part, after, cancellation);
                }

                return moved;
            }
        }
    });

    private async Task<TransactionOutcome> RunAsync(RehearsalTransaction within, SchemaProgress part, PlanTransaction transaction, CancellationToken cancellation)
    {
        var to = part.Target == target ? report : sharedReport;
        to.RoundTripSeconds += within.RoundTrip;
        return await new RehearsalPart(context, part.Target, within, transaction, part.State, to).RunAsync(cancellation);
    }

    // What the shared schema's part fails of is not the tenant's failure.
    private async Task<T> GuardAsync<T>(SchemaProgress part, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception error) when (part.Target != target && error is not RehearsalEndedException)
        {
            throw new PartFailedException(part.Target, error);
        }
    }
}
