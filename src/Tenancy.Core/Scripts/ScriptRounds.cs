using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Model;

namespace Tenancy.Core.Scripts;

/// <summary>What a script does to one schema in one round.</summary>
/// <param name="Round">The round, from 1: the shared schema has the odd ones, tenants the even.</param>
/// <param name="Target">The schema.</param>
/// <param name="State">Where it is then.</param>
/// <param name="Planner">What planned it, for what is left when a revision is left out.</param>
/// <param name="Plan">What it needs; never nothing.</param>
internal sealed record ScriptPart(int Round, SchemaTarget Target, SchemaState State, Planner Planner, Plan Plan);

/// <summary>The rounds of a run on one database, as <see cref="DatabaseRun"/> has them, planned through to the end without running anything.</summary>
internal sealed class ScriptRounds
{
    private readonly TenancyProject project;
    private readonly RevisionGraph graph;
    private readonly MigrationRequest request;
    private readonly ScopeTargets scopes;
    private readonly StartingStates start;
    private readonly List<ScriptPart> parts = [];
    private readonly HashSet<SchemaTarget> begun = [];
    private readonly List<(SchemaTarget Target, TenancyException Error)> errors = [];

    /// <summary>The rounds.</summary>
    /// <param name="project">The project.</param>
    /// <param name="graph">Its revisions.</param>
    /// <param name="request">What the run would be asked to do.</param>
    /// <param name="start">Where all schemas are.</param>
    public ScriptRounds(TenancyProject project, RevisionGraph graph, MigrationRequest request, StartingStates start)
    {
        this.project = project;
        this.graph = graph;
        this.request = request;
        this.start = start;
        scopes = ScopeTargets.Of(request, graph);
    }

    /// <summary>What is done, in order.</summary>
    public IReadOnlyList<ScriptPart> Parts => parts;

    /// <summary>Tenants that cannot be planned for, and why.</summary>
    public IReadOnlyList<(SchemaTarget Target, TenancyException Error)> Errors => errors;

    /// <summary>Plans.</summary>
    /// <exception cref="TenancyException">The shared schema cannot be planned for, and the tenants wait for it.</exception>
    public void Plan()
    {
        var shared = start.Shared;
        var remaining = scopes.Tenants ? start.Tenants : [];
        for (var round = 1; ; round += 2)
        {
            var moved = false;
            var isWaiting = false;
            if (scopes.Shared && !(shared.State.Heads.IsEmpty && graph.Bases(MigrationScope.Shared).IsEmpty))
            {
                var planner = new Planner(project, graph, request, MigrationScope.Shared, start.Registered.State(request.Direction), scopes.SharedTargets);
                var plan = planner.PlanFor(shared.State);
                moved = Add(round, shared, planner, plan);
                isWaiting = !plan.Waiting.IsEmpty;
                shared = shared with { State = After(shared.State, plan) };
            }

            // A second round without news from the shared schema would end as the first did.
            if ((round > 1 && !moved) || !PlanTenants(round + 1, shared.State, ref remaining) || !isWaiting)
            {
                break;
            }
        }

        errors.AddRange(remaining.Select(static tenant => (tenant.Target, new TenancyException(
            "WaitsForShared",
            $"{tenant.Target}: its next revision depends on a shared one that the script does not bring.",
            "Write the script without -Scope Tenant, or bring the shared schema there first."))));
    }

    // False where no tenant moves; what waits for the shared schema remains.
    private bool PlanTenants(int round, SchemaState shared, ref IReadOnlyList<PlacedState> remaining)
    {
        var planner = new Planner(project, graph, request, MigrationScope.Tenant, SharedHeads.State(graph, shared.Heads, shared.Stages));
        List<PlacedState> waiting = [];
        var moved = false;
        foreach (var tenant in remaining)
        {
            try
            {
                var plan = planner.PlanFor(tenant.State);
                var after = After(tenant.State, plan);
                moved |= Add(round, tenant, planner, plan);
                start.Registered.Move(tenant.Target.Name, tenant.State.Heads, after.Heads);
                if (!plan.Waiting.IsEmpty)
                {
                    waiting.Add(tenant with { State = after });
                }
            }
            catch (TenancyException error)
            {
                errors.Add((tenant.Target, error));
            }
        }

        remaining = waiting;
        return moved;
    }

    private bool Add(int round, PlacedState schema, Planner planner, Plan plan)
    {
        if (!plan.Transactions.IsEmpty)
        {
            // The hook before a tenant's first change, as the run has it.
            parts.Add(new(round, schema.Target, schema.State, planner, begun.Add(schema.Target) ? plan : plan with { Before = null }));
        }

        return !plan.Transactions.IsEmpty;
    }

    private static SchemaState After(SchemaState state, Plan plan) => plan.Transactions.Aggregate(state, static (before, transaction) => before.After(transaction.Stages));
}
