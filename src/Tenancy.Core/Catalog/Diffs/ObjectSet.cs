using System.Collections.Immutable;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>
/// The objects of a snapshot as a diff sees them. What comes and goes by statements of its own is an object of its own: a column's default, the column that a sequence belongs to, the index that tells rows
/// apart. So whatever a default needs may come between the table and it.
/// </summary>
internal sealed class ObjectSet
{
    /// <summary>A column's default.</summary>
    public const string Default = "default";

    /// <summary>The column that a sequence goes with.</summary>
    public const string Owned = "owned_by";

    /// <summary>What logical replication tells a table's rows apart by.</summary>
    public const string ReplicaIdentity = "replica_identity";

    /// <summary>The index that CLUSTER goes by.</summary>
    public const string ClusterOn = "cluster_on";

    /// <summary>What has parts that name it as their table.</summary>
    private static readonly string[] Containers = ["table", "view", "materialized_view", "foreign_table", "domain", "composite_type"];

    private static readonly string[] Routines = ["function", "procedure", "aggregate", "sequence", "operator"];

    private readonly Dictionary<string, ObjectIdentity> containers = new(StringComparer.Ordinal);

    private readonly Dictionary<ObjectIdentity, HashSet<ObjectIdentity>> needs = [];

    private readonly Dictionary<ObjectIdentity, HashSet<ObjectIdentity>> neededBy = [];

    private readonly Dictionary<string, CatalogObject> ranges = new(StringComparer.Ordinal);

    private readonly ILookup<string, CatalogObject> keys;

    private readonly ILookup<string, CatalogObject> columns;

    /// <summary>What its own names are qualified with, where they are.</summary>
    public string OwnToken { get; }

    /// <summary>The objects of a snapshot.</summary>
    /// <param name="objects">The objects.</param>
    /// <param name="dependencies">Which needs which.</param>
    /// <param name="options">Which properties do not count, and what own names are qualified with, where they are.</param>
    public ObjectSet(IEnumerable<CatalogObject> objects, IEnumerable<(ObjectIdentity From, ObjectIdentity To)> dependencies, DiffOptions options)
    {
        var ignored = options.Ignored;
        OwnToken = options.OwnToken;
        foreach (var item in objects)
        {
            AddWithParts(ignored.Count == 0 ? item : item.With(item.Properties.RemoveRange(ignored)));
            if (item.Identity.Table is null && Containers.Contains(item.Identity.Kind))
            {
                containers[item.Identity.Name] = item.Identity;
            }
            else if (item.Identity.Kind == "range_type")
            {
                ranges[RangeTypeRules.Multirange(item)] = item;
            }
        }

        foreach (var (from, to) in dependencies)
        {
            AddDependency(from, to);
        }

        columns = Objects.Values.Where(static item => item.Identity.Kind == "column").ToLookup(static item => item.Identity.Table!, StringComparer.Ordinal);
        keys = Objects.Values.Where(static item => item.Identity.Kind is "constraint" or "index").ToLookup(static item => item.Identity.Table!, StringComparer.Ordinal);
        foreach (var item in Objects.Values)
        {
            AddStructure(item);
        }
    }

    /// <summary>The objects by identity.</summary>
    public Dictionary<ObjectIdentity, CatalogObject> Objects { get; } = [];

    /// <summary>What an object needs.</summary>
    public IReadOnlyCollection<ObjectIdentity> Needs(ObjectIdentity identity) => needs.TryGetValue(identity, out var found) ? found : [];

    /// <summary>What needs an object.</summary>
    public IReadOnlyCollection<ObjectIdentity> NeededBy(ObjectIdentity identity) => neededBy.TryGetValue(identity, out var found) ? found : [];

    /// <summary>Does one object need another?</summary>
    public bool IsNeeded(ObjectIdentity from, ObjectIdentity to) => needs.TryGetValue(from, out var found) && found.Contains(to);

    /// <summary>What an object is a part of; null for what stands alone.</summary>
    public ObjectIdentity? ContainerOf(ObjectIdentity identity) => identity.Table is { } table && containers.TryGetValue(table, out var found) ? found : null;

    /// <summary>A table or what is like one, by its name; null where there is none.</summary>
    public CatalogObject? Relation(string name) => containers.TryGetValue(name, out var found) ? Objects[found] : null;

    /// <summary>The range type that a multirange is of, by the multirange's name; null where there is none.</summary>
    public CatalogObject? RangeOf(string multirange) => ranges.GetValueOrDefault(multirange);

    /// <summary>A constraint or index of a table; null where there is none.</summary>
    public CatalogObject? Key(string table, string name) => keys[table].FirstOrDefault(item => item.Identity.Name == name);

    /// <summary>The constraints and indexes of a table.</summary>
    public IEnumerable<CatalogObject> KeysOf(string table) => keys[table];

    /// <summary>A column; null where there is none.</summary>
    public CatalogObject? Column(string table, string name) => Objects.GetValueOrDefault(new("column", name, table));

    /// <summary>The columns of a table.</summary>
    public IEnumerable<CatalogObject> ColumnsOf(string table) => columns[table];

    private void AddWithParts(CatalogObject item)
    {
        var rest = item.Properties;
        foreach (var (kind, property, part) in PartsOf(item))
        {
            if (item[property] is { } value)
            {
                rest = rest.Remove(property);
                Objects.Add(part, new CatalogObject { Identity = part, Properties = CatalogObject.NoProperties.Add(property, item.Identity.Table is not null && part.Name.Length == 0 ? IndexOf(kind, item) : value) });
                Need(part, item.Identity);
            }
        }

        Objects.Add(item.Identity, rest == item.Properties ? item : item.With(rest));
    }

