using System.Collections.Immutable;
using Tenancy.Core.Catalog;
using Tenancy.Core.Catalog.Diffs;

namespace Tenancy.Core.Authoring.Autogenerate;

/// <summary>How a copy is to be, where some objects are said to stay as they are: these, and only in what they differed from the start, or in that they stay a table's own though it got a parent.</summary>
/// <param name="expected">How it would be without them.</param>
/// <param name="initial">The copy as it was made.</param>
/// <param name="said">The objects.</param>
/// <param name="renames">Renames between the two.</param>
internal sealed class StayingObjects(SchemaSnapshot expected, SchemaSnapshot initial, ImmutableArray<ObjectIdentity> said, ImmutableArray<ObjectRename> renames)
{
    /// <summary>In what a copy is not as it is to be.</summary>
    /// <param name="found">The copy.</param>
    public List<SnapshotDifference> Differences(SchemaSnapshot found)
    {
        var differences = SnapshotComparison.Compare(expected, found).ToList();
        if (differences.Count == 0 || said.IsEmpty)
        {
            return differences;
        }

        var stays = SnapshotComparison.Compare(expected, Renamed()).ToHashSet();
        differences.RemoveAll(difference => (stays.Contains(difference) || difference is { Property: "local", Expected: null }) && CopiedShape.Covers(said, difference.Identity, found));
        return differences;
    }

    private SchemaSnapshot Renamed()
    {
        var renamed = new RenamedObjects(initial, "");
        renamed.Apply(renames, expected);
        return new(renamed.Objects, renamed.Dependencies);
    }
}
