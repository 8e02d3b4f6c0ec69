namespace Tenancy.Core.Catalog.Diffs;

/// <summary>What a change costs or risks on a schema in use.</summary>
/// <param name="Kind">What kind of hazard.</param>
/// <param name="Message">One sentence for people.</param>
public sealed record ChangeHazard(HazardKind Kind, string Message)
{
    /// <summary>The table or other object that is locked, written or scanned; null where none is.</summary>
    public string? Table { get; init; }

    /// <summary>The lock as the manual calls it (13.3.1), such as <c>ACCESS EXCLUSIVE</c>; null where the hazard is no lock.</summary>
    public string? Lock { get; init; }

    /// <summary>How long the lock is held; null where the hazard is no lock.</summary>
    public LockDuration? Duration { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Message;
}

/// <summary>The kinds of hazard.</summary>
public enum HazardKind
{
    /// <summary>Rows or values are gone, also after an undo.</summary>
    DeletesData,

    /// <summary>Rows are gone after a crash of the server, and no standby has them.</summary>
    NotCrashSafe,

    /// <summary>Every row is written anew.</summary>
    RewritesTable,

    /// <summary>A lock that others wait for.</summary>
    TakesLock,

    /// <summary>Every row is read.</summary>
    ScansTable,

    /// <summary>An index is built: time, and room on the disk.</summary>
    BuildsIndex,

    /// <summary>What protects rows, or is used, is gone between two commits.</summary>
    LeavesGap,

    /// <summary>Values are taken to be of a time zone that they do not say.</summary>
    AssumesTimeZone,

    /// <summary>Roles may do what they might not before.</summary>
    OpensAccess,

    /// <summary>It fails where rows do not fit.</summary>
    DependsOnData,

    /// <summary>PostgreSQL has no way back, or another one than the way there.</summary>
    CannotBeUndone,
}

/// <summary>How long a lock is held.</summary>
public enum LockDuration
{
    /// <summary>Until the transaction ends; the work itself takes no time.</summary>
    Instant,

    /// <summary>While every row is read.</summary>
    Scan,

    /// <summary>While every row is written, or an index is built.</summary>
    Rewrite,
}
