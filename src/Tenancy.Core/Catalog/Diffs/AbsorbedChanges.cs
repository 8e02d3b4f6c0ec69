namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Changes that another's operation carries out too: a column that comes with its table, an index that goes with its column.</summary>
/// <param name="context">Both schemas.</param>
/// <param name="graph">The changes, with their order.</param>
internal sealed class AbsorbedChanges(DiffContext context, ChangeGraph graph)
{
    private ObjectSet From => context.From;

    private ObjectSet To => context.To;

    /// <summary>Gives each such change to the one that carries it out.</summary>
    public void Absorb()
    {
        // A generated column after those that it is made of, or it would have to be added to the table, at its end; a foreign key after the key of the same table to which it may lead.
        foreach (var node in graph.Nodes.OrderBy(static node => Kinds.Place(node.Identity.Kind)).ThenBy(static node => (node.To?["generated"] ?? node.To?["foreign_key"]) is not null).ThenBy(static node => node.Identity).ToList())
        {
            switch (node.Step)
            {
                case ChangeStep.Create when Kinds.Of(node.Identity.Kind).IsPartOfCreation(node.To!, context):
                    AbsorbInto(node, ChangeStep.Create, Owners(node.Identity, To, node.To!).Where(owner => owner.Kind != "column" || node.Identity.Kind is not ("constraint" or "index" or "statistics")));
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
}
