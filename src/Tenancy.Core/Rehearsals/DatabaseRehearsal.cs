using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Execution.Waiting;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Rehearsals;

/// <summary>The rehearsal of a run on one database: the shared schema's first, where something is pending there, then the tenants', each rolled back. Leaves nothing behind.</summary>
internal sealed class DatabaseRehearsal
{
    private readonly TenancyProject project;
    private readonly DatabaseConnector connector;
    private readonly MigrationRequest request;
    private readonly IRunLog log;
    private readonly DatabaseSession session;
    private readonly ScopeTargets scopes;
    private readonly SchemaTarget shared;
    private readonly ImmutableArray<SchemaTarget> tenants;
    private readonly List<MigrationRehearsal> decided = [];
    private FleetState? fleet;
    private RunContext? context;
    private Plan? sharedPlan;
    private bool installs;

    /// <summary>The rehearsal of a run on one database.</summary>
    public DatabaseRehearsal(
        TenancyProject project, RevisionGraph graph, DatabaseConnector connector, MigrationRequest request, IRunLog log, DatabaseAddress address, IEnumerable<Tenant> members)
    {
        this.project = project;
        this.connector = connector;
        this.request = request;
        this.log = log;
        session = new(project, graph, connector, address);
        scopes = ScopeTargets.Of(request, graph);
        shared = SchemaTarget.Shared(project.SharedSchema, address);
        tenants = [.. members.Select(tenant => SchemaTarget.Of(tenant, address))];
    }

    /// <summary>The database.</summary>
    public DatabaseAddress Address => session.Address;

    /// <summary>The tenants that were asked about.</summary>
    public ImmutableArray<SchemaTarget> Tenants => tenants;

    /// <summary>Those of them that have something to do; after <see cref="PrepareAsync"/>.</summary>
    public ImmutableArray<RehearsalCandidate> Candidates { get; private set; } = [];

    /// <summary>The shared schema's plan; null where it has nothing to do.</summary>
    public Plan? SharedPlan => sharedPlan is { Transactions.IsEmpty: false } ? sharedPlan : null;

    /// <summary>True where tenants are rehearsed one after another, because each rehearsal takes the shared schema's lock, or makes the history schema.</summary>
    public bool IsOneByOne => HasSharedWork || installs;

    // What the hook before the run does, tenants may rely on.
    private bool HasSharedWork => SharedPlan is not null || (context!.HasWork && project.Hooks.BeforeRun is not null);

    // Also where it cannot be planned for, which its result says.
    private bool NeedsShared => HasSharedWork
        || (context!.HasWork && project.Hooks.AfterRun is not null)
        || (scopes.Shared && ScopeTargets.HasShared(session.Graph, fleet!.Shared) && (sharedPlan is null || !scopes.Tenants));

    /// <summary>Finds out what is to be rehearsed. Writes nothing.</summary>
    /// <param name="withSizes">True where tenants are to be chosen by their sizes.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException">The database cannot be worked on, or an argument is missing or unknown.</exception>
    public async Task PrepareAsync(bool withSizes, CancellationToken cancellation)
    {
        await session.EnsureWritableAsync(cancellation);
        installs = !await session.HasHistoryAsync(cancellation);
        string[] schemas = [.. tenants.Select(static target => target.Schema)];
        fleet = await session.ReadAsync(request.Direction, request.Scope, schemas, cancellation);
        var preparation = new RunPreparation(project, connector, request, log, session);
        var plans = preparation.FindPlans(tenants, fleet);
        sharedPlan = plans.Find(static plan => plan.Scope == MigrationScope.Shared);
        context = preparation.Bind(plans, fleet);
        if (!scopes.Tenants)
        {
            return;
        }

        var sizes = withSizes ? await ReadSizesAsync(schemas, null, cancellation) : [];
        var planner = preparation.MakePlanner(MigrationScope.Tenant);
        Candidates = [.. tenants.Select(target => Find(target, planner, sizes)).OfType<RehearsalCandidate>()];
    }

    /// <summary>How large tenants' tables are, pages, by schema.</summary>
    /// <param name="schemas">The schemas.</param>
    /// <param name="tables">Only tables of these names; null for all.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<Dictionary<string, double>> ReadSizesAsync(string[] schemas, string[]? tables, CancellationToken cancellation) =>
        SchemaSizes.ReadAsync(connector, Address, project, schemas, tables, cancellation);

    /// <summary>Rehearses. One result a tenant, as each ends, after one for the shared schema where there is something to do.</summary>
    /// <param name="chosen">The tenants to rehearse; null for all, and a result for each that has nothing to do.</param>
    /// <param name="cancellation">Cancels the running statements and rolls back.</param>
    public async IAsyncEnumerable<MigrationRehearsal> RunAsync(IReadOnlySet<RehearsalCandidate>? chosen, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var result in decided.Where(result => chosen is null || result.Failure is not null))
        {
            yield return result;
        }

        MigrationFailure? sharedFailure = null;
        if (NeedsShared)
        {
            var result = await Rehearsal(shared).RunAsync(fleet!.Shared, installs, cancellation);
            sharedFailure = result.Failure;
            yield return result;
        }

        var candidates = Candidates.Where(candidate => chosen?.Contains(candidate) != false).ToList();
        if (sharedFailure is not null)
        {
            foreach (var candidate in candidates)
            {
                yield return RehearsalResults.Untried(candidate.Target, request, candidate.State.Heads, RehearsalResults.SharedFailed(candidate.Target, sharedFailure));
            }

            yield break;
        }

        var done = 0;
        await foreach (var result in ParallelWork.RunAsync(candidates, IsOneByOne ? 1 : request.ThrottleLimit, RehearseAsync, cancellation))
        {
            done++;
            yield return result;
        }

        log.Progress(new(Address.ToString(), done, candidates.Count, null));

        async Task<MigrationRehearsal> RehearseAsync(RehearsalCandidate candidate, Turn _, CancellationToken token)
        {
            log.Progress(new(Address.ToString(), done, candidates.Count, candidate.Target.Name));
            var isTouching = candidate.Plan.Everything.Any(static transaction => !transaction.Touches.IsEmpty);
            if (isTouching)
            {
                // Before the transaction begins: until its end it holds locks on what all tenants use.
                await context!.TouchGate.WaitAsync(token);
            }

            try
            {
                return await Rehearsal(candidate.Target).RunAsync(candidate.State, installs, token);
            }
            finally
            {
                if (isTouching)
                {
                    context!.TouchGate.Release();
                }
            }
        }
    }

    private SchemaRehearsal Rehearsal(SchemaTarget target) => new(context!, session, scopes, shared, target, HasSharedWork);

    // Null where the result is known already.
    private RehearsalCandidate? Find(SchemaTarget target, Planner planner, Dictionary<string, double> sizes)
    {
        var state = fleet![target.Schema];
        try
        {
            var plan = planner.PlanFor(state);
            if (!plan.Transactions.IsEmpty)
            {
                return new(target, state, plan, sizes.GetValueOrDefault(target.Schema));
            }

            decided.Add(RehearsalResults.Untried(target, request, state.Heads, failure: null));
        }
        catch (TenancyException error)
        {
            decided.Add(RehearsalResults.Untried(target, request, state.Heads, new() { ErrorId = error.ErrorId, Message = $"{target}: {error.Message}", RecommendedAction = error.RecommendedAction }));
        }

        return null;
    }
}
