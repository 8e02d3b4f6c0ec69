namespace Tenancy.Core.Revisions;

/// <summary>Walks over neighbours, without recursion.</summary>
internal static class Lineage
{
    /// <summary>The revisions and all they follow, by parents alone.</summary>
    public static HashSet<RevisionNode> Ancestors(IEnumerable<RevisionNode> from) => Reach(from, static node => node.Parents);

    /// <summary>The revisions and all that follow them, by parents alone.</summary>
    public static HashSet<RevisionNode> Descendants(IEnumerable<RevisionNode> from) => Reach(from, static node => node.Children);

    /// <summary>The line of parents that a revision is on: Alembic's <c>_shares_lineage</c> without dependencies.</summary>
    public static HashSet<RevisionNode> Of(RevisionNode node)
    {
        var line = Ancestors([node]);
        line.UnionWith(Descendants([node]));
        return line;
    }

    /// <summary>The revisions and all they need, dependencies included.</summary>
    public static HashSet<RevisionNode> Needed(IEnumerable<RevisionNode> from) => Reach(from, static node => node.Downs);

    /// <summary>The revisions and all that need them, dependencies included.</summary>
    public static HashSet<RevisionNode> Needing(IEnumerable<RevisionNode> from) => Reach(from, static node => node.Ups);

    private static HashSet<RevisionNode> Reach(IEnumerable<RevisionNode> from, Func<RevisionNode, System.Collections.Immutable.ImmutableArray<RevisionNode>> next)
    {
        var seen = new HashSet<RevisionNode>();
        var todo = new Stack<RevisionNode>(from);
        while (todo.TryPop(out var node))
        {
            if (!seen.Add(node))
            {
                continue;
            }

            foreach (var other in next(node))
            {
                todo.Push(other);
            }
        }

        return seen;
    }
}
