using System.Collections.Immutable;
using Tenancy.Core.Operations;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>What a table's statement does to those that inherit from it, its partitions among them (manual, 5.11, 5.12): it needs no statement of its own.</summary>
internal static class Inheritance
{
    /// <summary>What a statement on a parent's column sets in those that inherit it; SET COMPRESSION and SET ( … ) never do (<c>ATPrepCmd</c>).</summary>
    private static readonly ImmutableHashSet<string> Passed = ["type", "collation", "nullable", "generated", "stored", "storage", "statistics", ObjectSet.Default];

    /// <summary>What another type of the parent's column sets in those that inherit it (<c>ATExecAlterColumnType</c>).</summary>
    private static readonly ImmutableHashSet<string> OfType = ["storage", "compression"];

    /// <summary>The tables that a table inherits from: one of another schema under a name that nothing here has, for it may be called like the table itself.</summary>
    /// <param name="table">The table.</param>
    /// <param name="ownToken">What its own schema's names are qualified with, where they are.</param>
    public static IEnumerable<string> Parents(CatalogObject table, string ownToken) =>
        table.Texts("inherits").Concat(table["partition_of"] is { } parent ? [parent] : []).Select(text => OwnNames.Parse(text, ownToken)).Select(static name => name.Schema is { } schema ? $"{schema}\0{name.Name}" : name.Name);

    /// <summary>Is a table there before that gets a parent? What it is to inherit must be there by then: nothing of it comes with the parent's.</summary>
    public static bool Joins(string? table, ObjectSet from, ObjectSet to) =>
        table is not null && from.Relation(table) is { } was && to.Relation(table) is { } now && Parents(now, to.OwnToken).Except(Parents(was, from.OwnToken)).Any();

    /// <summary>Does a table stay that loses a parent? What it had inherited is its own from then on, and goes by itself.</summary>
    public static bool Leaves(string? table, ObjectSet from, ObjectSet to) => Joins(table, to, from);

    /// <summary>Is it to be inherited only, though its table has it already, and keeps it as its own by ALTER TABLE … INHERIT (<c>attislocal</c>)? A partition does not.</summary>
    public static bool StaysLocal(CatalogObject item, ObjectSet from, ObjectSet to) =>
        item.Is("inherited") && !item.Is("local") && (item.Identity.Kind == "column" || item["check"] is not null) && from.Objects.GetValueOrDefault(item.Identity)?.Is("inherited") != true && to.Relation(item.Identity.Table!)?["inherits"] is not null && Joins(item.Identity.Table, from, to);

    /// <summary>Does the parent's statement make it along: what is inherited, and not the table's own too?</summary>
    public static bool IsMade(CatalogObject item, ObjectSet from, ObjectSet to) =>
        item.Is("inherited") && !item.Is("local") && !((item.Identity.Kind == "column" || item["check"] is not null) && Joins(item.Identity.Table, from, to)) && !IsNamed(item, from, to);

    /// <summary>Is it a part of an index or key that comes with it, under a name that PostgreSQL would not choose? Then it is made first, and the whole takes it in.</summary>
    public static bool IsNamed(CatalogObject item, ObjectSet from, ObjectSet to) =>
        item.Is("inherited") && item.ActualName is null && (item.Identity.Kind == "index" || item["primary_key"] is not null || item["unique"] is not null) && !from.Objects.ContainsKey(item.Identity) && !IsUsual(item)
        && Whole(item, to) is { } whole && !from.Objects.ContainsKey(whole) && !Joins(item.Identity.Table, from, to) && !ComesWithTable(item, from, to);

    /// <summary>Is it a part of an index or key that is made by the statement that makes its table, a partition, or attaches it, because the whole is there by then?</summary>
    public static bool ComesWithTable(CatalogObject item, ObjectSet from, ObjectSet to) =>
        (item.Identity.Kind == "index" || item["primary_key"] is not null || item["unique"] is not null)
        && (from.Relation(item.Identity.Table!) is null || (Joins(item.Identity.Table, from, to) && !from.Objects.ContainsKey(item.Identity))) && to.Relation(item.Identity.Table!)?["partition_of"] is not null
        && Whole(item, to) is { } whole && (from.Objects.ContainsKey(whole) || ComesWithTable(to.Objects[whole], from, to));

