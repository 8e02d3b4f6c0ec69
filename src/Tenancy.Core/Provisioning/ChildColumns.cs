using Tenancy.Core.Catalog;
using Tenancy.Core.Catalog.Diffs;
using Tenancy.Core.Operations;

namespace Tenancy.Core.Provisioning;

/// <summary>
/// The order of the columns of partitions and inheriting tables. Made anew, they have those of their parents first, in the parents' order; one that was attached, or whose parent got a column later, may have another, and what names
/// no columns (<c>INSERT</c>, <c>COPY</c>, <c>SELECT *</c>) sees that.
/// </summary>
internal static class ChildColumns
{
    /// <summary>Finds the first table whose columns would come in another order if it were made anew; null for none.</summary>
    /// <param name="whole">The schema.</param>
    public static string? FindReordered(SchemaSnapshot whole)
    {
        var columns = whole.Objects.Values.Where(static item => item.Identity.Kind == "column").GroupBy(static item => item.Identity.Table!, StringComparer.Ordinal)
            .ToDictionary(static table => table.Key, static table => table.OrderBy(static column => column.Position).ToList(), StringComparer.Ordinal);
        return whole.Objects.Values.Where(static item => item.Identity.Kind == "table").OrderBy(static item => item.Identity)
            .FirstOrDefault(table => IsReordered(table, columns))?.Identity.Name;
    }

    private static bool IsReordered(CatalogObject table, Dictionary<string, List<CatalogObject>> columns)
    {
        List<ObjectName> parents = [.. (table["partition_of"] is { } one ? [one] : table.Texts("inherits")).Select(static parent => ObjectName.Parse(parent))];
        var own = columns.GetValueOrDefault(table.Identity.Name) ?? [];
        // A partition with columns of its own is made alone and attached. What parents elsewhere have is not known.
        if (parents.Count == 0 || parents.Exists(parent => parent.Schema is not null || !columns.ContainsKey(parent.Name)) || (table["partition_of"] is not null && own.Exists(static column => column.Is("local"))))
        {
            return false;
        }

        var names = own.ConvertAll(static column => column.Identity.Name);
        return !parents.SelectMany(parent => columns[parent.Name]).Select(static column => column.Identity.Name).Concat(names).Distinct(StringComparer.Ordinal).SequenceEqual(names, StringComparer.Ordinal);
    }
}
