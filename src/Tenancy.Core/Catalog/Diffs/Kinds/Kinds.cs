using System.Collections.Frozen;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>The rules of all kinds. A new one is a file of its own and a line here.</summary>
internal static class Kinds
{
    private static readonly UnknownRules Unknown = new("Nothing here knows how to make it. Write the statements for it yourself, with the operation 'sql'.");

    /// <summary>The kinds in the order in which they come where nothing demands another.</summary>
    private static readonly (string Kind, KindRules Rules)[] All =
    [
        ("schema", new SchemaRules()),
        ("enum", new EnumRules()),
        ("domain", new DomainRules()),
        ("domain_constraint", new DomainConstraintRules()),
        ("composite_type", new CompositeTypeRules()),
        ("attribute", new AttributeRules()),
        ("range_type", new RangeTypeRules()),
        ("sequence", new SequenceRules()),
        ("table", new TableRules()),
        ("foreign_table", new ForeignTableRules()),
        ("column", new ColumnRules()),
        (ObjectSet.Default, new DefaultRules()),
        ("identity_sequence", new IdentitySequenceRules()),
        (ObjectSet.Owned, new OwnedRules()),
        ("constraint", new ConstraintRules()),
        ("index", new IndexRules()),
        (ObjectSet.ReplicaIdentity, new ReplicaIdentityRules()),
        (ObjectSet.ClusterOn, new ClusterOnRules()),
        ("statistics", new StatisticsRules()),
        ("function", new RoutineRules("function")),
        ("procedure", new RoutineRules("procedure")),
        ("aggregate", new AggregateRules()),
        ("view", new ViewRules()),
        ("materialized_view", new MaterializedViewRules()),
        ("rule", new RuleRules()),
        ("trigger", new TriggerRules()),
        ("policy", new PolicyRules()),
        ("default_privileges", new DefaultPrivilegesRules()),
        ("extension", new UnknownRules("A database has an extension once, so no other schema can have it. Move it into a schema of its own (ALTER EXTENSION … SET SCHEMA); extensions belong to the shared scope.")),
    ];

    private static readonly FrozenDictionary<string, (KindRules Rules, int Place)> ByKind =
        All.Select(static (entry, place) => KeyValuePair.Create(entry.Kind, (entry.Rules, place))).ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The rules of a kind; of one that is not known, those that refuse it.</summary>
    public static KindRules Of(string kind) => ByKind.TryGetValue(kind, out var found) ? found.Rules : Unknown;

    /// <summary>Where a kind comes among the others.</summary>
    public static int Place(string kind) => ByKind.TryGetValue(kind, out var found) ? found.Place : All.Length;

    /// <summary>What nothing here makes: the difference is told.</summary>
    private sealed class UnknownRules(string why) : KindRules
    {
        public override string Obstacle(CatalogObject? from, CatalogObject? to, DiffContext context) => why;

        public override void Create(ChangeNode node, DiffContext context) => throw new InvalidOperationException($"Refused before: {node}.");

        public override void Drop(ChangeNode node, DiffContext context) => throw new InvalidOperationException($"Refused before: {node}.");
    }
}
