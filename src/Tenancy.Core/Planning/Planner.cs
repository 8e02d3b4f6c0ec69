using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Tenancy.Model;

namespace Tenancy.Core.Planning;

/// <summary>Makes plans from states, without I/O. Schemas in one state share one plan.</summary>
internal sealed class Planner
{
    private const int MostFirst = 100;

    private readonly TenancyProject project;
    private readonly RevisionGraph graph;
    private readonly MigrationRequest request;
    private readonly MigrationScope scope;
    private readonly OtherScopeState otherScope;
    private readonly IReadOnlyCollection<string>? targets;
    private readonly ConcurrentDictionary<string, Plan> plans = new(StringComparer.Ordinal);

    // By the very list of heads, which schemas that were read together share: without a key made for each of thousands. A few lists, because a run makes more.
    private readonly ConcurrentDictionary<ImmutableArray<string>, Plan> first = new();
    private int firstCount;

    /// <summary>A planner for the schemas of one scope of one database.</summary>
    /// <param name="project">The project.</param>
    /// <param name="graph">Its revisions.</param>
    /// <param name="request">What the run is asked to do.</param>
    /// <param name="scope">The scope.</param>
    /// <param name="otherScope">What the other scope has.</param>
    /// <param name="targets">Revisions to go up to instead of what the request says: what the other scope's target needs here; null for the request's.</param>
    public Planner(
        TenancyProject project, RevisionGraph graph, MigrationRequest request, MigrationScope scope, OtherScopeState otherScope, IReadOnlyCollection<string>? targets = null)
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
    /// <param name="skipped">Revisions that are left out, with all that needs them: the schema does not meet what they require.</param>
    /// <param name="goal">Where the run's first plan for this schema led: <c>+n</c> and <c>-n</c> are counted once. Null for the first.</param>
    /// <exception cref="TenancyException">It cannot be migrated as it is: missing or recreated schema, unknown or changed revision, in progress the other way, ambiguous target.</exception>
    public Plan PlanFor(SchemaState state, IReadOnlyCollection<string> skipped, ResolvedTarget? goal)
    {
        StateChecks.EnsureUsable(state);
        var isFirst = state.Stages.IsEmpty && skipped.Count == 0 && goal is null;
        if (isFirst && first.TryGetValue(state.Heads, out var known))
        {
            return known;
        }

        var key = state.PlanKey
            + (skipped.Count == 0 ? "" : $"|{string.Join(' ', skipped.Order(StringComparer.Ordinal))}")
            + (goal is null ? "" : $">{string.Join(' ', goal.Revisions.Select(static node => node.Id))}@{goal.Branch?.Id}");
        var plan = plans.GetOrAdd(key, static (_, arguments) => arguments.Planner.Make(arguments.State, arguments.Skipped, arguments.Goal), (Planner: this, State: state, Skipped: skipped, Goal: goal));
        if (isFirst && Interlocked.Increment(ref firstCount) <= MostFirst)
        {
            first[state.Heads] = plan;
        }

        return plan;
    }

    /// <summary>What a schema needs, with nothing left out.</summary>
    /// <param name="state">Where it is.</param>
    /// <exception cref="TenancyException">As above.</exception>
    public Plan PlanFor(SchemaState state) => PlanFor(state, [], null);

    private Plan Make(SchemaState state, IReadOnlyCollection<string> skipped, ResolvedTarget? goal)
    {
        var path = request.Direction == RevisionDirection.Up ? PathUp(state, ref goal) : PathDown(state, ref goal);
        path = skipped.Count == 0 ? path : Without(path, state, skipped);
        var (ready, waiting) = Divide(path);
        var done = state.Stages.IsEmpty ? 0 : state.Stages.Count(static mark => mark.IsDone);
        var stages = ready.Select((step, index) => StageSplitter.Split(step, project.Timeouts)[(index == 0 ? done : 0)..]);
        var transactions = StageSplitter.Join(stages, request.Transaction, otherScope);
        PlanTransaction? Hook(Manifest? hook) => transactions.IsEmpty || scope == MigrationScope.Shared || hook is null ? null : Hooks.Plan(hook, project.Timeouts);
        return new()
        {
            Scope = scope,
            Direction = request.Direction,
            From = state.Heads,
            To = transactions.Aggregate(state.Heads, static (heads, transaction) => transaction.HeadsAfter(heads)),
            Revisions = ready,
            Transactions = transactions,
            Before = Hook(project.Hooks.BeforeTenant),
            After = Hook(project.Hooks.AfterTenant) is { } after ? after with { Flushes = true } : null,
            Waiting = waiting,
            Goal = goal,
        };
    }

