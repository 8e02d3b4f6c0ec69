using System.Collections.Concurrent;
using System.Collections.Immutable;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Tenancy.Model;

namespace Tenancy.Core.Planning;

/// <summary>Makes plans from states, without I/O. Schemas in one state share one plan.</summary>
internal sealed class Planner
{
    private readonly TenancyProject project;
    private readonly RevisionGraph graph;
    private readonly MigrationRequest request;
    private readonly MigrationScope scope;
    private readonly IReadOnlySet<string> otherScope;
    private readonly IReadOnlyCollection<string>? targets;
    private readonly ConcurrentDictionary<string, Plan> plans = new(StringComparer.Ordinal);

    /// <summary>A planner for the schemas of one scope of one database.</summary>
    /// <param name="project">The project.</param>
    /// <param name="graph">Its revisions.</param>
    /// <param name="request">What the run is asked to do.</param>
    /// <param name="scope">The scope.</param>
    /// <param name="otherScope">Revisions of the other scope: on the way up those that all its schemas have, on the way down those that any has.</param>
    /// <param name="targets">Revisions to go up to instead of what the request says: what the other scope's target needs here; null for the request's.</param>
    public Planner(
        TenancyProject project, RevisionGraph graph, MigrationRequest request, MigrationScope scope, IReadOnlySet<string> otherScope, IReadOnlyCollection<string>? targets = null)
    {
        this.targets = targets;
        this.project = project;
        this.graph = graph;
        this.request = request;
        this.scope = scope;
        this.otherScope = otherScope;
    }

    /// <summary>What a schema needs.</summary>
    /// <param name="state">Where it is.</param>
    /// <exception cref="TenancyException">It cannot be migrated as it is: missing or recreated schema, unknown or changed revision, in progress the other way, ambiguous target.</exception>
    public Plan PlanFor(SchemaState state)
    {
        StateChecks.EnsureUsable(state);
        return plans.GetOrAdd(state.PlanKey, static (_, arguments) => arguments.Planner.Make(arguments.State), (Planner: this, State: state));
    }

    private Plan Make(SchemaState state)
    {
        var path = request.Direction == RevisionDirection.Up ? PathUp(state) : PathDown(state);
        RefuseUnsupported(path);
        var (ready, waiting) = Divide(path);
        var done = state.Stages.IsEmpty ? 0 : state.Stages.Count(static mark => mark.IsDone);
        var stages = ready.Select((step, index) => StageSplitter.Split(step, project.Timeouts)[(index == 0 ? done : 0)..]);
        var transactions = StageSplitter.Join(stages, request.Transaction);
        return new()
        {
            Scope = scope,
            Direction = request.Direction,
            From = state.Heads,
            To = transactions.Aggregate(state.Heads, static (heads, transaction) => transaction.HeadsAfter(heads)),
            Revisions = ready,
            Transactions = transactions,
            Waiting = waiting,
        };
    }

    private ImmutableArray<RevisionStep> PathUp(SchemaState state)
    {
        var identifier = request.Steps is { } steps ? "+" + steps.ToString(System.Globalization.CultureInfo.InvariantCulture) : request.To ?? "head";
        if (state.Stages is not [{ } mark, ..])
        {
            return PathTo(identifier, state.Heads);
        }

        // The revision that is in progress comes first: it could not be begun before all that it needs was there.
        EnsureContinues(state, mark);
        var first = graph.UpgradePath(scope, state.Heads, [mark.Revision]);
        ImmutableArray<string> heads = [.. state.Heads.Except(first[0].Heads.Remove).Concat(first[0].Heads.Add).Order(StringComparer.Ordinal)];
        return request.Steps is 1
            ? first
            : first.AddRange(PathTo(Less(identifier), heads));
    }

    private ImmutableArray<RevisionStep> PathTo(string identifier, ImmutableArray<string> heads) => targets is null
        ? graph.UpgradePath(heads, graph.Resolve(identifier, scope, heads, RevisionDirection.Up))
        : graph.UpgradePath(scope, heads, targets);

