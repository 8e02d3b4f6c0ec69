namespace Tenancy.Core.Rehearsals;

/// <summary>Chooses some tenants that stand for all. The same every time: nothing is left to chance.</summary>
internal static class RehearsalSample
{
    /// <summary>
    /// Chooses. Each group (tenants of a database that need the same plan) has one, those of most tenants first; what is left is shared out by their numbers (d'Hondt). Within a group tenants are
    /// taken at equal distances in the order of their sizes, from the smallest to the largest; a single one from the middle.
    /// </summary>
    /// <param name="groups">The groups, each in any order.</param>
    /// <param name="size">How many; all where there are fewer.</param>
    public static HashSet<RehearsalCandidate> Choose(IEnumerable<IReadOnlyCollection<RehearsalCandidate>> groups, int size)
    {
        var ordered = groups
            .Select(static group => group.OrderBy(static one => one.Pages).ThenBy(static one => one.Target.Schema, StringComparer.Ordinal).ToList())
            .OrderByDescending(static group => group.Count)
            .ThenBy(static group => group[0].Target.Address.ToString(), StringComparer.Ordinal)
            .ThenBy(static group => group[0].Target.Schema, StringComparer.Ordinal)
            .ToList();
        var seats = new int[ordered.Count];
        for (var left = size; left > 0; left--)
        {
            var next = Enumerable.Range(0, seats.Length)
                .Where(index => seats[index] < ordered[index].Count)
                .OrderBy(index => seats[index] > 0)
                .ThenByDescending(index => ordered[index].Count / (seats[index] + 1.0))
                .Cast<int?>()
                .FirstOrDefault();
            if (next is not { } index)
            {
                break;
            }

            seats[index]++;
        }

        return [.. ordered.SelectMany((group, index) => Spread(group, seats[index]))];
    }

    private static IEnumerable<RehearsalCandidate> Spread(List<RehearsalCandidate> group, int count) => count == 1
        ? [group[group.Count / 2]]
        : Enumerable.Range(0, count).Select(index => group[(int)((long)index * (group.Count - 1) / (count - 1))]);
}

/// <summary>A tenant that has something to do.</summary>
/// <param name="Target">The tenant.</param>
/// <param name="State">Where it is.</param>
/// <param name="Plan">What it needs.</param>
/// <param name="Pages">How large its tables are, pages; 0 where nobody has looked.</param>
internal sealed record RehearsalCandidate(Execution.SchemaTarget Target, History.SchemaState State, Planning.Plan Plan, double Pages);
