namespace Tenancy.Core.Catalog.Diffs;

/// <summary>What comes before what. Edges come from the server's dependencies: whoever needs another is dropped before it, and made after it.</summary>
/// <param name="context">Both schemas.</param>
/// <param name="graph">The changes.</param>
/// <param name="renames">The renames, which come first.</param>
internal sealed class ChangeOrder(DiffContext context, ChangeGraph graph, List<ChangeNode> renames)
{
    private ObjectSet From => context.From;

    private ObjectSet To => context.To;

    /// <summary>Adds the edges.</summary>
    public void AddEdges()
    {
        foreach (var (identity, _) in From.Objects)
        {
            var drop = graph.Find(identity, ChangeStep.Drop);
            var alter = identity.Kind == "column" && graph.Find(identity, ChangeStep.MoveAside) is { } park ? park : graph.Find(identity, ChangeStep.Alter);
            alter = alter is not null && IsLeft(alter) ? null : alter;
            var away = graph.Find(identity, ChangeStep.DropAside);
            foreach (var needed in From.Needs(identity).Where(needed => !AreDefaults(identity, needed)))
            {
                var leave = drop ?? alter ?? away;
                var goes = Reaching(needed, From, ChangeStep.Drop);
                // What is the table's own too stays when the parent's goes, and goes by itself then.
                var isLast = drop is not null && IsOwnToo(identity, needed, From, ChangeStep.Drop);
                ChangeGraph.Order(isLast ? goes : leave, isLast ? leave : goes);
                ChangeGraph.Order(drop, graph.Find(needed, ChangeStep.MoveAside));
                ChangeGraph.Order(leave, graph.Find(needed, ChangeStep.DropAside));
                ChangeGraph.Order(drop, needed.Kind == "column" && Reaching(needed, From, ChangeStep.Alter) is { } column && !IsOnlyFilled(column) ? column : null);
            }
        }

        foreach (var (identity, _) in To.Objects)
        {
            var make = Making(identity);
            foreach (var needed in make is null ? [] : To.Needs(identity))
            {
                var before = IsContainer(identity, needed) ? graph.Find(needed, ChangeStep.Create) : Making(needed) ?? Reaching(needed, To, ChangeStep.Create) ?? Reaching(needed, To, ChangeStep.Alter);
                // The parent's finds what is the table's own too, and takes in the parts of an index that are there.
                var isPart = identity.Kind is "index" or "constraint" && Inheritance.Whole(To.Objects[identity], To) == needed;
                for (var whole = isPart ? needed : (ObjectIdentity?)null; before is null && whole is { } place; whole = Inheritance.Whole(To.Objects[place], To))
                {
                    before = graph.Find(place, ChangeStep.Create);
                }

                var isFirst = make!.Step == ChangeStep.Create && before is { Step: ChangeStep.Create } && (isPart || IsOwnToo(identity, needed, To, ChangeStep.Create));
                ChangeGraph.Order(isFirst ? make : before, isFirst ? before : make);
            }
        }

        AddParentEdges();
        AddChildEdges();
        AddDefaultEdges();
        AddLoggedEdges();
        AddCollisions();
        AddRenameEdges();
        new TextDependencies(To).Order(Making, context.Unchecked);
    }

    /// <summary>Does a column only lose its nulls? Then nothing has to go before.</summary>
    private bool IsOnlyFilled(ChangeNode column) => !context.Retyped.Contains(column.Identity) && PropertyValue.Changed(column.From!, column.To!) is ["nullable"] && column.To!["nullable"] == "false";

    /// <summary>Is it the table that a part belongs to? What changes about a table does not ask for its parts, nor they for it.</summary>
    private static bool IsContainer(ObjectIdentity identity, ObjectIdentity needed) => needed.Kind == "table" && identity.Table == needed.Name;

    /// <summary>Are both defaults, of a column and of the one that it inherits? The parent's statement reaches the child.</summary>
    private static bool AreDefaults(ObjectIdentity identity, ObjectIdentity needed) => identity.Kind == ObjectSet.Default && needed.Kind == ObjectSet.Default;

    /// <summary>Is it a column that its table, which stays, inherits from the other, and has as its own too?</summary>
    private bool IsOwnToo(ObjectIdentity identity, ObjectIdentity needed, ObjectSet set, ChangeStep step) =>
        identity.Kind == "column" && needed.Kind == "column" && identity.Name == needed.Name && identity.Table != needed.Table && set.Objects[identity] is var item && item.Is("inherited") && item.Is("local")
        && set.ContainerOf(identity) is { } table && graph.Find(table, step) is null;

    /// <summary>A table gets a parent when its columns and the parent's are as they are to be, and leaves one before they change.</summary>
    private void AddParentEdges()
    {
        foreach (var table in graph.Nodes.Where(node => node is { Step: ChangeStep.Alter, Identity.Kind: "table" } && !Parents(node.From!).SequenceEqual(Parents(node.To!))))
        {
            var joins = Inheritance.Joins(table.Identity.Name, From, To);
            var others = joins ? Parents(table.To!).Except(Parents(table.From!)) : Parents(table.From!).Except(Parents(table.To!));
            var set = joins ? To : From;
            foreach (var name in others.SelectMany(name => Tables(name, set)).Prepend(table.Identity.Name).Distinct())
            {
                foreach (var node in Parts(name).SelectMany(part => new[] { Making(part), graph.Find(part, ChangeStep.Drop), graph.Find(part, ChangeStep.MoveAside) }).Where(node => node is not null && !IsLeft(node)))
                {
                    ChangeGraph.Order(joins ? node : table, joins ? table : node);
                }
            }

            foreach (var node in graph.Nodes.Where(node => joins && IsLeft(node) && node.Identity.Table is { } name && Tables(name, To).Contains(table.Identity.Name)))
            {
                ChangeGraph.Order(table, node);
            }
        }
    }

