using System.Collections.Immutable;
using Tenancy.Core.Operations;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>What a table's statement does to those that inherit from it, its partitions among them (manual, 5.11, 5.12): it needs no statement of its own.</summary>
internal static class Inheritance
{
    private static readonly ImmutableHashSet<string> Passed = ["type", "collation", "nullable", "generated", "stored", "storage", "statistics", "compression", "inherited", "local"];

    /// <summary>The tables that a table inherits from.</summary>
    public static IEnumerable<string> Parents(CatalogObject table) =>
        table.Texts("inherits").Concat(table["partition_of"] is { } parent ? [parent] : []).Select(static name => ObjectName.Parse(name).Name);

    /// <summary>The changes of a column that do not come with the same change of its parent's.</summary>
    public static ImmutableArray<string> OwnChanges(ImmutableArray<string> changed, CatalogObject item, ObjectSet to)
    {
        if (item.Identity.Kind == ObjectSet.Default)
        {
            return Makes(item, to, isNew: false) ? [] : changed;
        }

        return item.Is("inherited") && Parent(item, to) is { } parent ? changed.RemoveAll(property => property is "inherited" or "local" || (Passed.Contains(property) && parent[property] == item[property])) : changed;
    }

    /// <summary>Does a default come with the same default of the parent's column?</summary>
    public static bool Makes(CatalogObject item, ObjectSet to, bool isNew = true) =>
        item.Identity.Kind == ObjectSet.Default && Column(item, to) is { } column && column.Is("inherited") && !(isNew && column.Is("local"))
        && Parent(column, to) is { } parent && to.Objects.GetValueOrDefault(new(ObjectSet.Default, parent.Identity.Name, parent.Identity.Table)) is { } value && value[ObjectSet.Default] == item[ObjectSet.Default];

    /// <summary>Does a default go with that of the parent's column?</summary>
    public static bool Drops(CatalogObject item, ObjectSet from, ObjectSet to) =>
        item.Identity.Kind == ObjectSet.Default && Column(item, to) is { } column && column.Is("inherited")
        && Parent(column, from) is { } parent && new ObjectIdentity(ObjectSet.Default, parent.Identity.Name, parent.Identity.Table) is var value && from.Objects.ContainsKey(value) && !to.Objects.ContainsKey(value);

    private static CatalogObject? Column(CatalogObject item, ObjectSet set) => set.Column(item.Identity.Table!, item.Identity.Name);

    private static CatalogObject? Parent(CatalogObject column, ObjectSet set) =>
        set.Relation(column.Identity.Table!) is { } table ? Parents(table).Select(parent => set.Column(parent, column.Identity.Name)).FirstOrDefault(static found => found is not null) : null;
}
