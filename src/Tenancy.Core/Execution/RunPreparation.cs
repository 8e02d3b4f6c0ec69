using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Execution.Steps;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Execution;

/// <summary>What a run on one database needs before its first transaction: which manifests will run, their arguments, their texts in history.</summary>
internal sealed class RunPreparation(TenancyProject project, DatabaseConnector connector, MigrationRequest request, IRunLog log, DatabaseSession session, RunDurability? durability = null)
{
    /// <summary>The distinct plans that will run, where the other scope comes as far as it is needed; a schema that cannot be planned for ends in a result of its own.</summary>
    /// <param name="tenants">The tenants.</param>
    /// <param name="fleet">Where they are.</param>
    /// <param name="refused">Told of a schema that cannot be planned for, and why.</param>
    public List<Plan> FindPlans(IEnumerable<SchemaTarget> tenants, FleetState fleet, Action<SchemaTarget, TenancyException>? refused = null)
    {
        var scopes = ScopeTargets.Of(request, session.Graph);
        HashSet<Plan> seen = new(ReferenceEqualityComparer.Instance);
        List<Plan> plans = [];
        if (scopes.Tenants)
        {
            var planner = MakePlanner(MigrationScope.Tenant);
            plans.AddRange(tenants.Select(target => TryPlan(planner, target, fleet[target.Schema])).OfType<Plan>().Where(seen.Add));
        }

        if (scopes.Shared && ScopeTargets.HasShared(session.Graph, fleet.Shared)
            && TryPlan(MakePlanner(MigrationScope.Shared, scopes.SharedTargets), SchemaTarget.Shared(project.SharedSchema, session.Address), fleet.Shared) is { } sharedPlan)
        {
            plans.Add(sharedPlan);
        }

        return plans;

        Plan? TryPlan(Planner planner, SchemaTarget target, SchemaState state)
        {
            try
            {
                return planner.PlanFor(state);
            }
            catch (TenancyException error)
            {
                refused?.Invoke(target, error);
                return null;
            }
        }
    }

    /// <summary>A planner for a scope, where the other comes as far as it is needed.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="targets">As <see cref="Planner"/> has them.</param>
    public Planner MakePlanner(MigrationScope scope, IReadOnlyCollection<string>? targets = null) => new(
        project,
        session.Graph,
        request,
        scope,
        new(request.Direction == RevisionDirection.Up ? session.Graph.All.Select(static node => node.Id).ToHashSet(StringComparer.Ordinal) : [], []),
        targets);

    /// <summary>Binds the arguments, and keeps the run and its texts.</summary>
    /// <param name="plans">The distinct plans.</param>
    /// <param name="fleet">Where the schemas are.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException">An argument is missing, or a step that needs a direct connection has none.</exception>
    public async Task<RunContext> PrepareAsync(List<Plan> plans, FleetState fleet, CancellationToken cancellation)
    {
        if (plans.Any(static plan => plan.NeedsDirectConnection) && await session.IsDirectBehindPoolerAsync(cancellation))
        {
            throw DirectSession.BehindPooler(session.Address);
        }

        var context = Bind(plans, fleet);
        if (context.HasWork)
        {
            var manifests = Manifests(plans);
            var secrets = ArgumentBinder.SecretNames(manifests);
            await session.KeepRunAsync(
                request, manifests.FindAll(manifest => !fleet.KeptTexts.Contains(manifest)), context.Arguments.Where(argument => !secrets.Contains(argument.Key)), flushes: !fleet.IsFlushed, cancellation);
        }
        else if (!fleet.IsFlushed)
        {
            // Nothing is to be written yet, so it waits for the end.
            context.Found = durability?.NoteFound(session.Address);
        }

        return context;
    }

    /// <summary>Binds the arguments; writes nothing.</summary>
    /// <param name="plans">The distinct plans.</param>
    /// <param name="fleet">Where the schemas are.</param>
    /// <exception cref="TenancyException">An argument is missing, unknown or of the wrong type.</exception>
    public RunContext Bind(List<Plan> plans, FleetState fleet)
    {
        var others = plans.SelectMany(static plan => plan.OnOtherBranches).Select(static step => step.Manifest.Revision).Distinct().ToList();
        if (others.Count > 0)
        {
            log.Warn($"{string.Join(", ", others)} on other branches {(others.Count == 1 ? "needs" : "need")} what is undone, and {(others.Count == 1 ? "is" : "are")} undone too.");
        }

        var manifests = Manifests(plans);
        var arguments = ArgumentBinder.Bind(manifests, session.Graph.All.Select(static node => node.Manifest), request.Arguments);
        var secrets = ArgumentBinder.SecretNames(manifests);
        return new()
        {
            Project = project,
            Request = request,
            Arguments = arguments,
            HasWork = manifests.Count > 0,
            Secrets = [.. secrets.Select(name => arguments[name])],
            History = session.History,
            Connector = connector,
            Log = log,
            // On Citus the nodes' commits follow the coordinator's, and wait for the disk: a crash that took back the coordinator's would leave theirs.
            Durability = request.Durability == Durability.Each || session.HasCitus ? null : durability,
            Others = durability,
            ExtensionSchemas = project.ExtensionSchemas is { } named ? named : fleet.ExtensionSchemas,
        };
    }

    private static List<Manifest> Manifests(IEnumerable<Plan> plans) => [.. plans.SelectMany(static plan => plan.Revisions).Select(static step => step.Manifest).Distinct()];
}
