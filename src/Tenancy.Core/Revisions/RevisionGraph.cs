using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Model;

namespace Tenancy.Core.Revisions;

/// <summary>
/// The revisions of a project and what follows what. A value without I/O, safe to share between threads. Each scope has heads of its own, so every question about
/// paths is asked of one scope; what a revision needs from the other is told beside it.
/// </summary>
public sealed class RevisionGraph
{
    private const int ShortestShortId = 8;

    private readonly RevisionNames names;
    private readonly ImmutableArray<RevisionNode> byId;
    private readonly Lazy<Ancestry> ancestry;
    private readonly Dictionary<MigrationScope, (ImmutableArray<RevisionNode> Heads, ImmutableArray<RevisionNode> RealHeads, ImmutableArray<RevisionNode> Bases)> ends = [];

    private RevisionGraph(RevisionNames names, ImmutableArray<RevisionNode> all, Ancestry? known)
    {
        this.names = names;
        All = all;
        byId = all.Sort(static (left, right) => string.CompareOrdinal(left.Id, right.Id));
        ancestry = known is null ? new(() => Ancestry.Of(all)) : new(known);
        foreach (var scope in Enum.GetValues<MigrationScope>())
        {
            var nodes = all.RemoveAll(node => node.Scope != scope);
            ends[scope] = (nodes.RemoveAll(static node => !node.IsHead), nodes.RemoveAll(static node => !node.IsRealHead), nodes.RemoveAll(static node => !node.IsBase));
        }
    }

    /// <summary>All revisions of both scopes. Each comes after all it needs; where that leaves a choice, by id, so the order depends on the manifests' content alone.</summary>
    public ImmutableArray<RevisionNode> All { get; }

    /// <summary>The revision with that full id.</summary>
    /// <exception cref="TenancyException"><c>UnknownRevision</c>.</exception>
    public RevisionNode this[string id] => Find(id) ?? throw RevisionErrors.Unknown(id, "no revision has that id", Spelling.Nearest(id, names.Ids.Keys));

    /// <summary>Who needs whom, made when first asked for.</summary>
    internal Ancestry Ancestry => ancestry.Value;

    /// <summary>All ids and labels.</summary>
    internal IEnumerable<string> Names => names.Ids.Keys.Concat(names.Labels.Keys);

    /// <summary>All labels.</summary>
    internal IEnumerable<string> Labels => names.Labels.Keys;

    /// <summary>Makes the graph.</summary>
    /// <param name="manifests">All manifests of the project, in any order.</param>
    /// <exception cref="ManifestException">With every error: double or illegal ids and labels, parents and dependencies that do not exist, parents of another scope, loops, cycles.</exception>
    public static RevisionGraph Build(ImmutableArray<Manifest> manifests)
    {
        var errors = new GraphErrors();
        var names = RevisionNames.Collect(manifests, errors);
        new RevisionLinks(names, errors).Connect();
        var order = RevisionCycles.Order(names.Ids.Values);
        if (order.Count < names.Ids.Count)
        {
            RevisionCycles.Report(names.Ids.Values.Except(order), errors);
        }

        errors.ThrowIfAny();
        for (var index = 0; index < order.Count; index++)
        {
            order[index].Index = index;
        }

        ImmutableArray<RevisionNode> all = [.. order];
        var known = ThroughOtherScope.Connect(all);
        RevisionLinks.ConnectBack(all);
        BranchLabels.Spread(names.Labels);
        return new(names, all, known);
    }

    /// <summary>The revision with that full id, or null.</summary>
    public RevisionNode? Find(string id) => names.Ids.GetValueOrDefault(id);

    /// <summary>The revision that carries that label, or null.</summary>
    public RevisionNode? FindLabel(string label) => names.Labels.GetValueOrDefault(label);

    /// <summary>The revisions of a scope that none follows; what <c>head</c> means when it is one.</summary>
    public ImmutableArray<RevisionNode> Heads(MigrationScope scope) => ends[scope].Heads;

    /// <summary>The heads of a scope that none depends on; what <c>heads</c> means, and the rows of a schema that has everything.</summary>
    public ImmutableArray<RevisionNode> RealHeads(MigrationScope scope) => ends[scope].RealHeads;

    /// <summary>The revisions of a scope that follow none.</summary>
    public ImmutableArray<RevisionNode> Bases(MigrationScope scope) => ends[scope].Bases;

    /// <summary>The shortest beginning of an id, of at least eight characters, that no other id has and no label is; the id itself where it is shorter.</summary>
    /// <exception cref="TenancyException"><c>UnknownRevision</c>.</exception>
    public string ShortId(string id)
    {
        _ = this[id];
        var place = Place(id);
        var length = ShortestShortId;
        foreach (var neighbour in new[] { place - 1, place + 1 }.Where(index => index >= 0 && index < byId.Length))
        {
            length = Math.Max(length, id.AsSpan().CommonPrefixLength(byId[neighbour].Id) + 1);
        }

        while (length < id.Length && names.Labels.ContainsKey(id[..length]))
        {
            length++;
        }

        return length >= id.Length ? id : id[..length];
    }

    /// <summary>Ids of all revisions of the scope that head rows imply: they and all they need, dependencies included.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="heads">Ids of the head rows.</param>
    /// <exception cref="TenancyException"><c>UnknownRevision</c>: a head is not among the scope's revisions.</exception>
    public IReadOnlySet<string> Applied(MigrationScope scope, IReadOnlyCollection<string> heads) =>
        Lineage.Needed(HeadNodes(scope, heads)).Select(static node => node.Id).ToHashSet(StringComparer.Ordinal);

