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

    /// <summary>Is a table there before that gets a parent? What it is to inherit must be there by then: nothing of it comes with the parent's.</summary>
    public static bool Joins(string? table, ObjectSet from, ObjectSet to) =>
        table is not null && from.Relation(table) is { } was && to.Relation(table) is { } now && Parents(now).Except(Parents(was)).Any();

    /// <summary>Does a table stay that loses a parent? What it had inherited is its own from then on, and goes by itself.</summary>
    public static bool Leaves(string? table, ObjectSet from, ObjectSet to) => Joins(table, to, from);

    /// <summary>Is it to be inherited only, though its table has it already, and keeps it as its own by ALTER TABLE … INHERIT (<c>attislocal</c>)? A partition does not.</summary>
    public static bool StaysLocal(CatalogObject item, ObjectSet from, ObjectSet to) =>
        item.Is("inherited") && !item.Is("local") && (item.Identity.Kind == "column" || item["check"] is not null) && from.Objects.GetValueOrDefault(item.Identity)?.Is("inherited") != true && to.Relation(item.Identity.Table!)?["inherits"] is not null && Joins(item.Identity.Table, from, to);

    /// <summary>Does the parent's statement make it along: what is inherited, and not the table's own too?</summary>
    public static bool IsMade(CatalogObject item, ObjectSet from, ObjectSet to) =>
        item.Is("inherited") && !item.Is("local") && !((item.Identity.Kind == "column" || item["check"] is not null) && Joins(item.Identity.Table, from, to));

    /// <summary>Does the parent's statement drop it along?</summary>
    public static bool IsDropped(CatalogObject item, ObjectSet from, ObjectSet to) =>
        item.Is("inherited") && !item.Is("local") && !(item.Identity.Kind is "column" or "constraint" or "index" && Leaves(item.Identity.Table, from, to));

    /// <summary>The changes of an object that do not come with the same change of its parent's. From PostgreSQL 18 on NOT NULL stays where it is the table's own too.</summary>
    public static ImmutableArray<string> OwnChanges(ImmutableArray<string> changed, CatalogObject item, ObjectSet from, ObjectSet to)
    {
        if (item.Identity.Kind == ObjectSet.Default)
        {
            return Makes(item, from, to, isNew: false) ? [] : changed;
        }

        // An index that is a part of the parent's by now is the same index.
        if (item.Identity.Kind == "index" && item.Is("inherited"))
        {
            return changed.Remove("inherited");
        }

        return item.Is("inherited") && Parent(item, to) is { } parent
            ? changed.RemoveAll(property => property is "inherited" or "local" || (Passed.Contains(property) && parent[property] == item[property] && !Joins(item.Identity.Table, from, to) && !(property == "nullable" && item[property] is null && item.Is("local"))))
            : changed;
    }

    /// <summary>Does a default come with the same default of the parent's column?</summary>
    public static bool Makes(CatalogObject item, ObjectSet from, ObjectSet to, bool isNew = true) =>
        item.Identity.Kind == ObjectSet.Default && Column(item, to) is { } column && column.Is("inherited") && !(isNew && column.Is("local")) && !Joins(item.Identity.Table, from, to)
        && Parent(column, to) is { } parent && to.Objects.GetValueOrDefault(new(ObjectSet.Default, parent.Identity.Name, parent.Identity.Table)) is { } value && value[ObjectSet.Default] == item[ObjectSet.Default];

    /// <summary>Does a default go with that of the parent's column?</summary>
    public static bool Drops(CatalogObject item, ObjectSet from, ObjectSet to) =>
        item.Identity.Kind == ObjectSet.Default && Column(item, to) is { } column && column.Is("inherited") && !Joins(item.Identity.Table, from, to)
        && Parent(column, from) is { } parent && new ObjectIdentity(ObjectSet.Default, parent.Identity.Name, parent.Identity.Table) is var value && from.Objects.ContainsKey(value) && !to.Objects.ContainsKey(value);

    private static CatalogObject? Column(CatalogObject item, ObjectSet set) => set.Column(item.Identity.Table!, item.Identity.Name);

    private static CatalogObject? Parent(CatalogObject column, ObjectSet set) =>
        set.Relation(column.Identity.Table!) is { } table ? Parents(table).Select(parent => set.Column(parent, column.Identity.Name)).FirstOrDefault(static found => found is not null) : null;
}
