namespace Tenancy.Model;

/// <summary>How a revision went up, down and up again on a scratch schema.</summary>
public sealed record ProvedRevision
{
    /// <summary>The revision.</summary>
    public string Revision { get; init; } = "";

    /// <summary>The manifest.</summary>
    public string Manifest { get; init; } = "";

    /// <summary>Its description.</summary>
    public string Description { get; init; } = "";

    /// <summary>One of <see cref="ProofStatus"/>.</summary>
    public string Status { get; init; } = "";

    /// <summary>What is to be said of it: why it is one way, what failed, after which step it differs; null where it is proved.</summary>
    public string? Message { get; init; }

    /// <summary>Where the schema differs from what it was to be, object by object; empty where it does not.</summary>
    public string[] Differences { get; init; } = [];

    /// <summary>What went wrong, as a run would tell it; null where no statement failed.</summary>
    public MigrationFailure? Failure { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Revision;
}

/// <summary>The closed set of values of <see cref="ProvedRevision.Status"/>.</summary>
public static class ProofStatus
{
    /// <summary>Down gives what was before, and up again what was after the first time.</summary>
    public const string Proved = nameof(Proved);

    /// <summary>It goes up, and says itself that it does not go down: <c>irreversible</c>, or <c>down: []</c> that leaves something.</summary>
    public const string OneWay = nameof(OneWay);

    /// <summary>Down does not give what was before, or up again not what was after the first time.</summary>
    public const string Differs = nameof(Differs);

    /// <summary>A statement failed.</summary>
    public const string Failed = nameof(Failed);

    /// <summary>It was not reached: one before it failed; or it is of the shared schema.</summary>
    public const string NotProved = nameof(NotProved);
}
