namespace Tenancy.Core.Catalog.Diffs;

/// <summary>What tables that inherit have of their own in what their parents' statements make along: a part of an index, a key, a condition, a trigger, a column that is new.</summary>
internal static class InheritedParts
{
    /// <summary>What stays as it is when the parent's is changed; a new part has the parent's options.</summary>
    private static readonly string[] Own = ["comment", "with", "statistics", "enabled"];

    /// <summary>What a new column of the parent's does not hand on (<c>ATPrepAddColumn</c>; <see cref="Inheritance"/>).</summary>
    private static readonly string[] NotPassed = [.. KindRules.Common, "compression", "with", "identity", "local"];

    /// <summary>What the parents' statements leave of it.</summary>
    /// <param name="item">The part as it is to be.</param>
    /// <param name="isMade">Is the parent's made by this diff?</param>
    /// <param name="context">Both schemas.</param>
    /// <returns>Null for what does not come along.</returns>
    public static CatalogObject? Left(CatalogObject item, Func<ObjectIdentity, bool> isMade, DiffContext context)
    {
        if (!item.Is("inherited") || item.Is("local"))
        {
            return null;
        }

        if (item.Identity.Kind == "column")
        {
            return Column(item, context);
        }

        if (item.Identity.Kind is not ("constraint" or "index" or "trigger") || Parent(item, context.To) is not { } parent)
        {
            return null;
        }

        var before = context.From.Objects.GetValueOrDefault(item.Identity);
        if (before is not null && !before.Is("inherited"))
        {
            return null;
        }

        var rest = item.Properties.RemoveRange(Own);
        if (before is null || isMade(parent.Identity))
        {
            return item.With(rest.SetItems(parent.Properties.Where(static pair => pair.Key is "with" or "enabled")));
        }

        var own = before.Properties.Where(static pair => Own.Contains(pair.Key));
        var isSet = context.From.Objects.GetValueOrDefault(parent.Identity)?["enabled"] != parent["enabled"];
        return item.With(rest.SetItems(isSet ? own.Where(static pair => pair.Key != "enabled").Concat(parent.Properties.Where(static pair => pair.Key == "enabled")) : own));
    }

    /// <summary>A column that its parent gets; one that comes with its own table is written there.</summary>
    private static CatalogObject? Column(CatalogObject column, DiffContext context) =>
        context.From.Objects.ContainsKey(column.Identity) || !Inheritance.IsThere(column.Identity.Table!, context) || Inheritance.Joins(column.Identity.Table, context.From, context.To) || Inheritance.Sources(column.Identity, context.To).Select(source => context.To.Objects[source]).FirstOrDefault() is not { } parent ? null
        : column.With(parent.Properties.RemoveRange(NotPassed).SetItem("inherited", "true"));

    /// <summary>The parent's: the server knows it of keys, indexes and triggers; conditions have the same name.</summary>
    private static CatalogObject? Parent(CatalogObject item, ObjectSet set) =>
        set.Needs(item.Identity).Where(need => need.Kind == item.Identity.Kind && need.Table != item.Identity.Table).Select(need => set.Objects[need]).FirstOrDefault()
        ?? (item["check"] is null ? null : Inheritance.Parents(set.Relation(item.Identity.Table!)!, set.OwnToken).Select(table => set.Objects.GetValueOrDefault(item.Identity with { Table = table })).FirstOrDefault(static found => found is not null));
}
