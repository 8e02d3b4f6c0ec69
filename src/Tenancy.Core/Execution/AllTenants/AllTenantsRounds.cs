using System.Collections.Immutable;
using System.Diagnostics;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Execution.Steps;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;

namespace Tenancy.Core.Execution.AllTenants;

/// <summary>
/// The parts of one transaction, in rounds as <see cref="DatabaseRun"/> has them: the shared schema, then each tenant; again while one scope has brought what the other waited for.
/// In a rehearsal only the first schema of each plan that runs all of it gets its part, with those before it; the others are taken to end as it did.
/// </summary>
/// <param name="context">The run.</param>
/// <param name="graph">The revisions.</param>
/// <param name="transaction">The transaction.</param>
/// <param name="schemas">Where the schemas are; brought forward here.</param>
/// <param name="budget">Takes what the parts of a rehearsal cost; null to do every part.</param>
internal sealed class AllTenantsRounds(RunContext context, RevisionGraph graph, AllTenantsTransaction transaction, AllTenantsSchemas schemas, LockBudget? budget)
{
    private readonly ScopeTargets scopes = ScopeTargets.Of(context.Request, graph);
    private readonly Dictionary<Plan, TransactionOutcome> rehearsed = new(ReferenceEqualityComparer.Instance);
    private int done;

    /// <summary>Does the parts.</summary>
    /// <param name="cancellation">Cancels the running statement.</param>
    /// <exception cref="PartFailedException">One failed.</exception>
    /// <exception cref="ForeignChangeException">One found that another had changed its schema.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var hasShared = scopes.Shared && ScopeTargets.HasShared(graph, schemas.Shared.State);
        await transaction.MarkAsync(schemas.Tenants.Prepend(schemas.Shared).Select(static schema => schema.State), cancellation);
        bool moved;
        do
        {
            moved = false;
            if (hasShared)
            {
                moved |= await AdvanceAsync(schemas.Shared, Plan(MigrationScope.Shared, schemas.Registered.With(schemas.Tenants).State(context.Request.Direction), scopes.SharedTargets), cancellation);
            }

            var planner = Plan(MigrationScope.Tenant, SharedHeads.State(graph, schemas.Shared.State.Heads, schemas.Shared.State.Stages), null);
            foreach (var tenant in schemas.Tenants)
            {
                moved |= await AdvanceAsync(tenant, planner, cancellation);
            }
        }
        while (moved && hasShared && (!schemas.Shared.Waiting.IsEmpty || schemas.Tenants.Any(static tenant => !tenant.Waiting.IsEmpty)));
    }

    private Planner Plan(MigrationScope scope, OtherScopeState other, IReadOnlyCollection<string>? targets) => new(context.Project, graph, context.Request, scope, other, targets);

    private async Task<bool> AdvanceAsync(SchemaProgress part, Planner planner, CancellationToken cancellation)
    {
        var moved = false;
        PlanTransaction? after = null;
        try
        {
            while (true)
            {
                var plan = planner.PlanFor(part.State, part.Skipped.Keys, part.Goal);
                part.Goal = plan.Goal;
                part.Waiting = plan.Waiting;
                after = plan.Waiting.IsEmpty ? plan.After ?? after : null;
                if (plan.Transactions.IsEmpty && after is null)
                {
                    return moved;
                }

                SingleTransaction.EnsurePossible(plan);
                var outcome = await RunAsync(part, plan, Whole(part, plan, after), cancellation);
                ImmutableArray<PlanStage> done = [.. outcome.Done.Where(static stage => !stage.Revision.Manifest.IsHook)];
                part.IsBegun = true;
                part.Complete(done);
                moved |= !done.IsEmpty;
                if (outcome.Skipped is not { } unmet)
                {
                    return moved;
                }

                part.Skipped.Add(unmet.Stage.Revision.Manifest.Revision, unmet);
            }
        }
        catch (Exception error) when (error is not ForeignChangeException && !cancellation.IsCancellationRequested)
        {
            throw new PartFailedException(part.Target, error);
        }
    }

    // The hooks around a tenant's change are of its part.
    private static PlanTransaction Whole(SchemaProgress part, Plan plan, PlanTransaction? after) => new(
        [.. part.IsBegun ? [] : plan.Before?.Stages ?? [], .. plan.Transactions.SelectMany(static transaction => transaction.Stages), .. after?.Stages ?? []]);

    private async Task<TransactionOutcome> RunAsync(SchemaProgress part, Plan plan, PlanTransaction whole, CancellationToken cancellation)
    {
        if (budget is null)
        {
            context.Log.Progress(new(part.Target.Address.ToString(), done, schemas.Tenants.Length, part.Target.Name));
            var clock = Stopwatch.StartNew();
            part.Started ??= DateTime.UtcNow;
            var outcome = await new StepLog(context, part.Target).TellAsync(whole, () => transaction.RunPartAsync(part.Target, whole, part.State, cancellation));
            part.Seconds += clock.Elapsed.TotalSeconds;
            done += part.Target.Scope == MigrationScope.Tenant ? 1 : 0;
            return outcome;
        }

        if (rehearsed.TryGetValue(plan, out var known))
        {
            budget.Repeat(plan);
            return known;
        }

        var tried = await budget.MeasureAsync(plan, part.State, () => transaction.RunPartAsync(part.Target, whole, part.State, cancellation), cancellation);
        if (tried.Skipped is null && tried.Done.All(static stage => stage.MarkedBecause is null))
        {
            // Of one that left something out nothing is learnt for the others.
            rehearsed[plan] = tried;
        }

        return tried;
    }
}
