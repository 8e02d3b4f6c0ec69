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
        AddNodes(new ChangedObjects(context));
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
            From = context.From.Objects.GetValueOrDefault(identity),
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

    private static (int, string) Rank(ChangeNode node) =>
        (((node.Step switch { ChangeStep.Rename => 0, ChangeStep.MoveAside => 1, ChangeStep.Drop => 2, ChangeStep.DropAside => 4, _ => 3 }) * 100) + (node.Step is ChangeStep.Drop or ChangeStep.DropAside ? 99 - Kinds.Place(node.Identity.Kind) : Kinds.Place(node.Identity.Kind)),
            $"{node.Identity.Table ?? node.Identity.Name}\0{node.To?.Position ?? 0:D5}{node.Identity.Name}");
}
