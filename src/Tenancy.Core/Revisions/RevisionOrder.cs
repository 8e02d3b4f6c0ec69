namespace Tenancy.Core.Revisions;

/// <summary>
/// The order of a path, by the rule of Alembic's <c>_topological_sort</c>: along one head as far as possible, to another only when what comes next is still needed by it. Where
/// several heads need it, Alembic asks each and takes the first of its list; here it is the first found by walking up, so each link is followed a fixed number of times.
/// </summary>
internal sealed class RevisionOrder
{
    private readonly LinkedList<RevisionNode> tips;
    private readonly LinkedListNode<RevisionNode>?[] places;

    /// <summary>By index: how many that need it are still to come; -1 when it is done or was not asked for.</summary>
    private readonly int[] waiting;

    /// <summary>By index: how many of <see cref="RevisionNode.Ups"/>, from the first, are known to be done or not asked for.</summary>
    private readonly int[] passed;

    private RevisionOrder(HashSet<RevisionNode> todo, IEnumerable<RevisionNode> heads, int count)
    {
        waiting = new int[count];
        Array.Fill(waiting, -1);
        passed = new int[count];
        places = new LinkedListNode<RevisionNode>?[count];
        tips = new(heads.Where(todo.Contains).OrderBy(static node => node.Index));
        for (var place = tips.First; place is not null; place = place.Next)
        {
            places[place.Value.Index] = place;
        }

        foreach (var node in todo)
        {
            waiting[node.Index] = node.Ups.Count(todo.Contains);
        }
    }

    /// <summary>Orders revisions so that each comes before all it needs: the order to undo them, reversed the order to apply them.</summary>
    /// <param name="todo">The revisions, with any two also all between them. Emptied.</param>
    /// <param name="heads">Where to start, each once: together they need all of <paramref name="todo"/>.</param>
    /// <param name="count">Number of revisions in the graph.</param>
    public static List<RevisionNode> Descending(HashSet<RevisionNode> todo, IEnumerable<RevisionNode> heads, int count)
    {
        var order = new List<RevisionNode>(todo.Count);
        order.AddRange(new RevisionOrder(todo, heads, count).Walk());
        return order;
    }

    private IEnumerable<RevisionNode> Walk()
    {
        var blocked = new Stack<RevisionNode>();
        for (var tip = tips.First; tip is not null;)
        {
            var node = tip.Value;
            while (waiting[node.Index] > 0)
            {
                blocked.Push(node);
                node = NextUp(node);
            }

            var next = GoOn(node);
            yield return node;
            if (next is not null)
            {
                tip = next;
                continue;
            }

            // This line has met others. What was met on the way up to it comes next; without that, the tip beside it, as in Alembic.
            var ended = places[node.Index]!;
            tip = ended.Previous ?? ended.Next;
            tips.Remove(ended);
            while (blocked.TryPop(out var met))
            {
                if (waiting[met.Index] >= 0 && places[met.Index] is { } place)
                {
                    tip = place;
                    break;
                }
            }
        }
    }

    /// <summary>One that needs it and is still to come.</summary>
    private RevisionNode NextUp(RevisionNode node)
    {
        ref var place = ref passed[node.Index];
        while (waiting[node.Ups[place].Index] < 0)
        {
            place++;
        }

        return node.Ups[place];
    }

    /// <summary>Ends a revision: of what it needs and no tip stands at, the first takes its place, the others wait at the end.</summary>
    /// <returns>Its place; null when nothing took it.</returns>
    private LinkedListNode<RevisionNode>? GoOn(RevisionNode done)
    {
        waiting[done.Index] = -1;
        var tip = places[done.Index]!;
        var isTaken = false;
        foreach (var down in done.Downs)
        {
            if (waiting[down.Index] < 0)
            {
                continue;
            }

            waiting[down.Index]--;
            if (places[down.Index] is null)
            {
                places[down.Index] = isTaken ? tips.AddLast(down) : tip;
                places[down.Index]!.Value = down;
                isTaken = true;
            }
        }

        return isTaken ? tip : null;
    }
}
