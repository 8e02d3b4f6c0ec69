using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>
/// Writes planned changes as operations. What goes and comes again (a trigger, a policy, a key, a view) is not away when something commits: whatever would commit meanwhile is written in its plain form, and where there
/// is none, a hazard tells.
/// </summary>
/// <param name="context">Both schemas.</param>
/// <param name="nodes">The changes, in order.</param>
internal sealed class ChangeWriter(DiffContext context, IReadOnlyList<ChangeNode> nodes)
{
    /// <summary>Nobody's rows hang on these.</summary>
    private static readonly string[] Harmless = ["statistics", ObjectSet.ClusterOn, ObjectSet.Owned, "identity_sequence"];

    private readonly HashSet<ChangeNode> plain = [];

    private (ImmutableArray<ManifestOperation> Operations, ImmutableArray<ChangeHazard> Hazards)[] written = [];

    /// <summary>The changes that say anything, in order.</summary>
    public ImmutableArray<SchemaChange> Write()
    {
        written = [.. nodes.Select(Write)];
        while (Committing().Where(found => plain.Add(found.Node)).Select(static found => found.Node).ToHashSet() is { Count: > 0 } again)
        {
            for (var i = 0; i < nodes.Count; i++)
            {
                written[i] = again.Contains(nodes[i]) ? Write(nodes[i]) : written[i];
            }
        }

        foreach (var (at, away) in Committing().Select(static found => (found.At, found.Away)).Distinct())
        {
            written[at].Hazards = written[at].Hazards.Add(Hazards.Away(away));
        }

        return [.. nodes.Zip(written).Where(static pair => !pair.Second.Operations.IsEmpty).Select(static pair =>
            new SchemaChange(Shown(pair.First), Kind(pair.First.Step), pair.Second.Operations, pair.Second.Hazards) { IsRebuild = pair.First.IsRebuild, With = [.. pair.First.Absorbed.Select(static part => part.Identity)] })];
    }

    /// <summary>What makes room for another of its name goes by a name that nothing can have; people are told the one that it gets.</summary>
    private static ObjectIdentity Shown(ChangeNode node) => node.Identity.Name.EndsWith('\0') ? node.Identity with { Name = (node.To ?? node.From)!.Name() } : node.Identity;

    /// <summary>What commits while something is away: the change that does, and where what goes.</summary>
    private IEnumerable<(ChangeNode Node, int At, ObjectIdentity Away)> Committing()
    {
        List<(int Place, ChangeNode Node)> commits = [];
        var firsts = new int[nodes.Count];
        for (int i = 0, place = 0; i < nodes.Count; i++)
        {
            firsts[i] = place;
            foreach (var operation in written[i].Operations)
            {
                if (Commits(operation))
                {
                    commits.Add((place, nodes[i]));
                }

                place++;
            }
        }

        if (commits.Count == 0)
        {
            yield break;
        }

        Dictionary<ObjectIdentity, int> gone = [];
        for (var i = 0; i < nodes.Count; i++)
        {
            foreach (var part in nodes[i].Absorbed.Prepend(nodes[i]).Where(Protects))
            {
                if (part.Step == ChangeStep.Drop || IsParked(part))
                {
                    gone[part.Identity] = i;
                }
                else if ((part.Step == ChangeStep.Create || part is { Step: ChangeStep.Alter, Identity.Kind: "column" }) && gone.TryGetValue(part.Identity, out var at) && !written[i].Operations.IsEmpty)
                {
                    var back = firsts[i] + Made(part, written[i].Operations);
                    foreach (var commit in commits.Where(commit => commit.Place >= firsts[at] && commit.Place <= back))
                    {
                        yield return (commit.Node, at, part.Identity);
                    }
                }
            }
        }
    }

    /// <summary>Does a column hold text from here on, until it is altered?</summary>
    private static bool IsParked(ChangeNode node) => node is { Step: ChangeStep.MoveAside, Identity.Kind: "column" };

    /// <summary>The operation by which it is there again: of a key, not that which builds its index.</summary>
    private static int Made(ChangeNode node, ImmutableArray<ManifestOperation> operations) => node.Identity.Kind == "constraint" ? operations.TakeWhile(static operation => operation.Name == "create_index").Count() : 0;

    private static bool Protects(ChangeNode node) => !Harmless.Contains(node.Identity.Kind) && (node.Identity.Kind != "index" || (node.From ?? node.To)!.Is("unique"));

    private static bool Commits(ManifestOperation operation) => operation.Name is "validate_constraint" or "add_enum_value"
        || (operation.Value is JsonObject keys && keys["concurrently"] is not null) || (operation.Name == "sql" && PropertyValue.Text(operation.Value).Contains(" CONCURRENTLY ", StringComparison.Ordinal));

    private (ImmutableArray<ManifestOperation> Operations, ImmutableArray<ChangeHazard> Hazards) Write(ChangeNode node)
    {
        context.IsPlain = plain.Contains(node);
        WriteOperations(node);
        return context.Take();
    }

    private void WriteOperations(ChangeNode node)
    {
        var rules = Kinds.Of(node.Identity.Kind);
        switch (node.Step)
        {
            case ChangeStep.Rename or ChangeStep.MoveAside:
                rules.Rename(node, context);
                break;
            case ChangeStep.Drop or ChangeStep.DropAside:
                rules.Drop(node, context);
                break;
            case ChangeStep.Create:
                rules.Create(node, context);
                if (!rules.OwnsAttributes)
                {
                    Attributes.Create(node.To!, context, rules.HasComment(node.To!));
                }

                break;
            default:
                rules.Alter(node, context);
                Attributes.Alter(node.From!, node.To!, context);
                break;
        }
    }

    private static ChangeKind Kind(ChangeStep step) => step switch
    {
        ChangeStep.Rename or ChangeStep.MoveAside => ChangeKind.Rename,
        ChangeStep.Drop or ChangeStep.DropAside => ChangeKind.Drop,
        ChangeStep.Create => ChangeKind.Create,
        _ => ChangeKind.Alter,
    };
}
