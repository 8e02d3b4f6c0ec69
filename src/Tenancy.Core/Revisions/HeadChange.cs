using System.Collections.Immutable;

namespace Tenancy.Core.Revisions;

/// <summary>
/// What a step does to the head rows of one schema. The rows are always the applied revisions that no other applied revision follows or depends on;
/// each kind is one of the effects of Alembic's <c>HeadMaintainer.update_to_step</c>.
/// </summary>
/// <param name="Kind">The effect.</param>
/// <param name="Remove">Ids of the rows that go; each must be there, exactly once.</param>
/// <param name="Add">Ids of the rows that come; none may be there.</param>
public sealed record HeadChange(HeadChangeKind Kind, ImmutableArray<string> Remove, ImmutableArray<string> Add)
{
    /// <summary>The change from what goes and what comes.</summary>
    internal static HeadChange Of(ImmutableArray<string> remove, ImmutableArray<string> add) => new(
        (remove.Length, add.Length) switch
        {
            (0, _) => HeadChangeKind.Insert,
            (_, 0) => HeadChangeKind.Delete,
            (1, 1) => HeadChangeKind.Update,
            ( > 1, _) => HeadChangeKind.Merge,
            _ => HeadChangeKind.Unmerge,
        },
        remove,
        add);
}

/// <summary>The effects a step can have on the head rows.</summary>
public enum HeadChangeKind
{
    /// <summary>Rows come: the revision starts a branch, or what it follows is covered by another row.</summary>
    Insert,

    /// <summary>One row becomes another.</summary>
    Update,

    /// <summary>Several rows become one: the last removed is updated, the others are deleted.</summary>
    Merge,

    /// <summary>One row becomes several: it is updated to the last added, the others are inserted.</summary>
    Unmerge,

    /// <summary>Rows go: the revision was a base, or what it follows is covered by another row.</summary>
    Delete,
}
