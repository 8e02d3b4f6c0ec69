namespace Tenancy.Model;

/// <summary>One thing that is wrong with what the history says of a tenant, and what becomes of it.</summary>
public sealed record RepairFinding
{
    /// <summary>The tenant's name; the shared schema's name where <see cref="Scope"/> is <c>shared</c>.</summary>
    public string Name { get; init; } = "";

    /// <summary>The schema.</summary>
    public string Schema { get; init; } = "";

    /// <summary>The database.</summary>
    public string Database { get; init; } = "";

    /// <summary>The server.</summary>
    public string Server { get; init; } = "";

    /// <summary><c>tenant</c> or <c>shared</c>.</summary>
    public string Scope { get; init; } = "tenant";

    /// <summary><c>Checksum</c>, <c>Orphan</c> or <c>Step</c>: what a repair is asked to mend.</summary>
    public string Kind { get; init; } = "";

    /// <summary>What it is called: a stable id in Pascal case, one of <see cref="RepairProblem"/>, or what an interrupted step is refused with, such as <c>IndexDiffers</c>.</summary>
    public string Problem { get; init; } = "";

    /// <summary>The revision that it is about; null where it is about the schema as a whole.</summary>
    public string? Revision { get; init; }

    /// <summary>What is wrong.</summary>
    public string Description { get; init; } = "";

    /// <summary>What a repair does about it; where it can do nothing (<see cref="RepairStatus.Manual"/>), what the user can.</summary>
    public string Action { get; init; } = "";

    /// <summary>One of <see cref="RepairStatus"/>.</summary>
    public string Status { get; init; } = "";

    /// <summary>Why it could not be mended; null where it was, or was not tried.</summary>
    public MigrationFailure? Failure { get; init; }

    /// <summary>The tenant's labels.</summary>
    public TenantLabels Labels { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Description}";
}

/// <summary>The closed set of values of <see cref="RepairFinding.Status"/>.</summary>
public static class RepairStatus
{
    /// <summary>A repair would do <see cref="RepairFinding.Action"/>; nothing was done.</summary>
    public const string Found = nameof(Found);

    /// <summary>Mended.</summary>
    public const string Repaired = nameof(Repaired);

    /// <summary>Under the lock it was not there any more: another run mended it, or it went on.</summary>
    public const string Gone = nameof(Gone);

    /// <summary>A repair cannot mend it: <see cref="RepairFinding.Action"/> says what the user can do.</summary>
    public const string Manual = nameof(Manual);

    /// <summary>Mending it failed, and nothing of it was kept.</summary>
    public const string Failed = nameof(Failed);
}

/// <summary>Values of <see cref="RepairFinding.Problem"/>.</summary>
public static class RepairProblem
{
    /// <summary>An applied revision's manifest has changed since.</summary>
    public const string ChecksumMismatch = nameof(ChecksumMismatch);

    /// <summary>The history has rows of a schema that is not there.</summary>
    public const string SchemaGone = nameof(SchemaGone);

    /// <summary>A head that another head needs.</summary>
    public const string OverlappingHead = nameof(OverlappingHead);

    /// <summary>A mark of a revision in progress that is applied, or undone, already.</summary>
    public const string StaleMark = nameof(StaleMark);

    /// <summary>A revision that no manifest has.</summary>
    public const string UnknownRevision = nameof(UnknownRevision);

    /// <summary>The schema was dropped and made again since.</summary>
    public const string Recreated = nameof(Recreated);

    /// <summary>A step outside a transaction was started, and nobody knows how it ended.</summary>
    public const string InterruptedStep = nameof(InterruptedStep);
}
