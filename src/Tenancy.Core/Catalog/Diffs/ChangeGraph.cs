namespace Tenancy.Core.Catalog.Diffs;

/// <summary>What has to come before what, and an order that keeps to it.</summary>
internal sealed class ChangeGraph
{
    private readonly Dictionary<(ObjectIdentity, ChangeStep), ChangeNode> nodes = [];

    /// <summary>All nodes that were added.</summary>
    public IReadOnlyCollection<ChangeNode> Nodes => nodes.Values;

    /// <summary>Adds a node.</summary>
    public ChangeNode Add(ChangeNode node)
    {
        nodes.Add((node.Identity, node.Step), node);
        return node;
    }

    /// <summary>The node that does something with an object; null where there is none.</summary>
    public ChangeNode? Find(ObjectIdentity identity, ChangeStep step) => nodes.GetValueOrDefault((identity, step));

    /// <summary>Puts a node before another, if both are there and differ.</summary>
    public static void Order(ChangeNode? before, ChangeNode? after)
    {
        if (before is not null && after is not null && before != after)
        {
            before.Next.Add(after);
            after.Previous.Add(before);
        }
    }

    /// <summary>Does one node come before another already?</summary>
    public static bool IsBefore(ChangeNode before, ChangeNode after) => after.Previous.Contains(before) || Reaches(before, after);

    /// <summary>Lets one node's operation do another's work, unless something has to happen between the two.</summary>
    /// <returns>True when it does.</returns>
    public static bool Absorb(ChangeNode into, ChangeNode node)
    {
        if (into.AbsorbedBy is not null || node.AbsorbedBy is not null || Reaches(into, node) || Reaches(node, into))
        {
            return false;
        }

        foreach (var next in node.Next)
        {
            next.Previous.Remove(node);
            Order(into, next);
        }

        foreach (var previous in node.Previous)
        {
            previous.Next.Remove(node);
            Order(previous, into);
        }

        node.Next.Clear();
        node.Previous.Clear();
        node.AbsorbedBy = into;
        into.Absorbed.Add(node);
        foreach (var inner in node.Absorbed)
        {
            inner.AbsorbedBy = into;
            into.Absorbed.Add(inner);
        }

        node.Absorbed.Clear();
        return true;
    }

    /// <summary>The nodes that are not absorbed, each after all that come before it; where that leaves a choice, by step, kind and name. A circle is cut, and told.</summary>
    /// <param name="rank">What decides where nothing demands an order.</param>
    /// <param name="circle">Takes the nodes at which circles were cut.</param>
    public List<ChangeNode> Sort(Func<ChangeNode, (int, string)> rank, ICollection<ChangeNode> circle)
    {
        var waiting = new PriorityQueue<ChangeNode, (int, string)>(Comparer<(int Rank, string Name)>.Create(static (a, b) => a.Rank != b.Rank ? a.Rank.CompareTo(b.Rank) : string.CompareOrdinal(a.Name, b.Name)));
        var open = new Dictionary<ChangeNode, int>();
        foreach (var node in nodes.Values.Where(static node => node.AbsorbedBy is null))
        {
            open[node] = node.Previous.Count;
            if (node.Previous.Count == 0)
            {
                waiting.Enqueue(node, rank(node));
            }
        }

        var sorted = new List<ChangeNode>(open.Count);
        while (open.Count > 0)
        {
            if (!waiting.TryDequeue(out var node, out _))
            {
                // Cannot be where the server's own dependencies are the only edges; the proof would find what this breaks.
                node = open.MinBy(entry => rank(entry.Key)).Key;
                circle.Add(node);
            }

            if (!open.Remove(node))
            {
                continue;
            }

            sorted.Add(node);
            foreach (var next in node.Next)
            {
                if (open.TryGetValue(next, out var count))
                {
                    open[next] = count - 1;
                    if (count == 1)
                    {
                        waiting.Enqueue(next, rank(next));
                    }
                }
            }
        }

        return sorted;
    }

    /// <summary>Does a way of more than one step lead from one node to another? Looked for backward: little comes before a part of a table but the table.</summary>
    private static bool Reaches(ChangeNode from, ChangeNode to)
    {
        var seen = new HashSet<ChangeNode>();
        var pending = new Stack<ChangeNode>(to.Previous.Where(node => node != from));
        while (pending.TryPop(out var node))
        {
            if (node == from)
            {
                return true;
            }

            if (seen.Add(node))
            {
                foreach (var previous in node.Previous)
                {
                    pending.Push(previous);
                }
            }
        }

        return false;
    }
}
