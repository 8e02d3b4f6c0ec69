using System.Runtime.CompilerServices;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Execution.Waiting;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Policies;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Rollouts;

/// <summary>
/// A run in rings: each is a run over its tenants, and the next begins when it is done, has soaked and is verified. Where a ring is not, the tenants of those behind it are not
/// reached. How far it is, is kept in one of its databases.
/// </summary>
internal sealed class RolloutRun
{
    private readonly MigrationRequest request;
    private readonly StartGate gate;
    private readonly RingLog log;
    private readonly DatabaseAddress home;
    private readonly SchemaTarget homeSchema;
    private readonly RingEnd ringEnd;
    private readonly RunStore store;
    private readonly IReadOnlyList<(DatabaseAddress Address, List<Tenant> Tenants)> databases;
    private readonly DatabaseSession session;
    private readonly RunDocument document;
    private readonly RingFailures ringFailures;
    private readonly HeldResults held = new();

    /// <summary>A run in rings.</summary>
    /// <param name="project">The project.</param>
    /// <param name="graph">Its revisions.</param>
    /// <param name="connector">Opens connections.</param>
    /// <param name="request">What to do, with its rollout.</param>
    /// <param name="gate">The limits of the run as a whole.</param>
    /// <param name="log">Takes what the run says.</param>
    /// <param name="databases">Its tenants; at least one.</param>
    /// <param name="faults">What cannot be a tenant.</param>
    public RolloutRun(
        TenancyProject project, RevisionGraph graph, DatabaseConnector connector, MigrationRequest request, StartGate gate, IRunLog log, IReadOnlyList<(DatabaseAddress Address, List<Tenant> Tenants)> databases,
        IReadOnlyList<TenantFinding> faults)
    {
        this.request = request;
        this.gate = gate;
        this.log = new(log, databases);
        this.databases = databases;
        if (!ScopeTargets.Of(request, graph).Tenants)
        {
            throw new TenancyException("InvalidPolicy", "Rings are groups of tenants, and the shared schema alone is to be migrated.", "Leave out the rollout.");
        }

        home = request.Home ?? databases.Select(static database => database.Address).FirstOrDefault(address => address == connector.Default, databases[0].Address);
        homeSchema = SchemaTarget.Shared(project.SharedSchema, home);
        project = project with { Retries = request.RetriesIn(project) };
        session = new(project, graph, connector, home) { Log = log };
        var retries = new RetryPolicy(connector, project.Retries, log, request.Until);
        store = new(project, connector, home, request.RunId) { Retries = retries };
        ringEnd = new(store, new(project, connector, retries), request, this.log);
        document = RunDocument.Of(request, graph, databases, faults, home.Server);
        ringFailures = new(request, faults, home);
    }

