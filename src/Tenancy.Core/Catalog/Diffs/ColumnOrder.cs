using System.Collections.Immutable;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Tables whose columns stand in another order than is wanted once all changes are made: what comes, comes at the end, and nothing moves a column.</summary>
internal static class ColumnOrder
{
    /// <summary>The tables' names, in order.</summary>
    /// <param name="context">Both schemas.</param>
    /// <param name="nodes">The changes, in order.</param>
    public static ImmutableArray<string> Find(DiffContext context, IEnumerable<ChangeNode> nodes)
    {
        var made = nodes.Where(static node => node is { Step: ChangeStep.Create, Identity.Kind: "column" }).Select(static (node, place) => (node.Identity, place)).ToDictionary(static pair => pair.Identity, static pair => pair.place);
        // What a parent's statement adds comes with it.
        int? Place(CatalogObject column) => Inheritance.Ancestors(column.Identity, context.To).Prepend(column.Identity).Select(identity => made.TryGetValue(identity, out var place) ? place : (int?)null).FirstOrDefault(static place => place is not null);
        bool IsMoved(string table)
        {
            var columns = context.To.ColumnsOf(table).OrderBy(static column => column.Position).ToList();
            return !columns.Select(column => (Place(column) ?? -1, context.From.Column(table, column.Identity.Name)?.Position ?? 0)).IsOrdered();
        }

        return [.. context.To.Objects.Keys.Where(identity => identity.Kind == "table" && context.From.Objects.ContainsKey(identity)).Select(static identity => identity.Name).Where(IsMoved).Order(StringComparer.Ordinal)];
    }

    private static bool IsOrdered(this IEnumerable<(int, int)> places) => places.Zip(places.Skip(1)).All(static pair => pair.First.CompareTo(pair.Second) <= 0);
}
