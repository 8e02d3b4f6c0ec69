using System.Collections.Immutable;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>
/// Decides for each object whether it stays, changes, goes or comes; what has to go for a while because of another; and what comes before what. Edges come from the server's dependencies: whoever needs
/// another is dropped before it, and made after it.
/// </summary>
/// <param name="context">Both schemas.</param>
/// <param name="renames">The renames, which come first.</param>
internal sealed class DiffPlanner(DiffContext context, List<ChangeNode> renames)
{
    /// <summary>What PostgreSQL refuses to keep while the type of a column changes that it uses, or would keep in another form (manual, ALTER TABLE; <c>ATExecAlterColumnType</c>).</summary>
    private static readonly ImmutableHashSet<string> TiedToType = ["view", "materialized_view", "rule", "policy", "trigger", "function", "procedure", ObjectSet.Default];

    private static readonly ImmutableHashSet<string> Types = ["enum", "domain", "composite_type", "range_type"];

    private static readonly ImmutableHashSet<string> Routines = ["function", "procedure", "aggregate"];

    private readonly HashSet<ObjectIdentity> dropped = [];

    private readonly HashSet<ObjectIdentity> created = [];

    private readonly HashSet<ObjectIdentity> altered = [];

    private readonly HashSet<ObjectIdentity> replaced = [];

    private readonly HashSet<ObjectIdentity> changed = [];

    private readonly HashSet<ObjectIdentity> aside = [];

    private readonly ChangeGraph graph = new();

    private ObjectSet From => context.From;

    private ObjectSet To => context.To;

    /// <summary>The nodes in the order in which to carry them out.</summary>
    public List<ChangeNode> Plan()
    {
        Classify();
        Spread();
        AddNodes();
        AddEdges();
        Absorb();
        List<ChangeNode> circle = [];
        var sorted = graph.Sort(Rank, circle);
        foreach (var node in circle)
        {
            context.Refuse(node.Identity, "It stands in a circle of dependencies that was cut here; the order may not work.");
        }

        return sorted;
    }

    private void Classify()
    {
        foreach (var (identity, item) in From.Objects)
        {
            if (!To.Objects.ContainsKey(identity) && !IsImplied(item) && !Inheritance.Drops(item, From, To) && !Refused(item, null))
            {
                dropped.Add(identity);
            }
        }

        foreach (var (identity, item) in To.Objects)
        {
            if (!From.Objects.TryGetValue(identity, out var before))
            {
                if (!IsImplied(item) && !Inheritance.Makes(item, To) && !Refused(null, item))
                {
                    created.Add(identity);
                    context.Created.Add(identity);
                }

                continue;
            }

            if (before.Equals(item) || (identity.Kind != "column" && IsImplied(before) && IsImplied(item)))
            {
                continue;
            }

            var properties = Inheritance.OwnChanges(PropertyValue.Changed(before, item), item, To);
            if (properties.IsEmpty || Refused(before, item))
            {
                continue;
            }

            changed.Add(identity);
            if (!Kinds.Of(identity.Kind).CanAlter(before, item, properties, context))
            {
                replaced.Add(identity);
                continue;
            }

            altered.Add(identity);
            if (identity.Kind == "column" && properties.Any(static property => property is "type" or "collation"))
            {
                context.Retyped.Add(identity);
            }
        }
    }

    private bool Refused(CatalogObject? from, CatalogObject? to)
    {
        var identity = (to ?? from)!.Identity;
        if (Kinds.Of(identity.Kind).Obstacle(from, to, context) is not { } why)
        {
            return false;
        }

        context.Refuse(identity, why);
        return true;
    }

    /// <summary>What its parent's statement makes and drops along: what is inherited, and not the table's own too.</summary>
    private static bool IsImplied(CatalogObject item) => item.Is("inherited") && !item.Is("local");

