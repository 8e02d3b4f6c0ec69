namespace Tenancy.Core.Revisions;

/// <summary>Orders revisions so that each comes after all it needs, and finds the cycles that forbid it. Across both scopes: a shared revision and a tenant revision may need each other too.</summary>
internal static class RevisionCycles
{
    /// <summary>Everything a revision needs, directly, whatever the scope.</summary>
    public static IEnumerable<RevisionNode> Needs(RevisionNode node) => node.Parents.Concat(node.Dependencies).Concat(node.OtherScopeDependencies);

    /// <summary>Topological order; of those that could come next, the first by id. What is on a cycle, or needs what is, stays out.</summary>
    public static List<RevisionNode> Order(IReadOnlyCollection<RevisionNode> nodes)
    {
        var waiting = new Dictionary<RevisionNode, int>(nodes.Count);
        var followers = new Dictionary<RevisionNode, List<RevisionNode>>(nodes.Count);
        var ready = new PriorityQueue<RevisionNode, string>(StringComparer.Ordinal);
        foreach (var node in nodes)
        {
            var count = 0;
            foreach (var need in Needs(node))
            {
                count++;
                if (!followers.TryGetValue(need, out var list))
                {
                    followers[need] = list = [];
                }

                list.Add(node);
            }

            waiting[node] = count;
            if (count == 0)
            {
                ready.Enqueue(node, node.Id);
            }
        }

        var order = new List<RevisionNode>(nodes.Count);
        while (ready.TryDequeue(out var node, out _))
        {
            order.Add(node);
            foreach (var follower in followers.GetValueOrDefault(node) ?? [])
            {
                if (--waiting[follower] == 0)
                {
                    ready.Enqueue(follower, follower.Id);
                }
            }
        }

        return order;
    }

    /// <summary>Reports one cycle of every group of revisions that all need one another.</summary>
    /// <param name="rest">What <see cref="Order"/> left out.</param>
    /// <param name="errors">Where to report.</param>
    public static void Report(IEnumerable<RevisionNode> rest, GraphErrors errors)
    {
        var groups = Groups([.. rest.OrderBy(static node => node.Id, StringComparer.Ordinal)]);
        foreach (var group in groups.Where(static group => group.Count > 1))
        {
            var cycle = Cycle(group);
            var first = cycle[0];
            var isParents = cycle.Select((node, place) => node.Parents.Contains(cycle[(place + 1) % cycle.Count])).All(static parent => parent);
            errors.Add(first.Manifest, $"{(isParents ? "Cycle" : "Dependency cycle")}: {string.Join(" -> ", cycle.Append(first))} (each needs the next). Take out one 'parent' or 'depends_on' of them.");
        }
    }

    /// <summary>Walks down inside the group until a revision comes again.</summary>
    private static List<RevisionNode> Cycle(HashSet<RevisionNode> group)
    {
        var place = new Dictionary<RevisionNode, int>();
        var path = new List<RevisionNode>();
        var node = group.MinBy(static node => node.Id, StringComparer.Ordinal)!;
        while (place.TryAdd(node, path.Count))
        {
            path.Add(node);
            node = Needs(node).First(group.Contains);
        }

        path.RemoveRange(0, place[node]);
        var start = path.IndexOf(path.MinBy(static node => node.Id, StringComparer.Ordinal)!);
        return [.. path.Skip(start), .. path.Take(start)];
    }

    /// <summary>Strongly connected components (Tarjan 1972), with a stack of its own: a chain of ten thousand would overflow the thread's.</summary>
    private static List<HashSet<RevisionNode>> Groups(List<RevisionNode> nodes)
    {
        var inside = nodes.ToHashSet();
        var number = new Dictionary<RevisionNode, int>();
        var lowest = new Dictionary<RevisionNode, int>();
        var open = new Stack<RevisionNode>();
        var isOpen = new HashSet<RevisionNode>();
        var visits = new Stack<(RevisionNode Node, IEnumerator<RevisionNode> Needs)>();
        var groups = new List<HashSet<RevisionNode>>();

        void Enter(RevisionNode node)
        {
            number[node] = lowest[node] = number.Count;
            open.Push(node);
            isOpen.Add(node);
            visits.Push((node, Needs(node).Where(inside.Contains).GetEnumerator()));
        }

        foreach (var root in nodes.Where(root => !number.ContainsKey(root)))
        {
            Enter(root);
            while (visits.TryPeek(out var visit))
            {
                if (visit.Needs.MoveNext())
                {
                    var need = visit.Needs.Current;
                    if (!number.TryGetValue(need, out var reached))
                    {
                        Enter(need);
                    }
                    else if (isOpen.Contains(need))
                    {
                        lowest[visit.Node] = Math.Min(lowest[visit.Node], reached);
                    }

                    continue;
                }

                visits.Pop();
                if (visits.TryPeek(out var above))
                {
                    lowest[above.Node] = Math.Min(lowest[above.Node], lowest[visit.Node]);
                }

                if (lowest[visit.Node] == number[visit.Node])
                {
                    var group = new HashSet<RevisionNode>();
                    RevisionNode member;
                    do
                    {
                        member = open.Pop();
                        isOpen.Remove(member);
                        group.Add(member);
                    }
                    while (!ReferenceEquals(member, visit.Node));
                    groups.Add(group);
                }
            }
        }

        return groups;
    }
}
