using Tenancy.Core.Execution.Reports;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Rollouts;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core;

/// <content>Going on with a run that was stopped.</content>
public sealed partial class Fleet
{
    // Of databases in an error: a fleet may have thousands.
    private const int MostNamed = 5;

    /// <summary>Finds a run that was stopped, in the default database or in those of the project's tenants, and makes sure that it can be gone on with.</summary>
    /// <param name="run">Its id, as its results have it.</param>
    /// <param name="direction">Which way it is expected to go.</param>
    /// <param name="arguments">Arguments that were not kept: the secret ones.</param>
    /// <param name="rollout">The rollout as it is now, where its limits, soak and queries are to count; null for what was kept.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>What <see cref="MigrateAsync"/> or <see cref="PlanAsync"/> takes.</returns>
    /// <exception cref="TenancyException"><c>RunNotFound</c>, <c>RunNotResumable</c>, or <c>RunChanged</c>: its manifests, arguments or rings are not those that it began with.</exception>
    public async Task<StoppedRun> FindRunAsync(Guid run, RevisionDirection direction, IReadOnlyDictionary<string, string> arguments, Rollout? rollout = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var (document, home) = await FindDocumentAsync(run, cancellation);
        var kept = Enum.Parse<RevisionDirection>(document.Direction, ignoreCase: true);
        if (kept != direction)
        {
            throw new TenancyException("RunNotResumable", $"Run {run} goes {document.Direction}.", $"Go on with {(kept == RevisionDirection.Up ? "Invoke" : "Undo")}-TenantMigration -Resume {run}.");
        }

        var request = new MigrationRequest
        {
            Direction = direction,
            To = document.Target,
            Scope = document.Scope is { } scope ? Enum.Parse<MigrationScope>(scope) : null,
            Transaction = Enum.Parse<TransactionMode>(document.Transaction),
            RunId = run,
            Arguments = Merge(run, document.Arguments, arguments),
            Home = home,
            IsKept = false,
        };
        if (request.IsCounted)
        {
            throw new TenancyException(
                "RunNotResumable", $"Run {run} counts revisions from where each tenant is ({document.Target}), so tenants that are done would go further.", "Pipe the results that are not Migrated back in, or name the revision with -To.");
        }

        if (RunManifests.Difference(document.Manifests, RunManifests.Of(request, Revisions)) is { } difference)
        {
            throw new TenancyException("RunChanged", $"The manifests are not those that run {run} began with: {difference}.", "Deploy the manifests as they were to end that run; or begin a new one, which goes through all rings.");
        }

        var tenants = document.Tenants(home.Server);
        var before = document.Rollout is { } text ? RolloutReader.Parse(text, "rollout.yaml") : document.RingLabel is { } label ? Rollout.OfLabel(label, tenants) : null;
        if (rollout is not null && Differs(before, rollout) is { } changed)
        {
            throw new TenancyException("RunChanged", $"The rollout is not that which run {run} began with: {changed}.", "Limits, soak and queries may be changed, but not who is in which ring. Put that back, or begin a new run.");
        }

        // Ring by ring: they are the same.
        var now = rollout is null ? before : rollout with { Rings = [.. rollout.Rings.Zip(before!.Rings, static (ring, was) => ring with { HasNewSoak = ring.Soak != was.Soak })] };
        var (present, removed) = await FollowAsync(tenants, cancellation);
        return new(request with { Rollout = now }, present, removed);
    }

    // In a rollout of days tenants are renamed and removed. What was dropped by hand stays: that it is missing is to be told.
    private async Task<(List<Tenant> Present, List<Tenant> Removed)> FollowAsync(List<Tenant> tenants, CancellationToken cancellation)
    {
        var (databases, faults) = Group(tenants, new());
        List<Tenant> present = [.. faults.Select(static fault => fault.Tenant)];
        List<Tenant> removed = [];
        await foreach (var (address, members) in InTurnAsync(databases))
        {
            Dictionary<string, string?> moved = [];
            try
            {
                moved = await RunStore.FindMovedAsync(Project, connector, address, [.. members.Select(static tenant => tenant.Schema)], cancellation);
            }
            catch (TenancyException)
            {
                // A database that cannot be read is the run's to tell of.
            }

            foreach (var tenant in members)
            {
                var isMoved = moved.TryGetValue(tenant.Schema, out var now);
                (isMoved && now is null ? removed : present).Add(tenant with { Schema = now ?? tenant.Schema });
            }
        }

        return (present, removed);
    }

    /// <summary>The runs that were stopped and can be gone on with as the project is now: kept in the default database, begun with the manifests of now, and with tenants that they have not reached. Newest first.</summary>
    /// <param name="since">Only what started at this time or later, UTC; null for all.</param>
    /// <param name="last">Only so many, the newest; null for all.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException">A database cannot be read.</exception>
    public async Task<IReadOnlyList<TenantRun>> GetResumableRunsAsync(DateTime? since, int? last, CancellationToken cancellation = default)
    {
        List<TenantRun> found = [];
        var runs = await GetRunsAsync(since, null, cancellation);
        var fitting = runs.Count == 0 ? [] : await RunStore.FindFittingAsync(Project, connector, RunManifests.All(Revisions), cancellation);
        foreach (var run in runs.Where(run => fitting.Contains(run.RunId)))
        {
            if (found.Count == last)
            {
                break;
            }

            if (await HasUnreachedAsync(run, cancellation))
            {
                found.Add(run);
            }
        }

        return found;
    }