    /// <summary>What an index or key is a part of; null where it is whole.</summary>
    public static ObjectIdentity? Whole(CatalogObject item, ObjectSet set) => !item.Is("inherited") || item["foreign_key"] is not null ? null : set.Needs(item.Identity).Where(need => need.Kind == item.Identity.Kind && need.Table != item.Identity.Table).Select(static need => (ObjectIdentity?)need).FirstOrDefault();

    private static bool IsUsual(CatalogObject item)
    {
        var (columns, kind) = item["primary_key"] is not null ? ([], "pkey") : item["unique"] is ['[', ..] ? (item.Texts("unique"), "key") : (item.Items("columns").Select(static column => column is System.Text.Json.Nodes.JsonObject named ? PropertyValue.Text(named["column"] ?? "expr") : PropertyValue.Text(column)), "idx");
        return item.Identity.Name.TrimEnd([.. "0123456789"]) == SqlText.ConstraintName(item.Identity.Table!, [.. columns, .. kind == "pkey" ? [] : item.Texts("include")], kind, new HashSet<string>());
    }

    /// <summary>Does the parent's statement drop it along?</summary>
    public static bool IsDropped(CatalogObject item, ObjectSet from, ObjectSet to) =>
        item.Is("inherited") && !item.Is("local") && !(item.Identity.Kind is "column" or "constraint" or "index" && Leaves(item.Identity.Table, from, to));

    /// <summary>May a parent's statement change it along? Then it may have to be set again though it is to stay as it is.</summary>
    public static bool IsFollowing(CatalogObject item, ObjectSet to) =>
        item.Identity.Kind == "column" ? item.Is("inherited") : item.Identity.Kind == ObjectSet.Default && Column(item, to)?.Is("inherited") == true;

    /// <summary>What is still to be set once the parents' statements have run. From PostgreSQL 18 on NOT NULL stays where it is the table's own too.</summary>
    public static ImmutableArray<string> OwnChanges(CatalogObject before, CatalogObject item, DiffContext context)
    {
        var changed = PropertyValue.Changed(before, item);
        if (item.Identity.Kind == "index" && item.Is("inherited"))
        {
            // An index that is a part of the parent's by now is the same index.
            return changed.Remove("inherited");
        }

        if (!IsFollowing(item, context.To) || Parents(item.Identity, context).IsEmpty)
        {
            return changed;
        }

        if (item.Identity.Kind == ObjectSet.Default)
        {
            return Left(item.Identity, ObjectSet.Default, context) == item[ObjectSet.Default] ? [] : [ObjectSet.Default];
        }

        bool IsOwn(string property) => (property == "nullable" && item[property] is null && item.Is("local") && changed.Contains(property)) || Left(item.Identity, property, context) != item[property];
        return [.. changed.Union(["nullable", "statistics", "storage", "compression"]).Where(property => property is not ("inherited" or "local") && IsOwn(property)).Order(StringComparer.Ordinal)];
    }

    /// <summary>Does a default come with the same default of the parent's column, or with the column?</summary>
    public static bool Makes(CatalogObject item, DiffContext context)
    {
        var (_, name, table) = item.Identity;
        var isNew = context.From.Column(table!, name) is null;
        return IsFollowing(item, context.To) && !(isNew && Column(item, context.To)!.Is("local")) && !Joins(table, context.From, context.To)
            && (isNew ? Sources(item.Identity, context.To).Select(parent => Value(parent, ObjectSet.Default, context.To)).FirstOrDefault() : Left(item.Identity, ObjectSet.Default, context)) == item[ObjectSet.Default];
    }

