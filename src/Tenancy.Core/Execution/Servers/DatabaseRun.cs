using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Tenancy.Core.Execution.Waiting;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Policies;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Execution.Servers;

/// <summary>
/// A run on one database, in rounds: the shared schema first, then each tenant; again while one scope has brought what the other waited for.
/// Gives one result a tenant, as each ends, and one for the shared schema where something happened there.
/// </summary>
internal sealed class DatabaseRun
{
    // Of tenants with nothing to do there are thousands a second.
    private const int ProgressEach = 100;

    private readonly TenancyProject project;
    private readonly DatabaseConnector connector;
    private readonly MigrationRequest request;
    private readonly ScopeTargets scopes;
    private readonly IRunLog log;
    private readonly RunDurability durability;
    private readonly ConnectionChoice choice;
    private readonly StartGate gate;
    private readonly DatabaseSession session;
    private readonly ImmutableArray<SchemaTarget> tenants;
    private readonly SchemaTarget shared;
    private readonly string place;
    private readonly string server;
    private readonly Dictionary<SchemaTarget, (MigrationResult? Result, SchemaState State)> held = [];
    private int atOnce;
    private int done;
    private RegisteredTenants? opened;
    private Task? found;
    private SchemaState? sharedState;
    private string? sharedWaits;
    private StartRefusal? sharedRefusal;

    /// <summary>A run on one database.</summary>
    public DatabaseRun(
        TenancyProject project, RevisionGraph graph, DatabaseConnector connector, MigrationRequest request, IRunLog log, StartGate gate, DatabaseAddress address, IEnumerable<Tenant> tenants, RunDurability durability, ConnectionChoice choice)
    {
        this.gate = gate;
        this.project = project;
        this.connector = connector;
        this.request = request;
        this.log = log;
        this.durability = durability;
        this.choice = choice;
        scopes = ScopeTargets.Of(request, graph);
        session = new(project with { Retries = request.RetriesIn(project) }, graph, connector, address) { Log = log, Choice = choice };
        this.tenants = [.. tenants.Select(tenant => SchemaTarget.Of(tenant, address))];
        shared = SchemaTarget.Shared(project.SharedSchema, address);
        place = address.ToString();
        server = address.Server.ToString();
    }

    /// <summary>Called where nothing is to be done, before the results say so: whoever takes them slowly keeps no connections from other databases.</summary>
    public required Func<ValueTask> NothingToDo { get; init; }

    /// <summary>Runs.</summary>
    /// <param name="cancellation">Cancels the running statement; what is not committed is rolled back.</param>
    /// <exception cref="TenancyException">The database cannot be worked on at all.</exception>
    public async IAsyncEnumerable<MigrationResult> RunAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        if (await gate.AskAsync(new(shared, null, Held), cancellation) is { } refusal)
        {
            foreach (var target in tenants)
            {
                yield return NotReached(target, [], refusal.Of(target));
            }

            yield break;
        }

        var isSharedAsked = scopes.Shared && !session.Graph.Bases(MigrationScope.Shared).IsEmpty;
        string[] schemas = [.. tenants.Select(static target => target.Schema)];
        (var facts, var fleet, opened) = await session.OpenAsync(request.Direction, request.Scope, schemas, isSharedAsked ? RunSchemas : null, cancellation);
        atOnce = (await choice.Limits).Share(tenants.Length);
        durability.Begin(session.Address, facts.Life);
        var preparation = new RunPreparation(project, connector, request, log, session, durability);
        var context = await preparation.PrepareAsync(preparation.FindPlans(tenants, fleet), fleet, cancellation);
        var hooks = new RunHooks(context, shared);
        if (await hooks.RunBeforeAsync(fleet.Shared, cancellation))
        {
            // It may take minutes, in which others make, move and drop tenants; and it may do so itself.
            (_, fleet, opened) = await session.ReopenAsync(request.Direction, request.Scope, schemas, isSharedAsked ? RunSchemas : null, cancellation);
            context = await preparation.PrepareAsync(preparation.FindPlans(tenants, fleet), fleet, cancellation);
        }

