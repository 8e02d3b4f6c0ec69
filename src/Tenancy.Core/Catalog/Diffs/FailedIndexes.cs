using System.Collections.Immutable;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Indexes whose building failed, in a schema that is made anew: there they are built whole, since no rows are in their way.</summary>
internal static class FailedIndexes
{
    /// <summary>A snapshot whose indexes are all valid; those of divided tables aside, which are invalid as long as a partition lacks them.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <returns>The snapshot, and what is said of each that was not valid.</returns>
    public static (SchemaSnapshot Snapshot, ImmutableArray<InexpressibleDifference> Failed) Whole(SchemaSnapshot snapshot)
    {
        var failed = snapshot.Objects.Values.Where(item => item.Identity.Kind == "index" && item.Is("invalid") && snapshot.Objects.GetValueOrDefault(new("table", item.Identity.Table!))?["partition_by"] is null).ToList();
        return failed.Count == 0 ? (snapshot, [])
            : (new(snapshot.Objects.Values.Except(failed).Concat(failed.Select(static item => item.With(item.Properties.Remove("invalid")))), snapshot.Dependencies),
                [.. failed.Select(static item => new InexpressibleDifference(item.Identity, "Its building failed, so it is not valid; here it is built whole."))]);
    }
}