    private ImmutableArray<RevisionStep> PathDown(SchemaState state)
    {
        var identifier = request.Steps is { } steps ? "-" + steps.ToString(System.Globalization.CultureInfo.InvariantCulture) : request.To
            ?? throw new TenancyException("NoTarget", "An undo needs to be told how far.", "Give -To a revision (or 'base'), or -Steps.");
        var path = graph.DowngradePath(state.Heads, graph.Resolve(identifier, scope, state.Heads, RevisionDirection.Down));
        if (state.Stages is [{ } mark, ..])
        {
            EnsureContinues(state, mark);
            if (path is not [{ } step, ..] || step.Manifest.Revision != mark.Revision)
            {
                throw InProgress(state, mark, "Undo to where it was undone to before, so that it can go on.");
            }
        }

        if (path.FirstOrDefault(static step => step.Manifest.Irreversible is not null) is { } irreversible)
        {
            throw new TenancyException(
                "Irreversible",
                $"Revision {irreversible.Manifest.Revision} ({irreversible.Manifest.Path}) cannot be undone: {irreversible.Manifest.Irreversible}.",
                "Undo to a revision after it, or write its 'down'.");
        }

        return path;
    }

    // +n counts the revision in progress; any other identifier means the same from everywhere.
    private string Less(string identifier) => request.Steps is { } steps ? "+" + (steps - 1).ToString(System.Globalization.CultureInfo.InvariantCulture) : identifier;

    private void EnsureContinues(SchemaState state, StageMark mark)
    {
        if (mark.Direction != request.Direction)
        {
            throw InProgress(state, mark, mark.Direction == RevisionDirection.Up ? "Finish it with Invoke-TenantMigration first." : "Finish it with Undo-TenantMigration first.");
        }

        var manifest = graph.Find(mark.Revision)?.Manifest
            ?? throw new TenancyException("UnknownRevision", $"{state.Schema} is in the middle of revision {mark.Revision}, which no manifest has.", "Deploy the manifests that it was begun with.");
        if (manifest.Checksum != mark.Checksum)
        {
            throw new TenancyException("ChecksumMismatch", $"{manifest.Path} has changed since {state.Schema} began revision {mark.Revision}, and cannot be finished with other steps.", "Put back the manifest as it was begun and finish it; or do by hand what is left of it, and record that with Set-TenantRevision.");
        }
    }

    private (ImmutableArray<RevisionStep> Ready, ImmutableArray<RevisionStep> Waiting) Divide(ImmutableArray<RevisionStep> path)
    {
        if (request.Direction == RevisionDirection.Up)
        {
            var ready = path.TakeWhile(step => step.OtherScope.All(otherScope.Contains)).Count();
            return (path[..ready], path[ready..]);
        }

        if (path.FirstOrDefault(step => step.OtherScope.Any(otherScope.Contains)) is { } needed)
        {
            var dependents = string.Join(", ", needed.OtherScope.Where(otherScope.Contains));
            throw new TenancyException(
                "DependedOn",
                $"Revision {needed.Manifest.Revision} cannot be undone: {(scope == MigrationScope.Tenant ? "the shared schema" : "a registered tenant")} has {dependents}, which depends on it.",
                scope == MigrationScope.Tenant ? $"Undo {dependents} first, with -Scope Shared." : $"Undo {dependents} on every tenant first.");
        }

        return (path, []);
    }

    // Read, so that manifests can be checked, but not carried out yet: running the revision regardless would be worse than refusing it.
    private static void RefuseUnsupported(ImmutableArray<RevisionStep> path)
    {
        foreach (var manifest in path.Select(static step => step.Manifest))
        {
            if (manifest.Requires.FirstOrDefault(static requirement => requirement.OnFail is "skip" or "mark_applied") is { } requirement)
            {
                throw new TenancyException("NotSupported", $"{manifest.Path} has a requirement with on_fail: {requirement.OnFail}, which this version cannot carry out.", "Use on_fail: fail or warn.");
            }
        }
    }

    private static TenancyException InProgress(SchemaState state, StageMark mark, string action) => new(
        "InProgress",
        $"{state.Schema} is in the middle of revision {mark.Revision} ({(mark.Direction == RevisionDirection.Up ? "up" : "down")}, step {state.Stages[^1].Number}: {state.Stages[^1].Description}).",
        action);
}