    /// <summary>Whoever needs what goes or changes its type goes too, and comes again where it is still wanted.</summary>
    private void Spread()
    {
        var pending = new Queue<ObjectIdentity>(dropped.Concat(replaced).Concat(context.Retyped));
        while (pending.TryDequeue(out var cause))
        {
            var isGone = dropped.Contains(cause) || replaced.Contains(cause);
            foreach (var identity in From.NeededBy(cause))
            {
                if (dropped.Contains(identity) || replaced.Contains(identity) || !To.Objects.TryGetValue(identity, out var item) || IsImplied(item))
                {
                    continue;
                }

                if (!isGone)
                {
                    if (identity.Kind == "column" && item.Is("inherited") && context.Retyped.Add(identity))
                    {
                        pending.Enqueue(identity);
                    }
                    else if (TiedToType.Contains(identity.Kind) || (identity.Kind is "index" or "constraint" && altered.Contains(identity)) || (identity.Kind == "column" && item["generated"] is not null))
                    {
                        Replace(identity, pending);
                    }

                    continue;
                }

                if (identity.Kind is "table" or "sequence" or "foreign_table" || (altered.Contains(identity) && !To.IsNeeded(identity, cause) && identity.Kind is not ("index" or "constraint")))
                {
                    // An altered object that does not need it any longer is altered first.
                    continue;
                }

                if (identity.Kind == "column" && Types.Contains(cause.Kind))
                {
                    aside.Add(cause);
                    if (context.Retyped.Add(identity))
                    {
                        altered.Add(identity);
                        pending.Enqueue(identity);
                    }
                }
                else
                {
                    Replace(identity, pending);
                }
            }
        }

        // A type that columns keep using stays, under another name, until they have the new one.
        aside.IntersectWith(replaced);
    }

    private void Replace(ObjectIdentity identity, Queue<ObjectIdentity> pending)
    {
        altered.Remove(identity);
        context.Retyped.Remove(identity);
        replaced.Add(identity);
        pending.Enqueue(identity);
    }

    private void AddNodes()
    {
        foreach (var node in renames)
        {
            graph.Add(node);
        }

        ChangeNode Node(ObjectIdentity identity, ChangeStep step) => graph.Add(new ChangeNode(identity, step)
        {
            From = From.Objects.GetValueOrDefault(identity),
            To = To.Objects.GetValueOrDefault(identity),
            IsRebuild = replaced.Contains(identity) && !changed.Contains(identity),
        });

        foreach (var identity in dropped)
        {
            Node(identity, ChangeStep.Drop);
        }

        foreach (var identity in altered)
        {
            Node(identity, ChangeStep.Alter);
        }

        foreach (var identity in created)
        {
            Node(identity, ChangeStep.Create);
        }

        foreach (var identity in replaced)
        {
            var isAside = aside.Contains(identity);
            var drop = Node(identity, isAside ? ChangeStep.MoveAside : ChangeStep.Drop);
            var create = Node(identity, ChangeStep.Create);
            ChangeGraph.Order(drop, create);
            if (isAside)
            {
                ChangeGraph.Order(create, Node(identity, ChangeStep.DropAside));
            }
        }
    }

    private void AddEdges()
    {
        foreach (var (identity, _) in From.Objects)
        {
            var drop = graph.Find(identity, ChangeStep.Drop);
            var alter = graph.Find(identity, ChangeStep.Alter);
            var away = graph.Find(identity, ChangeStep.DropAside);
            foreach (var needed in From.Needs(identity))
            {
                ChangeGraph.Order(drop ?? alter ?? away, graph.Find(needed, ChangeStep.Drop));
                ChangeGraph.Order(drop, graph.Find(needed, ChangeStep.MoveAside));
                ChangeGraph.Order(drop ?? alter ?? away, graph.Find(needed, ChangeStep.DropAside));
                ChangeGraph.Order(drop, needed.Kind == "column" ? graph.Find(needed, ChangeStep.Alter) : null);
            }
        }

        foreach (var (identity, _) in To.Objects)
        {
            var make = Making(identity);
            foreach (var needed in make is null ? [] : To.Needs(identity))
            {
                ChangeGraph.Order(IsContainer(identity, needed) ? graph.Find(needed, ChangeStep.Create) : Making(needed), make);
            }
        }

        AddParentEdges();
        AddCollisions();
        AddRenameEdges();
        new TextDependencies(To).Order(Making, context.Unchecked);
    }

