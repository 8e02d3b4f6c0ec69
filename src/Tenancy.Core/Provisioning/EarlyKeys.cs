using Tenancy.Core.Catalog;
using Tenancy.Core.Catalog.Diffs;
using Tenancy.Core.Operations;

namespace Tenancy.Core.Provisioning;

/// <summary>
/// Which foreign keys come with their tables, before rows: adding them afterwards is a command of its own for each, with a query that checks all rows. Those that rows meet as they come, in an order that is found for them, and of
/// which there are few: a key that is there checks them one by one. Not those that are checked later: no table is changed before.
/// </summary>
internal sealed class EarlyKeys
{
    private const int MostRows = 100;

    private readonly HashSet<ObjectIdentity> keys = [];
    private readonly Dictionary<string, TableRows> filled;
    private readonly ILookup<string, (ObjectIdentity Key, string To)> candidates;
    private readonly List<TableRows> ordered = [];
    private readonly HashSet<string> placed = new(StringComparer.Ordinal);
    private readonly HashSet<string> open = new(StringComparer.Ordinal);

    private EarlyKeys(SchemaSnapshot whole, IReadOnlyCollection<TableRows> rows)
    {
        filled = rows.ToDictionary(static table => table.Table, StringComparer.Ordinal);
        var plain = whole.Objects.Values.Where(static item => item.Identity.Kind == "table" && item["partition_by"] is null && item["partition_of"] is null && item["inherits"] is null)
            .Select(static item => item.Identity.Name).ToHashSet(StringComparer.Ordinal);
        candidates = whole.Objects.Values
            .Where(item => item["foreign_key"] is not null && plain.Contains(item.Identity.Table!) && !item.Is("not_valid") && !item.Is("not_enforced") && !item.Is("initially_deferred"))
            .OrderBy(static item => item.Identity)
            .Select(static item => (item.Identity, To: ObjectName.Parse(PropertyValue.Text(item.Mapping("references")!["table"]))))
            .Where(key => key.To.Schema is null && plain.Contains(key.To.Name))
            .ToLookup(static key => key.Identity.Table!, static key => (key.Identity, key.To.Name), StringComparer.Ordinal);
    }

    /// <summary>Finds them.</summary>
    /// <param name="whole">The schema.</param>
    /// <param name="rows">Its tables that have rows.</param>
    /// <returns>The keys; and the tables in an order in which their rows meet them.</returns>
    public static (IReadOnlySet<ObjectIdentity> Keys, IReadOnlyList<TableRows> Rows) Of(SchemaSnapshot whole, IReadOnlyCollection<TableRows> rows)
    {
        EarlyKeys found = new(whole, rows);
        foreach (var table in rows)
        {
            found.Place(table);
        }

        // Without rows nothing is checked.
        found.keys.UnionWith(found.candidates.Where(table => !found.filled.ContainsKey(table.Key)).SelectMany(static table => table).Select(static key => key.Key));
        return (found.keys, found.ordered);
    }

    // After the tables that its keys lead to; a key that closes a circle comes late.
    private void Place(TableRows table)
    {
        if (!placed.Add(table.Table))
        {
            return;
        }

        open.Add(table.Table);
        foreach (var (key, to) in table.Count <= MostRows ? candidates[table.Table] : [])
        {
            if (to == table.Table ? table.Statements.Length == 1 : !open.Contains(to))
            {
                keys.Add(key);
                if (filled.TryGetValue(to, out var other))
                {
                    Place(other);
                }
            }
        }

        open.Remove(table.Table);
        ordered.Add(table);
    }
}
