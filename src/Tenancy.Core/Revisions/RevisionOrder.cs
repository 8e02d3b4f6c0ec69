namespace Tenancy.Core.Revisions;

/// <summary>The order of a path, by the rule of Alembic's <c>_topological_sort</c>: along one head as far as possible; to another only when what comes next is still needed by it.</summary>
internal static class RevisionOrder
{
    /// <summary>Orders revisions so that each comes before all it needs: the order to undo them, reversed the order to apply them.</summary>
    /// <param name="todo">The revisions; with any two also all between them.</param>
    /// <param name="heads">Where to start: together they need all of <paramref name="todo"/>.</param>
    /// <param name="ancestry">Who needs whom; asked for only where branches meet.</param>
    public static List<RevisionNode> Descending(HashSet<RevisionNode> todo, IEnumerable<RevisionNode> heads, Func<Ancestry> ancestry)
    {
        var followers = todo.ToDictionary(static node => node, node => node.Ups.Count(todo.Contains));
        var tips = heads.Where(todo.Contains).Distinct().OrderBy(static node => node.Index).ToList();
        var isTip = tips.ToHashSet();
        var order = new List<RevisionNode>(todo.Count);
        var at = 0;
        while (tips.Count > 0)
        {
            var candidate = tips[at];
            if (followers[candidate] > 0)
            {
                var known = ancestry();
                at = tips.FindIndex(tip => !ReferenceEquals(tip, candidate) && known.Includes(tip, candidate));
                continue;
            }

            order.Add(candidate);
            isTip.Remove(candidate);
            var next = candidate.Downs.Where(todo.Contains).ToList();
            next.ForEach(down => followers[down]--);
            next.RemoveAll(down => !isTip.Add(down));
            if (next.Count == 0)
            {
                tips.RemoveAt(at);
                at = Math.Max(at - 1, 0);
                continue;
            }

            tips[at] = next[0];
            tips.AddRange(next.Skip(1));
        }

        return order;
    }
}