    /// <summary>Is it the table that a part belongs to? What changes about a table does not ask for its parts, nor they for it.</summary>
    private static bool IsContainer(ObjectIdentity identity, ObjectIdentity needed) => needed.Kind == "table" && identity.Table == needed.Name;

    /// <summary>A table gets a parent when its columns are as the parent's, and leaves one before they change.</summary>
    private void AddParentEdges()
    {
        foreach (var table in graph.Nodes.Where(static node => node is { Step: ChangeStep.Alter, Identity.Kind: "table" } && !Inheritance.Parents(node.From!).SequenceEqual(Inheritance.Parents(node.To!))))
        {
            var joins = Inheritance.Parents(table.To!).Any();
            foreach (var part in To.NeededBy(table.Identity).Concat(From.NeededBy(table.Identity)).Where(part => part.Table == table.Identity.Name && part.Kind is "column" or "constraint" or ObjectSet.Default))
            {
                foreach (var node in new[] { Making(part), graph.Find(part, ChangeStep.Drop) })
                {
                    ChangeGraph.Order(joins ? node : table, joins ? table : node);
                }
            }
        }
    }

    private ChangeNode? Making(ObjectIdentity identity) => graph.Find(identity, ChangeStep.Create) ?? graph.Find(identity, ChangeStep.Alter);

    /// <summary>What goes makes room for what gets its name.</summary>
    private void AddCollisions()
    {
        var leaving = graph.Nodes.Where(static node => node.Step == ChangeStep.Drop).SelectMany(static node => Places(node.From!).Select(place => (place, node))).ToLookup(static pair => pair.place, static pair => pair.node);
        // The sequence of an identity gets the name that one of before may have.
        foreach (var node in graph.Nodes.Where(static node => node is { Step: ChangeStep.Alter, Identity.Kind: "column" } && (node.From!["identity"] is null) != (node.To!["identity"] is null)))
        {
            var sequence = graph.Find(new("sequence", Attributes.IdentityName(node.To!)), node.To!["identity"] is null ? ChangeStep.Create : ChangeStep.Drop);
            ChangeGraph.Order(node.To["identity"] is null ? node : sequence, node.To["identity"] is null ? sequence : node);
        }

        foreach (var node in graph.Nodes.Where(static node => node.Step is ChangeStep.Create or ChangeStep.Rename))
        {
            foreach (var place in Places(node.To!))
            {
                foreach (var other in leaving[place].Where(other => other.Identity != node.Identity))
                {
                    ChangeGraph.Order(other, node);
                }
            }
        }
    }

    /// <summary>The places in PostgreSQL's lists of names that an object takes.</summary>
    private static IEnumerable<string> Places(CatalogObject item)
    {
        var (identity, name) = (item.Identity, item.Name());
        switch (identity.Kind)
        {
            case "table" or "view" or "materialized_view" or "foreign_table" or "composite_type":
                yield return $"relation {name}";
                yield return $"type {name}";
                break;
            case "sequence" or "index":
                yield return $"relation {name}";
                break;
            case "enum" or "domain" or "range_type":
                yield return $"type {name}";
                break;
            case "constraint":
                yield return $"constraint {identity.Table}.{name}";
                if (item["primary_key"] is not null || item["unique"] is not null || item["exclude"] is not null)
                {
                    yield return $"relation {name}";
                }

                break;
            case "function" or "procedure" or "aggregate":
                yield return $"routine {identity.Name}";
                break;
            default:
                yield return $"{identity.Kind} {identity.Table}.{name}";
                break;
        }
    }