    private async Task<bool> HasUnreachedAsync(TenantRun run, CancellationToken cancellation)
    {
        StoppedRun stopped;
        try
        {
            stopped = await FindRunAsync(run.RunId, Enum.Parse<RevisionDirection>(run.Direction, ignoreCase: true), new Dictionary<string, string>(), null, cancellation);
        }
        catch (TenancyException error) when (error.ErrorId is "RunChanged" or "RunNotResumable")
        {
            return false;
        }

        var (databases, _) = Group(stopped.Tenants, stopped.Request);
        foreach (var (address, tenants) in databases)
        {
            try
            {
                if (await HasUnreachedAsync(stopped.Request, address, tenants, cancellation))
                {
                    return true;
                }
            }
            catch (TenancyException) when (databases.Count > 1)
            {
                // Nobody could go on there: a database that cannot be read is the next run's to tell of.
            }
            finally
            {
                await LeaveAsync(address, databases.Count);
            }
        }

        return false;
    }

    // A tenant that failed in the run was reached, and so was one on which the run did what is pending again, or another has undone something since: that is somebody's later decision, of a tenant that had nothing to do in
    // this run too. One whose argument is secret can be planned for only when that is given again.
    private async Task<bool> HasUnreachedAsync(MigrationRequest request, DatabaseAddress address, List<Tenant> tenants, CancellationToken cancellation)
    {
        List<(string Scope, string Schema, string? Revision)> pending = [];
        await foreach (var plan in new PlanPreview(Project, Revisions, connector, request, address).ReadAsync(tenants, cancellation))
        {
            if (plan.Failure is { ErrorId: "MissingArgument" } || (plan.Failure is null && plan.Revisions.Length > 0))
            {
                pending.Add((plan.Scope, plan.Schema, plan.Revisions.FirstOrDefault()));
            }
        }

        if (pending.Count == 0)
        {
            return false;
        }

        var history = new HistoryReport(Project, connector, address);
        var did = (await history.ReadAsync(null, new() { RunId = request.RunId }, cancellation)).ToLookup(static entry => (entry.Scope, entry.Schema));
        var turned = await history.ReadTurnedAsync(request.RunId, request.Direction, cancellation);
        return pending.Exists(schema => !turned.Contains((schema.Scope, schema.Schema)) && !did[(schema.Scope, schema.Schema)].Any(entry => entry.Outcome == "failed" || (entry is { Outcome: "done", Step: null } && (schema.Revision ?? entry.Revision) == entry.Revision)));
    }

    private async Task<(RunDocument Document, DatabaseAddress Home)> FindDocumentAsync(Guid run, CancellationToken cancellation)
    {
        HashSet<DatabaseAddress> asked = [connector.Default];
        List<string> silent = [];
        if (await new RunStore(Project, connector, connector.Default, run).FindAsync(cancellation) is { } here)
        {
            return (here, connector.Default);
        }

        await foreach (var finding in GetTenantsAsync(null, cancellation))
        {
            if (finding.Error is null && connector.Locate(finding.Tenant) is var address && asked.Add(address) && await LookAsync(address) is { } there)
            {
                return (there, address);
            }
        }

        throw new TenancyException(
            "RunNotFound",
            $"Run {run} of fleet '{Project.Fleet}' is not kept in {(asked.Count > MostNamed ? $"any of {asked.Count} databases, the first of which are {string.Join(", ", asked.Take(MostNamed))}" : string.Join(", nor in ", asked))}.{string.Concat(silent.Take(MostNamed).Select(static error => " " + error))}",
            "Connect to one of its databases: a run is kept in the first that had something to do. One transaction of all tenants is not kept: run it again.");

        // Of a fleet with a database a tenant none keeps its connection; and one that does not answer does not hide what another has.
        async Task<RunDocument?> LookAsync(DatabaseAddress address)
        {
            try
            {
                return await new RunStore(Project, connector, address, run).FindAsync(cancellation);
            }
            catch (TenancyException error)
            {
                silent.Add(error.Message);
                return null;
            }
            finally
            {
                await connector.ReleaseAsync(address);
            }
        }
    }

    private static Dictionary<string, string> Merge(Guid run, Dictionary<string, string> kept, IReadOnlyDictionary<string, string> given) =>
        given.FirstOrDefault(argument => kept.TryGetValue(argument.Key, out var value) && value != argument.Value) is { Key: { } key }
            ? throw new TenancyException("RunChanged", $"Run {run} began with another value of argument '{key}'.", "Leave the argument out: the run has kept it.")
            : kept.Concat(given.Where(argument => !kept.ContainsKey(argument.Key))).ToDictionary();

    private static string? Differs(Rollout? before, Rollout now)
    {
        if (before is null)
        {
            return "it had none";
        }

        string[] Describe(Rollout rollout) => [.. rollout.Rings.Select(static ring => $"ring '{ring.Name}' takes {(ring.Match is { } match ? match.ToString() : "all others")}")];
        var (old, current) = (Describe(before), Describe(now));
        return old.Zip(current).FirstOrDefault(static pair => pair.First != pair.Second) is { First: { } was, Second: var became } ? $"{became}, and {was.Replace("takes", "took", StringComparison.Ordinal)}"
            : old.Length != current.Length ? $"it has {current.Length} rings, and had {old.Length}"
            : before.SharedRing != now.SharedRing ? $"shared revisions run with ring '{now.SharedRing ?? now.Rings[0].Name}', and ran with '{before.SharedRing ?? before.Rings[0].Name}'"
            : null;
    }
}
