using System.Collections.Immutable;
using Tenancy.Core.Catalog;
using Tenancy.Core.Manifests;
using Tenancy.Core.Operations;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Authoring.Autogenerate;

/// <summary>
/// What of two schemas does not count: <c>grants</c>, <c>owners</c>, <c>comments</c>; all objects of a kind, such as <c>trigger</c>; or those of a name, with wildcards, such as <c>table:alembic_version</c>, with
/// all that belongs to them.
/// </summary>
internal sealed class ShapeFilter
{
    private const string DefaultPrivileges = "default_privileges";

    private static readonly ImmutableDictionary<string, ImmutableArray<string>> Properties = ImmutableDictionary.CreateRange<string, ImmutableArray<string>>(
        StringComparer.OrdinalIgnoreCase,
        [new("grants", ["grants", "revokes"]), new("grant", ["grants", "revokes"]), new("owners", ["owner"]), new("owner", ["owner"]), new("comments", ["comment"]), new("comment", ["comment"])]);

    private static readonly ImmutableArray<string> Kinds =
    [
        "table", "foreign_table", "column", "constraint", "index", "sequence", "view", "materialized_view", "function", "procedure", "aggregate", "trigger", "rule", "policy", "enum", "domain", "composite_type",
        "range_type", "statistics", DefaultPrivileges, "extension", "unsupported",
    ];

    /// <summary>What has parts that name it as their table. No two of these have one name in a schema; others, such as statistics, may have theirs.</summary>
    private static readonly ImmutableArray<string> Containers = ["table", "foreign_table", "view", "materialized_view", "domain", "composite_type"];

    private static readonly ImmutableArray<string> Holders = ["view", "materialized_view", "composite_type"];

    private readonly HashSet<string> properties = new(StringComparer.Ordinal);
    private readonly List<(string Kind, NamePattern? Name)> objects = [];

    /// <summary>Reads what does not count.</summary>
    /// <param name="excluded">As the user types it.</param>
    /// <exception cref="TenancyException"><c>InvalidExclude</c>.</exception>
    public ShapeFilter(IEnumerable<string> excluded)
    {
        foreach (var item in excluded)
        {
            if (Properties.TryGetValue(item, out var ignored))
            {
                properties.UnionWith(ignored);
                continue;
            }

            var colon = item.IndexOf(':', StringComparison.Ordinal);
            var kind = (colon < 0 ? item : item[..colon]).Replace(' ', '_').ToLowerInvariant();
            if (!Kinds.Contains(kind))
            {
                throw new TenancyException(
                    "InvalidExclude",
                    $"There is nothing named '{kind}' to leave out.{(Spelling.Nearest(kind, Kinds.Concat(["grants", "owners", "comments"])) is { } nearest ? $" Did you mean '{nearest}'?" : "")}",
                    $"There are grants, owners, comments, and the kinds {string.Join(", ", Kinds)}; a kind may have a name after it: table:alembic_version.");
            }

            objects.Add((kind, colon < 0 ? null : new NamePattern(item[(colon + 1)..], ignoreCase: false)));
        }
    }

    /// <summary>True where privileges do not count.</summary>
    public bool IgnoresGrants => properties.Contains("grants");

    /// <summary>True where owners do not count.</summary>
    public bool IgnoresOwners => properties.Contains("owner");

    /// <summary>The properties that do not count.</summary>
    public IReadOnlySet<string> IgnoredProperties => properties;

    /// <summary>The same, and no privileges besides.</summary>
    public void IgnoreGrants()
    {
        properties.UnionWith(Properties["grants"]);
        objects.Add((DefaultPrivileges, null));
    }

    /// <summary>The same, and no owners besides.</summary>
    public void IgnoreOwners() => properties.UnionWith(Properties["owners"]);

    /// <summary>True where objects are left out, by kind or name.</summary>
    public bool LeavesObjectsOut => objects.Exists(static item => item.Kind != DefaultPrivileges);

    /// <summary>A schema as its copy is to be: all objects, because what does not count may stand in the way of what does; but no privileges and owners that do not count, whose roles one may not be able to name.</summary>
    /// <param name="shape">The schema.</param>
    public SchemaSnapshot WithoutRoles(SchemaSnapshot shape)
    {
        var ignored = properties.Where(static property => property != "comment").ToHashSet(StringComparer.Ordinal);
        return Keep(shape, [.. shape.Objects.Values.Where(item => item.Identity.Kind != DefaultPrivileges || !IsExcluded(item.Identity))], ignored);
    }

    /// <summary>A schema without what does not count.</summary>
    /// <param name="shape">The schema.</param>
    public SchemaSnapshot Apply(SchemaSnapshot shape)
    {
        if (properties.Count == 0 && objects.Count == 0)
        {
            return shape;
        }

        var gone = shape.Objects.Keys.Where(IsExcluded).ToHashSet();
        AddPartitions(shape, gone);
        var containers = gone.Where(static identity => Containers.Contains(identity.Kind)).Select(static identity => identity.Name).ToHashSet(StringComparer.Ordinal);
        var kept = shape.Objects.Values.Where(item => !gone.Contains(item.Identity) && !(item.Identity.Table is { } table && containers.Contains(table)) && !IsOwned(item, containers)).ToList();
        return Keep(shape, kept, properties);
    }

    private static SchemaSnapshot Keep(SchemaSnapshot shape, List<CatalogObject> kept, HashSet<string> ignored)
    {
        // These are objects only where something is set on them; who needs them needs what they are of.
        bool IsBare(CatalogObject item) => item.Identity.Kind is "column" or "attribute" or "identity_sequence" && item.Properties.Count > 0 && item.Properties.Keys.All(ignored.Contains);
        var bare = kept.Where(IsBare).Select(static item => item.Identity).ToHashSet();
        kept.RemoveAll(IsBare);
        var known = kept.Select(static item => item.Identity).ToHashSet();
        ObjectIdentity Standing(ObjectIdentity identity) => !bare.Contains(identity) ? identity
            : Holders.Select(kind => new ObjectIdentity(kind, identity.Table!)).FirstOrDefault(known.Contains, identity);
        return new(
            kept.Select(item => item.Properties.Keys.Any(ignored.Contains) ? new CatalogObject { Identity = item.Identity, Properties = item.Properties.RemoveRange(ignored), Position = item.Position, ActualName = item.ActualName } : item),
            shape.Dependencies.Select(pair => (From: Standing(pair.From), To: Standing(pair.To))).Where(pair => pair.From != pair.To && known.Contains(pair.From) && known.Contains(pair.To)));
    }

    private bool IsExcluded(ObjectIdentity identity) => objects.Exists(item => item.Kind == identity.Kind && (item.Name is null || item.Name.IsMatch(identity.Name)));

    /// <summary>The partitions of a table that is left out belong to it, and theirs to them.</summary>
    private static void AddPartitions(SchemaSnapshot shape, HashSet<ObjectIdentity> gone)
    {
        var partitions = shape.Objects.Values.Where(static item => item["partition_of"] is not null).ToList();
        while (partitions.RemoveAll(item => gone.Contains(new("table", ObjectName.Parse(item["partition_of"]!).Name)) && gone.Add(item.Identity)) > 0)
        {
        }
    }

    // The sequence of a column of a table that is left out.
    private static bool IsOwned(CatalogObject item, HashSet<string> containers) =>
        item.Identity.Kind == "sequence" && item["owned_by"] is { } owner && System.Text.Json.Nodes.JsonNode.Parse(owner)?["table"]?.GetValue<string>() is { } table && containers.Contains(table);
}