    /// <summary>Renames come first, so that all else is said in the new names; only what is in their way goes before.</summary>
    private void AddRenameEdges()
    {
        if (renames.Count == 0)
        {
            return;
        }

        HashSet<ChangeNode> before = [.. renames];
        var pending = new Stack<ChangeNode>(renames);
        while (pending.TryPop(out var node))
        {
            foreach (var previous in node.Previous.Where(before.Add))
            {
                pending.Push(previous);
            }
        }

        for (var i = 1; i < renames.Count; i++)
        {
            ChangeGraph.Order(renames[i - 1], renames[i]);
        }

        foreach (var node in graph.Nodes.Where(node => !before.Contains(node)))
        {
            ChangeGraph.Order(renames[^1], node);
        }
    }

    private void Absorb()
    {
        // A generated column after those that it is made of, or it would have to be added to the table, at its end.
        foreach (var node in graph.Nodes.OrderBy(static node => Kinds.Place(node.Identity.Kind)).ThenBy(static node => node.To?["generated"] is not null).ThenBy(static node => node.Identity).ToList())
        {
            switch (node.Step)
            {
                case ChangeStep.Create when Kinds.Of(node.Identity.Kind).IsPartOfCreation(node.To!, context):
                    AbsorbInto(node, ChangeStep.Create, Owners(node.Identity, To, node.To!));
                    break;
                case ChangeStep.Drop when Kinds.Of(node.Identity.Kind).GoesWithContainer:
                    AbsorbInto(node, ChangeStep.Drop, Owners(node.Identity, From, node.From!));
                    break;
            }

            if (node is { Identity.Kind: ObjectSet.Default, AbsorbedBy: null } && graph.Find(new("column", node.Identity.Name, node.Identity.Table), ChangeStep.Alter) is { } column)
            {
                ChangeGraph.Absorb(column, node);
            }
        }
    }

    private void AbsorbInto(ChangeNode node, ChangeStep step, IEnumerable<ObjectIdentity> owners)
    {
        foreach (var owner in owners)
        {
            // A node that is a part of another's work takes none itself; its owner may.
            if ((graph.Find(owner, step) ?? (step == ChangeStep.Drop && node.Identity.Kind is "domain_constraint" or "attribute" ? graph.Find(owner, ChangeStep.MoveAside) : null)) is { } found && ChangeGraph.Absorb(found.AbsorbedBy ?? found, node))
            {
                return;
            }
        }
    }

    /// <summary>By whose operation an object may come or go.</summary>
    private static IEnumerable<ObjectIdentity> Owners(ObjectIdentity identity, ObjectSet set, CatalogObject item)
    {
        switch (identity.Kind)
        {
            case ObjectSet.Default or "identity_sequence":
                yield return new("column", identity.Name, identity.Table);
                break;
            case ObjectSet.Owned:
                yield return new("sequence", identity.Name);
                break;
            case "sequence" when set.Objects.TryGetValue(new(ObjectSet.Owned, identity.Name), out var owned) && owned.Mapping(ObjectSet.Owned) is { } owner:
                yield return new("column", PropertyValue.Text(owner["column"]), PropertyValue.Text(owner["table"]));
                break;
            case "statistics":
                if (set.Relation(Operations.ObjectName.Parse(item["table"]!).Name) is { } table)
                {
                    yield return table.Identity;
                }

                break;
            default:
                if (set.ContainerOf(identity) is { } container)
                {
                    yield return container;
                }

                break;
        }

        if (identity.Kind is "constraint" or "index" or "statistics")
        {
            foreach (var column in set.Needs(identity).Where(need => need.Kind == "column" && (identity.Table is null || need.Table == identity.Table)).Order())
            {
                yield return column;
            }
        }
    }

    private static (int, string) Rank(ChangeNode node) =>
        (((node.Step switch { ChangeStep.Rename => 0, ChangeStep.MoveAside => 1, ChangeStep.Drop => 2, ChangeStep.DropAside => 4, _ => 3 }) * 100) + (node.Step is ChangeStep.Drop or ChangeStep.DropAside ? 99 - Kinds.Place(node.Identity.Kind) : Kinds.Place(node.Identity.Kind)),
            $"{node.Identity.Table ?? node.Identity.Name}\0{node.To?.Position ?? 0:D5}{node.Identity.Name}");
}
