using Tenancy.Model;

namespace Tenancy.Core.Catalog.Drift;

/// <summary>In what a schema differs from what is expected, as a person reads it.</summary>
internal static class ShapeDifferences
{
    /// <summary>The differences; of a table, view or domain that is missing or too much as a whole, its parts are not told.</summary>
    /// <param name="expected">What is expected.</param>
    /// <param name="actual">What is there.</param>
    /// <param name="without">What does not count.</param>
    public static SchemaDifference[] Of(SchemaSnapshot expected, SchemaSnapshot actual, Func<ObjectIdentity, bool> without)
    {
        var differences = SnapshotComparison.Compare(expected, actual).Where(difference => !without(difference.Identity)).ToList();
        var wholes = differences.Where(static difference => difference is { Property: null, Identity.Table: null }).Select(static difference => (difference.Identity.Name, IsMissing: difference.Actual is null)).ToHashSet();
        return
        [
            .. differences.Where(difference => difference.Property is not null || difference.Identity.Table is null || !wholes.Contains((difference.Identity.Table, difference.Actual is null)))
                .Select(static difference => new SchemaDifference
                {
                    Kind = difference.Identity.Kind,
                    Name = difference.Identity.Name,
                    Table = difference.Identity.Table,
                    Change = difference.Property is not null ? SchemaChangeKind.Different : difference.Actual is null ? SchemaChangeKind.Missing : SchemaChangeKind.Extra,
                    Property = difference.Property,
                    Expected = difference.Property is null ? null : difference.Expected,
                    Actual = difference.Property is null ? null : difference.Actual,
                }),
        ];
    }
}