    /// <summary>Runs. One result a tenant, and one for each shared schema where something happened.</summary>
    /// <param name="migrate">Runs over the tenants of one ring.</param>
    /// <param name="cancellation">Cancels what is running.</param>
    /// <exception cref="TenancyException">The run cannot be kept; or <c>RingNotVerified</c> for the last ring, when every tenant has its result.</exception>
    public async IAsyncEnumerable<MigrationResult> RunAsync(
        Func<List<(DatabaseAddress Address, List<Tenant> Tenants)>, MigrationRequest, StartGate, IRunLog, IAsyncEnumerable<MigrationResult>> migrate, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var rollout = request.Rollout!;
        var rings = RingTenants.Of(rollout, databases);
        var sharedFrom = 1 + rollout.Rings.IndexOf(rollout.Rings.FirstOrDefault(ring => ring.Name == rollout.SharedRing, rollout.Rings[0]));
        var schemas = databases.SelectMany(static database => database.Tenants.Select(tenant => (database.Address, tenant.Schema))).ToLookup(static pair => pair.Address, static pair => pair.Schema);
        // Shared revisions run with their ring, or with the next that has tenants, in every database: also where all tenants are in earlier rings.
        var sharedPart = sharedFrom == 1 || request.Direction == RevisionDirection.Down ? null : rings.Find(part => part.Number >= sharedFrom);
        var later = rings.Where(part => part.Number >= sharedFrom).SelectMany(static part => part.Databases).Select(static database => database.Address).ToHashSet();
        var alone = databases.Where(database => !later.Contains(database.Address)).Select(static database => (database.Address, new List<Tenant>()));
        StartRefusal? stopped = null;
        StartRefusal? unheard = null;
        RingTenants? last = null;
        foreach (var part in rings)
        {
            stopped ??= ringFailures.FindBefore(part.Number) ?? await gate.AskAsync(new(homeSchema, null, Held), cancellation);
            (var before, stopped) = stopped is null ? await BeginAsync(part, part == rings[0], cancellation) : (null, stopped);
            if (before is null)
            {
                foreach (var (address, tenants) in part.Databases)
                {
                    foreach (var tenant in tenants)
                    {
                        yield return Fleet.NotReached(tenant, address, request, stopped!.Of($"tenant '{tenant.Name}'")) with { Ring = part.Ring.Name };
                    }
                }

                continue;
            }

            log.Verbose($"Ring '{part.Ring.Name}', {part.Count} tenant{(part.Count == 1 ? "" : "s")}: {(before.IsEnded ? "was done before" : before.IsBegun ? "goes on" : "begins")}.");
            var failures = ringFailures.Of(part.Number, part.Count);
            var own = request with
            {
                Rollout = null,
                RunSchemas = schemas,
                ThrottleLimit = part.Ring.Parallel ?? request.ThrottleLimit,
                Scope = request.Scope ?? (request.Direction == RevisionDirection.Up && part.Number < sharedFrom ? MigrationScope.Tenant : null),
            };
            last = part;
            var isChanged = before.IsBegun;
            MigrationFailure? unreached = null;
            StartRefusal? broken = null;
            await using var results = migrate(held.Join([.. part.Databases, .. part == sharedPart ? alone : []]), own, gate.With(failures), log).GetAsyncEnumerator(cancellation);
            while (true)
            {
                try
                {
                    if (!await results.MoveNextAsync())
                    {
                        break;
                    }
                }
                catch (TenancyException error)
                {
                    // Of the ring as a whole; the tenants behind it have their results all the same.
                    broken = new(error.ErrorId, $"ring '{part.Ring.Name}' is not done: {error.Message.TrimEnd('.')}", error.RecommendedAction ?? $"Go on with -Resume {request.RunId}.");
                    break;
                }

                var result = held.Complete(results.Current, part.Ring.Name);
                isChanged |= DatabaseRun.IsMoved(result);
                if (held.Hold(result))
                {
                    continue;
                }

                unreached ??= result.Status == MigrationStatus.Incomplete ? result.Failure : null;
                yield return result;
            }

            log.End(part);
            unheard = broken;
            stopped = broken ?? failures.Refusal
                ?? (unreached is null ? null : new StartRefusal(unreached.ErrorId, $"ring '{part.Ring.Name}' is not done: {unreached.Message.TrimEnd('.')}", unreached.RecommendedAction ?? "Run again."))
                ?? (unheard = await EndAsync(part, before, isChanged, isLast: part == rings[^1], cancellation));
        }

        foreach (var result in held.All)
        {
            // What it waits for was not reached either.
            yield return stopped is null || request.Scope is not null || result.Failure is not { } failure
                ? result
                : result with { Failure = failure with { Message = $"{failure.Message.TrimEnd('.')}: {stopped.Reason}.", Cause = $"{stopped.Reason}.", RecommendedAction = stopped.RecommendedAction } };
        }

        // No tenant behind it is left to say so.
        if (unheard is not null && last == rings[^1])
        {
            throw new TenancyException(unheard.ErrorId, $"Every tenant has its result, but {unheard.Reason}.", unheard.RecommendedAction);
        }
    }

    // Before the first ring nothing was done: what keeps it from beginning is the run's error. Later every tenant has its result.
    private async Task<(RingProgress? Before, StartRefusal? Refusal)> BeginAsync(RingTenants part, bool isFirst, CancellationToken cancellation)
    {
        try
        {
            if (isFirst)
            {
                await session.PrepareAsync(cancellation);
                await store.KeepAsync(document, cancellation);
            }

            return (await store.BeginAsync(part.Number, part.Ring.Name, cancellation), null);
        }
        catch (TenancyException error) when (!isFirst)
        {
            return (null, NotKept(part, error));
        }
    }

    private async Task<StartRefusal?> EndAsync(RingTenants part, RingProgress before, bool isChanged, bool isLast, CancellationToken cancellation)
    {
        try
        {
            return await ringEnd.AwaitAsync(part, before, isChanged, isLast, cancellation);
        }
        catch (TenancyException error)
        {
            return NotKept(part, error);
        }
    }

    private StartRefusal NotKept(RingTenants part, TenancyException error) =>
        new(error.ErrorId, $"how far ring '{part.Ring.Name}' is could not be kept: {error.Message.TrimEnd('.')}", $"Go on with -Resume {request.RunId}.");

    private void Held(string reason) => log.Wait(home, $"waits: {reason}");
}