    /// <summary>The default that an inherited column is left with by the parents' statements, and is not to have; null where there is none.</summary>
    public static CatalogObject? Unwanted(CatalogObject column, DiffContext context)
    {
        var value = column.Identity with { Kind = ObjectSet.Default };
        var isNew = !context.From.Objects.ContainsKey(column.Identity);
        if (!column.Is("inherited") || context.To.Objects.ContainsKey(value) || Joins(column.Identity.Table, context.From, context.To) || (isNew && column.Is("local") && IsThere(column.Identity.Table!, context)))
        {
            return null;
        }

        var left = isNew ? Sources(column.Identity, context.To).Select(parent => Value(parent, ObjectSet.Default, context.To)).FirstOrDefault() : Left(column.Identity, ObjectSet.Default, context);
        return left is null ? null : new() { Identity = value, Properties = CatalogObject.NoProperties.Add(ObjectSet.Default, left) };
    }

    /// <summary>Is it the default of a column that inherits? It goes with a column that its parent's takes along; else what the parents' statements leave decides (<see cref="Unwanted"/>).</summary>
    public static bool IsInheritedDefault(CatalogObject item, DiffContext context) =>
        item.Identity.Kind == ObjectSet.Default && (Column(item, context.To) is { } column ? column.Is("inherited") && !Joins(item.Identity.Table, context.From, context.To) : Column(item, context.From) is { } gone && IsDropped(gone, context.From, context.To));

    /// <summary>Is the table there before and afterwards?</summary>
    public static bool IsThere(string table, DiffContext context) => context.From.Relation(table) is { } was && context.To.Relation(table)?.Identity == was.Identity;

    /// <summary>The columns that one inherits from, and those that these inherit from.</summary>
    public static IEnumerable<ObjectIdentity> Ancestors(ObjectIdentity column, ObjectSet set) => Sources(column, set).SelectMany(parent => Ancestors(parent, set).Prepend(parent));

    private static CatalogObject? Column(CatalogObject item, ObjectSet set) => set.Column(item.Identity.Table!, item.Identity.Name);

    /// <summary>The columns that one inherits from.</summary>
    public static IEnumerable<ObjectIdentity> Sources(ObjectIdentity column, ObjectSet set) =>
        set.Relation(column.Table!) is { } table ? Parents(table, set.OwnToken).Select(parent => set.Column(parent, column.Name)).OfType<CatalogObject>().Select(static parent => parent.Identity) : [];

    /// <summary>Those whose statements reach it: they were its parents before, too.</summary>
    private static ImmutableArray<ObjectIdentity> Parents(ObjectIdentity column, DiffContext context) =>
        context.To.Column(column.Table!, column.Name)?.Is("inherited") != true || Joins(column.Table, context.From, context.To) ? []
        : [.. Sources(column, context.To).Where(parent => context.From.Objects.ContainsKey(parent))];

    /// <summary>What a column has when its parents' statements have run, and its own has not yet.</summary>
    private static string? Left(ObjectIdentity column, string property, DiffContext context)
    {
        var parents = Parents(column, context);
        var writer = Passed.Contains(property) ? parents.FirstOrDefault(parent => IsWritten(parent, property, context)) : default;
        return writer.Name is not null ? Value(writer, property, context.To)
            : OfType.Contains(property) && parents.Any(parent => IsRetyped(parent, context)) ? null
            : Value(column, property, context.From);
    }

    /// <summary>Does a statement set it, the column's own or a parent's?</summary>
    private static bool IsWritten(ObjectIdentity column, string property, DiffContext context) =>
        (OfType.Contains(property) && IsRetyped(column, context)) || Left(column, property, context) != Value(column, property, context.To) || Parents(column, context).Any(parent => IsWritten(parent, property, context));

    private static bool IsRetyped(ObjectIdentity column, DiffContext context) =>
        context.Retyped.Contains(column) || Value(column, "type", context.From) != Value(column, "type", context.To) || Value(column, "collation", context.From) != Value(column, "collation", context.To);

    private static string? Value(ObjectIdentity column, string property, ObjectSet set) =>
        set.Objects.GetValueOrDefault(column with { Kind = property == ObjectSet.Default ? ObjectSet.Default : "column" })?[property];
}