    /// <summary>
    /// Reads an identifier: a full id, a beginning of four or more characters, a label (the revision that carries it), <c>base</c>, <c>head</c>, <c>heads</c>; any of these after <c>label@</c>, and followed by
    /// <c>+n</c> or <c>-n</c>; or <c>+n</c>, <c>-n</c>, <c>label@+n</c>, <c>label@-n</c> from where the schema is.
    /// </summary>
    /// <param name="identifier">The identifier as typed.</param>
    /// <param name="scope">The scope it is about.</param>
    /// <param name="heads">Ids of the head rows that <c>+n</c> and <c>-n</c> count from; not read otherwise.</param>
    /// <param name="direction">What it is for.</param>
    /// <exception cref="TenancyException"><c>InvalidIdentifier</c>, <c>UnknownRevision</c>, <c>AmbiguousRevision</c>, <c>MultipleHeads</c>, <c>RelativeOutOfRange</c>, <c>RevisionNotOnBranch</c> or <c>WrongScope</c>.</exception>
    public ResolvedTarget Resolve(string identifier, MigrationScope scope, IReadOnlyCollection<string> heads, RevisionDirection direction) =>
        new TargetResolver(this, scope, heads, direction, identifier).Resolve();

    /// <summary>The steps from where a schema is up to a target; empty when it is there or beyond.</summary>
    /// <param name="heads">Ids of the schema's head rows in the target's scope.</param>
    /// <param name="target">The target.</param>
    /// <exception cref="TenancyException"><c>UnknownRevision</c>, <c>OverlappingHeads</c>; <c>RelativeOutOfRange</c> for base.</exception>
    public ImmutableArray<RevisionStep> UpgradePath(IReadOnlyCollection<string> heads, ResolvedTarget target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return target.IsBase ? throw RevisionErrors.UpgradeToBase(target.Identifier) : RevisionPaths.Up(this, target.Scope, heads, target.Revisions);
    }

    /// <summary>The steps from where a schema is up to several revisions.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="heads">Ids of the schema's head rows in the scope.</param>
    /// <param name="targets">Full ids; none may need another.</param>
    /// <exception cref="TenancyException"><c>UnknownRevision</c>, <c>WrongScope</c>, <c>OverlappingHeads</c>, <c>OverlappingTargets</c>.</exception>
    public ImmutableArray<RevisionStep> UpgradePath(MigrationScope scope, IReadOnlyCollection<string> heads, IReadOnlyCollection<string> targets) =>
        RevisionPaths.Up(this, scope, heads, [.. targets.Select(id => this[id].Scope == scope ? this[id] : throw RevisionErrors.WrongScope(id, this[id])).Distinct()]);

    /// <summary>
    /// The steps from where a schema is down to a target, which stays. What follows the target goes, and all that depends on what goes, on whatever branch
    /// (<see cref="RevisionStep.IsOnOtherBranch"/>). Empty when nothing applied follows it.
    /// </summary>
    /// <param name="heads">Ids of the schema's head rows in the target's scope.</param>
    /// <param name="target">The target.</param>
    /// <exception cref="TenancyException"><c>UnknownRevision</c>, <c>OverlappingHeads</c>, <c>MultipleHeads</c>; <c>RangeNotAncestor</c>: the target is not applied.</exception>
    public ImmutableArray<RevisionStep> DowngradePath(IReadOnlyCollection<string> heads, ResolvedTarget target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return RevisionPaths.Down(this, heads, target);
    }

    /// <summary>
    /// The changes that make the head rows say that a schema is at a target, whatever was run: each destination takes the place of the rows that it needs or that need it; rows of
    /// other branches stay (Alembic's <c>stamp</c>). For base the rows of the branch asked for go, or all. Empty when the rows say so already. To drop all rows first, pass none.
    /// </summary>
    /// <param name="heads">Ids of the schema's head rows in the target's scope.</param>
    /// <param name="target">The target.</param>
    /// <exception cref="TenancyException"><c>UnknownRevision</c>, <c>OverlappingTargets</c>.</exception>
    public ImmutableArray<HeadChange> StampPath(IReadOnlyCollection<string> heads, ResolvedTarget target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return StampChanges.To(this, heads, target);
    }

    /// <summary>The revisions of head rows, without doubles.</summary>
    internal List<RevisionNode> HeadNodes(MigrationScope scope, IReadOnlyCollection<string> heads)
    {
        var unknown = heads.Where(head => Find(head)?.Scope != scope).ToList();
        return unknown.Count > 0 ? throw RevisionErrors.UnknownHeads(scope, unknown) : [.. heads.Select(head => this[head]).Distinct()];
    }

    /// <summary>Those that another of them needs, directly or not.</summary>
    internal ImmutableArray<RevisionNode> Overlapped(IReadOnlyCollection<RevisionNode> nodes) =>
        [.. nodes.Where(node => nodes.Any(other => !ReferenceEquals(other, node) && Ancestry.Includes(other, node)))];

    /// <summary>All revisions whose id starts so, by id.</summary>
    internal List<RevisionNode> StartingWith(string prefix)
    {
        var found = new List<RevisionNode>();
        for (var index = Place(prefix); index < byId.Length && byId[index].Id.StartsWith(prefix, StringComparison.Ordinal); index++)
        {
            found.Add(byId[index]);
        }

        return found;
    }

    /// <summary>Index of the first id not before <paramref name="text"/>.</summary>
    private int Place(string text)
    {
        var (low, high) = (0, byId.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = string.CompareOrdinal(byId[middle].Id, text) < 0 ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
