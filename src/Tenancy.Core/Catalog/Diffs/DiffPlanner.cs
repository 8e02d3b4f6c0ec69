namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Plans a difference: which objects change (<see cref="ChangedObjects"/>), in which order (<see cref="ChangeOrder"/>), and what is carried out together (<see cref="AbsorbedChanges"/>).</summary>
/// <param name="context">Both schemas.</param>
/// <param name="renames">The renames, which come first.</param>
internal sealed class DiffPlanner(DiffContext context, List<ChangeNode> renames)
{
    private readonly ChangeGraph graph = new();

    /// <summary>The nodes in the order in which to carry them out.</summary>
    public List<ChangeNode> Plan()
    {
        var objects = new ChangedObjects(context);
        AddNodes(objects);
        context.Replaced.UnionWith(objects.Replaced);
        // Whoever made it anew holds it until the end.
        context.Created.UnionWith(objects.Replaced.Where(static identity => Attributes.IsRelation(identity.Kind)));
        new ChangeOrder(context, graph, renames).AddEdges();
        new AbsorbedChanges(context, graph).Absorb();
        List<ChangeNode> circle = [];
        var sorted = graph.Sort(Rank, circle);
        foreach (var node in circle)
        {
            context.Refuse(node.Identity, "It stands in a circle of dependencies that was cut here; the order may not work.");
        }

        return sorted;
    }

    private void AddNodes(ChangedObjects objects)
    {
        foreach (var node in renames)
        {
            graph.Add(node);
        }

        ChangeNode Node(ObjectIdentity identity, ChangeStep step) => graph.Add(new ChangeNode(identity, step)
        {
            From = objects.Left.GetValueOrDefault(identity) ?? context.From.Objects.GetValueOrDefault(identity),
            To = context.To.Objects.GetValueOrDefault(identity),
            IsRebuild = objects.IsRebuild(identity),
        });

        foreach (var identity in objects.Dropped)
        {
            Node(identity, ChangeStep.Drop);
        }

        foreach (var identity in objects.Altered)
        {
            Node(identity, ChangeStep.Alter);
        }

        foreach (var identity in objects.Parked)
        {
            ChangeGraph.Order(Node(identity, ChangeStep.MoveAside), graph.Find(identity, ChangeStep.Alter));
        }

        foreach (var identity in objects.Created)
        {
            Node(identity, ChangeStep.Create);
        }

        foreach (var identity in objects.Replaced)
        {
            var isAside = objects.Aside.Contains(identity);
            var drop = Node(identity, isAside ? ChangeStep.MoveAside : ChangeStep.Drop);
            var create = Node(identity, ChangeStep.Create);
            ChangeGraph.Order(drop, create);
            if (isAside)
            {
                ChangeGraph.Order(create, Node(identity, ChangeStep.DropAside));
            }
        }
    }

    /// <summary>What commits comes last, and a new value of an enum first; what is given by default changes when all is made; what goes and comes again goes no sooner than it must.</summary>
    private (int, string) Rank(ChangeNode node)
    {
        var (drop, create) = (graph.Find(node.Identity, ChangeStep.Drop), graph.Find(node.Identity, ChangeStep.Create));
        var isBack = drop is not null && create is not null;
        // A column of another type waits for its index or key to go: that is not to wait for what commits.
        var isTied = isBack && drop!.Next.Any(static next => next is { Step: ChangeStep.Alter, Identity.Kind: "column" });
        var isSpare = isTied && node.Identity.Kind == "index" && !node.From!.Is("unique");
        var place = Kinds.Place(node.Identity.Kind);
        var rank = node.Step switch
        {
            ChangeStep.Rename => 0,
            _ when node.Identity.Kind == "default_privileges" => 7,
            ChangeStep.Alter when node.Identity.Kind == "enum" => 1,
            ChangeStep.MoveAside => node.Identity.Kind == "column" ? 4 : 2,
            ChangeStep.Drop when !isBack || isSpare => 3,
            ChangeStep.DropAside => 5,
            _ => Commits(node) && (!isTied || isSpare) ? 6 : 4,
        };
        return ((rank * 100) + (rank is 3 or 5 ? 99 - place : place), $"{node.Identity.Table ?? node.Identity.Name}\0{node.To?.Position ?? 0:D5}{node.Identity.Name}");
    }

    /// <summary>Does it commit in between, in its online form?</summary>
    private bool Commits(ChangeNode node) => context.IsOnline(node.Identity.Table) && (node.Identity.Kind is "index" or "constraint" || (node is { Identity.Kind: "column", From: { } from, To: { } to } && from["nullable"] is null && to["nullable"] == "false"));
}