    /// <summary>Does it begin with what a parent's statement leaves (<see cref="ChangedObjects.Left"/>)?</summary>
    private bool IsLeft(ChangeNode node) => node.From is { } from && node.Step is ChangeStep.Alter or ChangeStep.Drop && !ReferenceEquals(from, From.Objects.GetValueOrDefault(node.Identity));

    private IEnumerable<string> Parents(CatalogObject table) => Inheritance.Parents(table, context.Options.OwnToken);

    /// <summary>A table and those that it inherits from, and so on.</summary>
    private static IEnumerable<string> Tables(string name, ObjectSet set) =>
        set.Relation(name) is { } table ? Inheritance.Parents(table, set.OwnToken).SelectMany(parent => Tables(parent, set)).Prepend(name) : [];

    /// <summary>A new child or partition has its parents' columns as they are to be, so that what it has of its own about them can be said.</summary>
    private void AddChildEdges()
    {
        foreach (var child in graph.Nodes.Where(static node => node is { Step: ChangeStep.Create, Identity.Kind: "table" }))
        {
            foreach (var column in To.ColumnsOf(child.Identity.Name).SelectMany(column => Inheritance.Ancestors(column.Identity, To)))
            {
                foreach (var node in new[] { Making(column), Making(column with { Kind = ObjectSet.Default }), graph.Find(column, ChangeStep.MoveAside) })
                {
                    ChangeGraph.Order(node, child);
                }
            }
        }
    }

    /// <summary>A parent's statement sets the defaults of those that inherit too: theirs come after it.</summary>
    private void AddDefaultEdges()
    {
        foreach (var node in graph.Nodes.Where(static node => node.Identity.Kind == ObjectSet.Default))
        {
            ChangeGraph.Order(IsLeft(node) && To.ContainerOf(node.Identity) is { } table ? graph.Find(table, ChangeStep.Create) : null, node);
            foreach (var parent in Inheritance.Ancestors(node.Identity with { Kind = "column" }, To))
            {
                var value = parent with { Kind = ObjectSet.Default };
                foreach (var before in new[] { graph.Find(parent, ChangeStep.Create), graph.Find(value, ChangeStep.Drop), Making(value) })
                {
                    ChangeGraph.Order(before, node);
                }
            }
        }
    }

    /// <summary>What tables hand on to those that inherit from them.</summary>
    private IEnumerable<ObjectIdentity> Parts(string table) => new[] { To, From }
        .SelectMany(set => set.Relation(table) is { } item ? set.NeededBy(item.Identity).Where(part => part.Table == table) : [])
        .Where(static part => part.Kind is "column" or "constraint" or "index" or ObjectSet.Default);

    /// <summary>No key leads from a logged table to an unlogged one (manual, CREATE TABLE): one goes before, and comes after, that changes.</summary>
    private void AddLoggedEdges()
    {
        foreach (var table in graph.Nodes.Where(static node => node is { Step: ChangeStep.Alter, Identity.Kind: "table" } && node.From!["unlogged"] != node.To!["unlogged"]))
        {
            foreach (var (set, step) in new[] { (From, ChangeStep.Drop), (To, ChangeStep.Create) })
            {
                foreach (var key in set.NeededBy(table.Identity).Where(need => set.Objects[need]["foreign_key"] is not null).Select(need => graph.Find(need, step)))
                {
                    ChangeGraph.Order(step == ChangeStep.Drop ? key : table, step == ChangeStep.Drop ? table : key);
                }
            }
        }
    }

    /// <summary>What is done with an object; with a column that inherits, by the statement of its parent's.</summary>
    private ChangeNode? Reaching(ObjectIdentity identity, ObjectSet set, ChangeStep step) => graph.Find(identity, step)
        ?? (identity.Kind == "column" ? Inheritance.Ancestors(identity, set).Select(parent => graph.Find(parent, step)).FirstOrDefault(static node => node is not null) : null);

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

        // One made with a name of its own leaves to nobody else the name by which it is renamed.
        foreach (var node in graph.Nodes.Where(static node => node is { Step: ChangeStep.Create, Identity.Kind: "identity_sequence" } && node.To!["name"] is not null).ToList())
        {
            foreach (var column in graph.Nodes.Where(other => other is { Step: ChangeStep.Create, Identity.Kind: "column" } && other.To!["identity"] is not null && other.Identity != node.Identity with { Kind = "column" } && IdentitySequenceRules.Usual(other.Identity) == node.To!["name"]))
            {
                ChangeGraph.Order(node, column);
            }
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
    public static IEnumerable<string> Places(CatalogObject item)
    {
        var (identity, name) = (item.Identity, item.Name());
        switch (identity.Kind)
        {
            case "table" or "view" or "materialized_view" or "foreign_table" or "composite_type":
                yield return $"relation {name}";
                yield return $"type {name}";
                break;
            case "sequence" or "index":
            case "identity_sequence" when item.ActualName is not null:
                yield return $"relation {name}";
                break;
            case "enum" or "domain":
                yield return $"type {name}";
                break;
            case "range_type":
                yield return $"type {name}";
                yield return $"type {RangeTypeRules.Multirange(item)}";
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
}
