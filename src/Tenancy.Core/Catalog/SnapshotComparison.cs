namespace Tenancy.Core.Catalog;

/// <summary>In what two snapshots differ: the same for every kind.</summary>
public static class SnapshotComparison
{
    /// <summary>Compares; generated names are matched by definition (<see cref="GeneratedNames"/>).</summary>
    /// <param name="expected">How it should be.</param>
    /// <param name="actual">How it is.</param>
    /// <returns>The differences by object and property; none for equal snapshots. The parts of an object that is missing or too much are differences of their own.</returns>
    public static IReadOnlyList<SnapshotDifference> Compare(SchemaSnapshot expected, SchemaSnapshot actual)
    {
        actual = GeneratedNames.Align(actual, expected);
        List<SnapshotDifference> differences = [];
        // Nearly all are equal: only what is not is put in order.
        var differing = expected.Objects.Values.Where(item => !(actual.Objects.TryGetValue(item.Identity, out var there) && there.HasPropertiesOf(item))).Select(static item => item.Identity)
            .Concat(actual.Objects.Keys.Where(identity => !expected.Objects.ContainsKey(identity)));
        foreach (var identity in differing.Order())
        {
            var wanted = expected.Objects.GetValueOrDefault(identity);
            var there = actual.Objects.GetValueOrDefault(identity);
            if (wanted is null || there is null)
            {
                differences.Add(new(identity, null, wanted is null ? null : SnapshotDifference.Present, there is null ? null : SnapshotDifference.Present));
                continue;
            }

            differences.AddRange(wanted.Properties.Keys.Union(there.Properties.Keys).Where(property => wanted[property] != there[property]).Order(StringComparer.Ordinal)
                .Select(property => new SnapshotDifference(identity, property, wanted[property], there[property])));
        }

        return differences;
    }
}
