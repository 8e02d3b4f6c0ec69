using System.Collections.Immutable;
using Tenancy.Core.Manifests;

namespace Tenancy.Core.Revisions;

/// <summary>A branch that an identifier names.</summary>
/// <param name="Name">As typed: a label, or a revision.</param>
/// <param name="Carrier">The revision that it stands on.</param>
internal sealed record Branch(string Name, RevisionNode Carrier)
{
    /// <summary>What the branch's revision follows and what follows it.</summary>
    public HashSet<RevisionNode> Line { get; } = Lineage.Of(Carrier);
}

/// <summary>Finds the revision that a symbol means in a scope.</summary>
/// <param name="graph">The graph.</param>
/// <param name="scope">The scope.</param>
/// <param name="identifier">The whole identifier as typed, for errors.</param>
internal sealed class RevisionLookup(RevisionGraph graph, MigrationScope scope, string identifier)
{
    /// <summary>Shorter beginnings are guesses (Alembic: "please ensure at least four characters are present").</summary>
    private const int ShortestPrefix = 4;

    /// <summary>The revision that a branch's name stands on: a label, or a revision id or its beginning.</summary>
    public RevisionNode Carrier(string name) => Named(name, null);

    /// <summary>The one revision that a symbol other than <c>base</c> means; null for <c>head</c> in a scope without revisions.</summary>
    public RevisionNode? Single(string symbol, Branch? branch) => symbol switch
    {
        "head" => Only(OnBranch(graph.Heads(scope), branch)),
        "heads" => Only(Heads(branch)),
        _ => Named(symbol, branch),
    };

    /// <summary>
    /// What <c>heads</c> means: the heads that nothing depends on; on a branch the branch's heads, without those that others of them depend on.
    /// </summary>
    public ImmutableArray<RevisionNode> Heads(Branch? branch)
    {
        if (branch is null)
        {
            return graph.RealHeads(scope);
        }

        var heads = OnBranch(graph.Heads(scope), branch);
        return heads.RemoveAll(head => heads.Any(other => !ReferenceEquals(other, head) && graph.Ancestry.Includes(other, head)));
    }

    private static ImmutableArray<RevisionNode> OnBranch(ImmutableArray<RevisionNode> nodes, Branch? branch) =>
        branch is null ? nodes : nodes.RemoveAll(node => !branch.Line.Contains(node));

    private RevisionNode? Only(ImmutableArray<RevisionNode> heads) =>
        heads.Length > 1 ? throw RevisionErrors.MultipleHeads(identifier, heads) : heads.FirstOrDefault();

    private RevisionNode Named(string symbol, Branch? branch)
    {
        var node = graph.Find(symbol) ?? graph.FindLabel(symbol) ?? ByPrefix(symbol, branch);
        return node.Scope != scope
            ? throw RevisionErrors.WrongScope(identifier, node)
            : branch is null || branch.Line.Contains(node) ? node : throw RevisionErrors.NotOnBranch(identifier, node, branch.Name);
    }

    private RevisionNode ByPrefix(string symbol, Branch? branch)
    {
        if (symbol.Length < ShortestPrefix)
        {
            throw RevisionErrors.Unknown(identifier, $"no revision or label is named '{symbol}', and a beginning needs at least four characters", Nearest(symbol));
        }

        var anywhere = graph.StartingWith(symbol);
        var here = anywhere.FindAll(node => node.Scope == scope);
        var candidates = branch is null ? here : here.FindAll(branch.Line.Contains);
        return (candidates.Count, here.Count, anywhere.Count) switch
        {
            (1, _, _) => candidates[0],
            ( > 1, _, _) => throw RevisionErrors.Ambiguous(identifier, $"the ids that start with '{symbol}' are", candidates, "Type more characters."),
            (_, > 0, _) => throw RevisionErrors.NotOnBranch(identifier, here[0], branch!.Name),
            (_, _, > 0) => throw RevisionErrors.WrongScope(identifier, anywhere[0]),
            _ => throw RevisionErrors.Unknown(identifier, $"no revision or label is named '{symbol}' or starts with it", Nearest(symbol)),
        };
    }

    private string? Nearest(string symbol) => Spelling.Nearest(symbol, graph.Names);
}