        found = context.Found;
        await foreach (var result in RunRoundsAsync(context, fleet, cancellation))
        {
            yield return result;
        }

        if (await hooks.RunAfterAsync(sharedState ?? fleet.Shared, cancellation) is { } failed)
        {
            yield return gate.End(new(shared), failed);
        }
    }

    private async IAsyncEnumerable<MigrationResult> RunRoundsAsync(RunContext context, FleetState fleet, [EnumeratorCancellation] CancellationToken cancellation)
    {
        sharedState = fleet.Shared;
        var remaining = scopes.Tenants ? tenants : [];
        MigrationResult? sharedResult = null;
        for (var isFirst = true; ; isFirst = false)
        {
            var sharedMoved = false;
            if (scopes.Shared && ScopeTargets.HasShared(session.Graph, sharedState))
            {
                var before = sharedState.Heads;
                (var result, sharedState) = await RunSharedAsync(context, sharedState, cancellation);
                sharedResult = Join(sharedResult, result);
                sharedMoved = !before.SequenceEqual(sharedState.Heads);
                if (result.Failure is not null)
                {
                    yield return sharedResult;
                    foreach (var target in remaining)
                    {
                        var failure = sharedRefusal?.Of(target) ?? SharedFailed(target, result.Failure);
                        yield return NotReached(target, fleet[target.Schema].Heads, failure, held.TryGetValue(target, out var earlier) ? earlier.Result : null);
                    }

                    yield break;
                }
            }

            // A second round without news from the shared schema would end as the first did.
            if (!isFirst && !sharedMoved)
            {
                break;
            }

            var planner = TenantPlanner(sharedState);
            var former = held.ToDictionary();
            (MigrationResult? Result, SchemaState State) Earlier(SchemaTarget target) => former.TryGetValue(target, out var earlier) ? earlier : (null, fleet[target.Schema]);
            async Task<Planner> ReplanAsync(CancellationToken token) => planner = TenantPlanner((await session.ReadAsync([], token)).Shared);
            List<SchemaTarget> waiting = [];
            var tenantsMoved = false;
            List<SchemaTarget> round = [];
            List<(SchemaTarget Target, Plan Plan)> there = [];
            foreach (var target in remaining)
            {
                // One at a time keeps the order of the tenants.
                if ((atOnce > 1 || round.Count == 0) && PlanOfNothing(Earlier(target), planner) is { } nothing)
                {
                    there.Add((target, nothing));
                }
                else
                {
                    round.Add(target);
                }
            }

            if (round.Count == 0 && !context.HasWork)
            {
                await NothingToDo();
            }

            // The work begins at once, however slowly the others' results are taken.
            var ended = there.Select(one => (one.Target, one.Plan.From, EndAtOnce(one.Target, one.Plan), (SchemaMigrator?)null));
            if (sharedResult is { Status: not (MigrationStatus.UpToDate or MigrationStatus.WaitingForTenants) })
            {
                // No round comes after this one. Before the tenants', as it came before them; and none of their work waits until it is taken.
                ended = ended.Prepend((shared, [], sharedResult, null));
            }

            await foreach (var (target, heads, result, migrator) in ParallelWork.RunAsync(round, atOnce, MigrateAsync, ended, cancellation))
            {
                if (target == shared)
                {
                    sharedResult = null;
                    yield return result;
                    continue;
                }

                tenantsMoved |= !heads.SequenceEqual(result.To);
                if (result.Failure is null && migrator is { Waiting.IsEmpty: false })
                {
                    held[target] = (result, migrator.State!);
                    waiting.Add(target);
                    continue;
                }

                held.Remove(target);
                done++;
                yield return result;
            }

            async Task<(SchemaTarget Target, ImmutableArray<string> Before, MigrationResult Result, SchemaMigrator? Migrator)> MigrateAsync(
                SchemaTarget target, Turn turn, CancellationToken token)
            {
                var (earlier, state) = Earlier(target);
                var start = new StartQuestion(target, TryPlan(planner, state), Held);
                if (await gate.AskAsync(start, token) is { } refusal)
                {
                    return (target, state.Heads, NotReached(target, state.Heads, refusal.Of(target), earlier), null);
                }

                log.Progress(new(place, done, tenants.Length, target.Name));
                var migrator = new SchemaMigrator(context, target, planner, session, ReplanAsync, (plan, asked) => gate.AskAsync(start with { Plan = plan }, asked), earlier is not null && IsMoved(earlier));
                var result = await migrator.RunAsync(state, turn, token);
                return (target, state.Heads, Join(earlier, gate.End(migrator.HasWaited ? start with { Plan = null } : start, result)), migrator);
            }

            remaining = [.. waiting];
            if (!tenantsMoved || sharedResult?.Status != MigrationStatus.WaitingForTenants)
            {
                break;
            }
        }

        log.Progress(new(place, tenants.Length, tenants.Length, null));
        if (sharedResult is not null && (sharedResult.Status != MigrationStatus.UpToDate || !scopes.Tenants))
        {
            yield return sharedResult;
        }

        foreach (var (result, _) in held.Values)
        {
            yield return result! with { Failure = WaitsForShared(result) };
        }
    }

    // The plan of a tenant that is where it is to be; null for any other.
    private static Plan? PlanOfNothing((MigrationResult? Result, SchemaState State) earlier, Planner planner) =>
        earlier.Result is null && TryPlan(planner, earlier.State) is { Transactions.IsEmpty: true, Waiting.IsEmpty: true } plan ? plan : null;

    // What such a tenant ends with, which costs no more than that.
    private MigrationResult EndAtOnce(SchemaTarget target, Plan plan)
    {
        if (done % ProgressEach == 0)
        {
            log.Progress(new(place, done, tenants.Length, target.Name));
        }

        using var span = Telemetry.StartTenant(target.Traced);
        var result = gate.End(new(target, plan), Result(target, plan.From, MigrationStatus.UpToDate, failure: null));
        span.End(result);
        return result;
    }

    private async Task<(MigrationResult Result, SchemaState State)> RunSharedAsync(RunContext context, SchemaState state, CancellationToken cancellation)
    {
        var registered = Interlocked.Exchange(ref opened, null) ?? await session.ReadRegisteredAsync(RunSchemas, cancellation);
        var planner = Plan();
        var start = new StartQuestion(shared, TryPlan(planner, state), Held);
        if (await gate.AskAsync(start, cancellation) is { } refusal)
        {
            sharedRefusal = refusal;
            return (NotReached(shared, state.Heads, refusal.Of(shared)), state);
        }

        Planner Plan() => new(project, session.Graph, request, MigrationScope.Shared, registered.State(request.Direction), scopes.SharedTargets);
        var migrator = new SchemaMigrator(context, shared, planner, session, async token =>
        {
            registered = await session.ReadRegisteredAsync(RunSchemas, token);
            return Plan();
        }, async (plan, asked) => sharedRefusal = await gate.AskAsync(start with { Plan = plan }, asked));
        var result = gate.End(start, await migrator.RunAsync(state, new(places: null), cancellation));
        if (result.Failure is null && migrator.Waiting is [{ } waiting, ..])
        {
            var step = $"{waiting.Manifest.Revision} waits for {string.Join(", ", waiting.OtherScope)} of {registered.DescribeLacking(waiting.OtherScope)}";
            log.Verbose($"{shared}: {step}.");
            sharedWaits = step;
            result = result with { Step = step };
        }

        return (result, migrator.State!);
    }

    // Of the run's tenants, those that shared revisions wait for whether they are registered or not.
    private string[] RunSchemas => [.. !scopes.Tenants ? [] : request.RunSchemas is { } run ? run[session.Address] : tenants.Select(static target => target.Schema)];

    private Planner TenantPlanner(SchemaState sharedState) => new(project, session.Graph, request, MigrationScope.Tenant, SharedHeads.State(session.Graph, sharedState.Heads, sharedState.Stages));

    /// <summary>True where something was changed.</summary>
    /// <param name="result">What a schema ended with.</param>
    internal static bool IsMoved(MigrationResult result) => result.Revisions.Length + result.MarkedApplied.Length > 0;

    /// <summary>One result of two parts of a run on the same schema.</summary>
    /// <param name="before">The first; null for none.</param>
    /// <param name="after">The second.</param>
    internal static MigrationResult Join(MigrationResult? before, MigrationResult after) => before is null
        ? after
        : after with
        {
            Revisions = [.. before.Revisions, .. after.Revisions],
            MarkedApplied = [.. before.MarkedApplied, .. after.MarkedApplied],
            Flush = after.Flush ?? before.Flush,
            From = before.From,
            Started = before.Started,
            Seconds = before.Seconds + after.Seconds,
            Status = after.Status is not (MigrationStatus.UpToDate or MigrationStatus.TakenElsewhere) ? after.Status
                : IsMoved(before) ? MigrationStatus.Migrated
                : before.Status == MigrationStatus.TakenElsewhere ? before.Status
                : after.Status,
            Step = after.Step ?? (before.Status == MigrationStatus.TakenElsewhere ? before.Step : null),
            TakenBy = after.TakenBy ?? before.TakenBy,
        };

    private void Held(string reason) => log.Progress(new(place, done, tenants.Length, $"waits: {reason}"));

    // What cannot be planned for is started all the same: it fails at once and says why.
    private static Plan? TryPlan(Planner planner, SchemaState state)
    {
        try
        {
            return planner.PlanFor(state);
        }
        catch (TenancyException)
        {
            return null;
        }
    }

    private MigrationResult NotReached(SchemaTarget target, ImmutableArray<string> heads, MigrationFailure failure, MigrationResult? earlier = null) =>
        earlier is null ? Result(target, heads, MigrationStatus.Incomplete, failure) : earlier with { Status = MigrationStatus.Incomplete, Failure = failure };

    // Of a schema that was left as it is.
    private MigrationResult Result(SchemaTarget target, ImmutableArray<string> heads, string status, MigrationFailure? failure) => new()
    {
        Name = target.Name,
        Schema = target.Schema,
        Database = target.Address.Database,
        Server = server,
        Scope = target.ScopeName,
        Direction = request.Direction == RevisionDirection.Up ? "up" : "down",
        From = [.. heads],
        To = [.. heads],
        Status = status,
        Failure = failure,
        Started = DateTime.UtcNow,
        RunId = request.RunId,
        Flush = found,
        Labels = target.Labels,
    };

    private static MigrationFailure SharedFailed(SchemaTarget target, MigrationFailure cause) => new()
    {
        ErrorId = "SharedFailed",
        Message = $"{target} was not reached: {SharedCause(target, cause)}",
        Cause = SharedCause(target, cause),
        RecommendedAction = "Mend the shared revision and run again.",
    };

    private static string SharedCause(SchemaTarget target, MigrationFailure cause) => $"the shared schema of {target.Address} failed first: {cause.Message}";

    private MigrationFailure WaitsForShared(MigrationResult result) => new()
    {
        ErrorId = "WaitsForShared",
        Message = $"tenant '{result.Name}' stands at {(result.To.Length == 0 ? "base" : string.Join(", ", result.To))}: its next revision depends on a shared one that is not applied in {session.Address}{(sharedWaits is null ? "" : $": {sharedWaits}")}.",
        Cause = $"a shared revision that theirs depend on is not applied in {session.Address}{(sharedWaits is null ? "" : $": {sharedWaits}")}.",
        RecommendedAction = sharedWaits is null
            ? "Run without -Scope Tenant, or bring the shared schema there first."
            : "Bring the tenants named to where the shared revision needs them; end one that is gone with Remove-Tenant.",
    };
}
