using System.Text.Json.Nodes;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>The index that a table goes by for some purpose.</summary>
/// <param name="property">The key of <c>alter_table</c> that says it.</param>
/// <param name="none">What it says where there is none.</param>
internal abstract class ChosenIndexRules(string property, string none) : KindRules(property)
{
    /// <inheritdoc/>
    public override bool GoesWithContainer => true;

    /// <inheritdoc/>
    public override void Create(ChangeNode node, DiffContext context) => Set(node, Value(node, context), context);

    /// <inheritdoc/>
    public override void Alter(ChangeNode node, DiffContext context) => Set(node, Value(node, context), context);

    /// <inheritdoc/>
    public override void Drop(ChangeNode node, DiffContext context) => Set(node, ManifestMapping.TextOrNull(none), context);

    /// <summary>What it says of a table.</summary>
    protected abstract JsonNode Value(ChangeNode node, DiffContext context);

    /// <summary>The name that an index has when this is said: one that stays has the number that PostgreSQL gave it.</summary>
    protected static string Named(string index, ChangeNode node, DiffContext context)
    {
        var table = node.Identity.Table!;
        var isRebuilt = node is { Step: ChangeStep.Create, From: not null };
        return ((isRebuilt ? null : context.From.Key(table, index)) ?? context.To.Key(table, index))?.Name() ?? index;
    }

    private void Set(ChangeNode node, JsonNode value, DiffContext context)
    {
        context.Write("alter_table", ("name", DiffContext.Named(node.Identity.Table!)), (property, value));
        if (property == ObjectSet.ReplicaIdentity && !context.IsNew(node.Identity.Table))
        {
            context.Warn(Hazards.Instant(node.Identity.Table!));
        }
    }
}

/// <summary>What logical replication tells a table's rows apart by.</summary>
internal sealed class ReplicaIdentityRules() : ChosenIndexRules(ObjectSet.ReplicaIdentity, "default")
{
    /// <inheritdoc/>
    protected override JsonNode Value(ChangeNode node, DiffContext context) => node.To![ObjectSet.ReplicaIdentity] is not ['{', ..]
        ? JsonValue.Create(node.To[ObjectSet.ReplicaIdentity]!)
        : ManifestMapping.Of(("index", Named(PropertyValue.Text(node.To.Mapping(ObjectSet.ReplicaIdentity)!["index"]), node, context)));
}

/// <summary>The index that CLUSTER goes by.</summary>
internal sealed class ClusterOnRules() : ChosenIndexRules(ObjectSet.ClusterOn, ManifestMapping.Null)
{
    /// <inheritdoc/>
    protected override JsonNode Value(ChangeNode node, DiffContext context) => JsonValue.Create(Named(node.To![ObjectSet.ClusterOn]!, node, context));
}