    /// <summary>Which index it is, as <c>alter_table</c> says it, by its name here, in which no number counts that PostgreSQL chose.</summary>
    private static string IndexOf(string kind, CatalogObject item) =>
        kind == ClusterOn ? item.Identity.Name : new System.Text.Json.Nodes.JsonObject { ["index"] = item.Identity.Name }.ToJsonString(PropertyValue.Plain);

    private static IEnumerable<(string Kind, string Property, ObjectIdentity Part)> PartsOf(CatalogObject item) => item.Identity.Kind switch
    {
        "column" => [(Default, "default", new(Default, item.Identity.Name, item.Identity.Table))],
        "sequence" => [(Owned, "owned_by", new(Owned, item.Identity.Name))],
        "table" => [(ReplicaIdentity, ReplicaIdentity, new(ReplicaIdentity, "", item.Identity.Name))],
        "constraint" or "index" => [(ReplicaIdentity, ReplicaIdentity, new(ReplicaIdentity, "", item.Identity.Table)), (ClusterOn, ClusterOn, new(ClusterOn, "", item.Identity.Table))],
        _ => [],
    };

    private void AddDependency(ObjectIdentity from, ObjectIdentity to)
    {
        if (from.Kind == "column" && new ObjectIdentity(Default, from.Name, from.Table) is var part && Objects.ContainsKey(part))
        {
            Need(part, to);
            if (Routines.Contains(to.Kind))
            {
                return;
            }
        }

        if (from.Kind == "sequence" && to.Kind is "column" or "table" && Objects.ContainsKey(new(Owned, from.Name)))
        {
            return;
        }

        Need(from, to);
    }

    private void AddStructure(CatalogObject item)
    {
        if (ContainerOf(item.Identity) is { } container)
        {
            Need(item.Identity, container);
        }

        switch (item.Identity.Kind)
        {
            case Owned when item.Mapping(Owned) is { } owner:
                Need(item.Identity, new("column", PropertyValue.Text(owner["column"]), PropertyValue.Text(owner["table"])));
                Need(item.Identity, new("table", PropertyValue.Text(owner["table"])));
                break;
            case ReplicaIdentity when item[ReplicaIdentity] is ['{', ..]:
                NeedIndex(item.Identity, PropertyValue.Text(item.Mapping(ReplicaIdentity)!["index"]));
                break;
            case ClusterOn:
                NeedIndex(item.Identity, item[ClusterOn]!);
                break;
            case "statistics" when containers.TryGetValue(Operations.ObjectName.Parse(item["table"]!).Name, out var table):
                Need(item.Identity, table);
                foreach (var column in item.Items("columns").OfType<System.Text.Json.Nodes.JsonValue>())
                {
                    Need(item.Identity, new("column", PropertyValue.Text(column), table.Name));
                }

                break;
            case "constraint" when item["foreign_key"] is not null:
                NeedKey(item);
                break;
            case "identity_sequence":
                Need(item.Identity, new("column", item.Identity.Name, item.Identity.Table));
                break;
            case "table":
                foreach (var parent in item.Texts("inherits").Concat(item["partition_of"] is { } one ? [one] : []))
                {
                    NeedParent(item.Identity, Operations.ObjectName.Parse(parent).Name);
                }

                break;
        }
    }

    /// <summary>A child, and each of its columns that the parent has.</summary>
    private void NeedParent(ObjectIdentity child, string parent)
    {
        if (containers.TryGetValue(parent, out var table))
        {
            Need(child, table);
            foreach (var column in columns[child.Name].Where(static column => column.Is("inherited")))
            {
                Need(column.Identity, column.Identity with { Table = parent });
                Need(new(Default, column.Identity.Name, child.Name), new(Default, column.Identity.Name, parent));
            }
        }
    }

    /// <summary>The key that a foreign key goes to: dropping it would take the foreign key along.</summary>
    private void NeedKey(CatalogObject key)
    {
        var reference = key.Mapping("references")!;
        if (Operations.ObjectName.Parse(PropertyValue.Text(reference["table"])).Name is var name && containers.TryGetValue(name, out var table))
        {
            Need(key.Identity, table);
            var columns = reference["columns"]!.AsArray().Select(PropertyValue.Text).Order(StringComparer.Ordinal).ToList();
            foreach (var column in columns)
            {
                Need(key.Identity, new("column", column, name));
            }

            // The server took one of several alike; which one, makes no difference here.
            if (keys[name].FirstOrDefault(other => IsKey(other, columns)) is { } target)
            {
                Need(key.Identity, target.Identity);
            }
        }
    }

    private static bool IsKey(CatalogObject item, List<string> columns) =>
        (item["primary_key"] ?? item["unique"]) is ['[', ..] && item.Texts(item["primary_key"] is null ? "unique" : "primary_key").Order(StringComparer.Ordinal).SequenceEqual(columns);

    private void NeedIndex(ObjectIdentity from, string name)
    {
        if (Key(from.Table!, name) is { } index)
        {
            Need(from, index.Identity);
        }
    }

    private void Need(ObjectIdentity from, ObjectIdentity to)
    {
        if (from == to || !Objects.ContainsKey(to) || !Objects.ContainsKey(from))
        {
            return;
        }

        if (!needs.TryGetValue(from, out var forward))
        {
            needs[from] = forward = [];
        }

        forward.Add(to);
        if (!neededBy.TryGetValue(to, out var back))
        {
            neededBy[to] = back = [];
        }

        back.Add(from);
    }
}