    private ImmutableArray<RevisionStep> PathUp(SchemaState state, ref ResolvedTarget? goal)
    {
        if (state.Stages is not [{ } mark, ..])
        {
            goal ??= targets is null ? graph.Resolve(request.Target, scope, state.Heads, RevisionDirection.Up) : null;
            return PathTo(goal, state.Heads);
        }

        // The revision that is in progress comes first: it could not be begun before all that it needs was there.
        EnsureContinues(state, mark);
        var first = graph.UpgradePath(scope, state.Heads, [mark.Revision]);
        ImmutableArray<string> heads = [.. state.Heads.Except(first[0].Heads.Remove).Concat(first[0].Heads.Add).Order(StringComparer.Ordinal)];
        goal ??= targets is null ? GoalInProgress(state, mark, heads) : null;
        return first.AddRange(PathTo(goal, heads));
    }

    // +n counts the revision in progress; any other identifier means the same from everywhere.
    private ResolvedTarget GoalInProgress(SchemaState state, StageMark mark, ImmutableArray<string> heads) =>
        !request.Target.StartsWith('+') || !int.TryParse(request.Target.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var steps) || steps == 0
            ? graph.Resolve(request.Target, scope, state.Heads, RevisionDirection.Up)
            : steps == 1 ? new() { Identifier = request.Target, Scope = scope, Revisions = [graph[mark.Revision]] }
            : graph.Resolve(string.Create(CultureInfo.InvariantCulture, $"+{steps - 1}"), scope, heads, RevisionDirection.Up);

    private ImmutableArray<RevisionStep> PathTo(ResolvedTarget? goal, ImmutableArray<string> heads) =>
        goal is null ? graph.UpgradePath(scope, heads, targets!) : graph.UpgradePath(heads, goal);

    private ImmutableArray<RevisionStep> PathDown(SchemaState state, ref ResolvedTarget? goal)
    {
        if (request.Target.Length == 0)
        {
            throw new TenancyException("NoTarget", "An undo needs to be told how far.", "Give -To a revision (or 'base'), or -Steps.");
        }

        goal ??= graph.Resolve(request.Target, scope, state.Heads, RevisionDirection.Down);
        var path = graph.DowngradePath(state.Heads, goal);
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
            var ready = path.TakeWhile(step => step.OtherScope.All(otherScope.Applied.Contains)).Count();
            return (path[..ready], path[ready..]);
        }

        bool IsThere(string revision) => otherScope.Applied.Contains(revision) || otherScope.Begun.Contains(revision);
        if (path.FirstOrDefault(step => step.OtherScope.Any(IsThere)) is { } needed)
        {
            var dependents = string.Join(", ", needed.OtherScope.Where(IsThere));
            throw new TenancyException(
                "DependedOn",
                $"Revision {needed.Manifest.Revision} cannot be undone: {(scope == MigrationScope.Tenant ? "the shared schema" : "a registered tenant")} has {dependents}, which depends on it.",
                scope == MigrationScope.Tenant ? $"Undo {dependents} first, with -Scope Shared." : $"Undo {dependents} on every tenant first.");
        }

        if (!path.IsEmpty && otherScope.Unknown is [{ } unknown, ..])
        {
            throw new TenancyException(
                "UnknownRevision",
                $"Whether anything depends on revision {path[0].Manifest.Revision} cannot be told: {unknown}, which neither a manifest nor history has.",
                "Deploy that revision's manifest; or say where the schema is with Set-TenantRevision -Purge.");
        }

        return (path, []);
    }

    // The path to what is left: the head rows that a step changes depend on the steps before it.
    private ImmutableArray<RevisionStep> Without(ImmutableArray<RevisionStep> path, SchemaState state, IReadOnlyCollection<string> skipped)
    {
        HashSet<string> absent = new(skipped, StringComparer.Ordinal);
        HashSet<string> tips = new(StringComparer.Ordinal);
        foreach (var node in path.Select(step => graph[step.Manifest.Revision]))
        {
            var needs = node.Parents.Concat(node.Dependencies).Select(static other => other.Id).ToList();
            if (absent.Contains(node.Id) || needs.Exists(absent.Contains))
            {
                absent.Add(node.Id);
            }
            else
            {
                tips.ExceptWith(needs);
                tips.Add(node.Id);
            }
        }

        return tips.Count == 0 ? [] : graph.UpgradePath(scope, state.Heads, tips);
    }

    private static TenancyException InProgress(SchemaState state, StageMark mark, string action) => new(
        "InProgress",
        $"{state.Schema} is in the middle of revision {mark.Revision} ({(mark.Direction == RevisionDirection.Up ? "up" : "down")}, step {state.Stages[^1].Number}: {state.Stages[^1].Description}).",
        action);
}
