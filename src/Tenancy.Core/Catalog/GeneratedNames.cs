namespace Tenancy.Core.Catalog;

/// <summary>
/// Names of indexes and constraints that PostgreSQL chose: several of one table that would have the same are told apart by a number, which says nothing. In a snapshot they are numbered by what they
/// say, so one more of them may give the others another number; two snapshots are to be compared with equal ones called the same.
/// </summary>
public static class GeneratedNames
{
    /// <summary>A snapshot with such names as another has them, where definitions are equal. All else is as before.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="other">The other.</param>
    public static SchemaSnapshot Align(SchemaSnapshot snapshot, SchemaSnapshot other)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentNullException.ThrowIfNull(other);
        var theirs = Groups(other).ToDictionary(static group => group.Key, static group => group.ToList());
        Dictionary<ObjectIdentity, ObjectIdentity> renamed = [];
        foreach (var group in Groups(snapshot))
        {
            if (theirs.TryGetValue(group.Key, out var candidates) && (candidates.Count > 1 || group.Skip(1).Any()))
            {
                Rename([.. group], candidates, renamed);
            }
        }

        ObjectIdentity New(ObjectIdentity identity) => renamed.GetValueOrDefault(identity, identity);
        return renamed.Count == 0
            ? snapshot
            : new SchemaSnapshot(snapshot.Objects.Values.Select(item => item.Named(New(item.Identity))), snapshot.Dependencies.Select(pair => (New(pair.From), New(pair.To))));
    }

    private static IEnumerable<IGrouping<ObjectIdentity, CatalogObject>> Groups(SchemaSnapshot snapshot) => snapshot.Objects.Values
        .Where(static item => item.ActualName is not null)
        .OrderBy(static item => item.Identity)
        .GroupBy(static item => item.Identity with { Name = item.Identity.Name.TrimEnd([.. "0123456789"]) });

    private static void Rename(List<CatalogObject> mine, List<CatalogObject> theirs, Dictionary<ObjectIdentity, ObjectIdentity> renamed)
    {
        List<ObjectIdentity> free = [.. theirs.Concat(mine).Select(static item => item.Identity).Distinct()];
        List<CatalogObject> left = [];
        foreach (var item in mine)
        {
            if (theirs.Find(other => free.Contains(other.Identity) && other.HasPropertiesOf(item)) is { } equal)
            {
                free.Remove(equal.Identity);
                renamed[item.Identity] = equal.Identity;
            }
            else
            {
                left.Add(item);
            }
        }

        foreach (var item in left)
        {
            renamed[item.Identity] = free[0];
            free.RemoveAt(0);
        }
    }
}
