namespace Tenancy.Model;

/// <summary>How a run ended over all its tenants. The shared schemas count where something happened there.</summary>
public sealed record MigrationSummary
{
    /// <summary>The run.</summary>
    public Guid RunId { get; init; }

    /// <summary><c>up</c> or <c>down</c>.</summary>
    public string Direction { get; init; } = "up";

    /// <summary>When it started, UTC.</summary>
    public DateTime Started { get; init; }

    /// <summary>How long it took, seconds.</summary>
    public double Seconds { get; init; }

    /// <summary>How many results it gave.</summary>
    public int Count { get; init; }

    /// <summary>How many of them failed.</summary>
    public int FailedCount { get; init; }

    /// <summary>How many were not reached, or rolled back with one that failed (<see cref="MigrationStatus.Incomplete"/>).</summary>
    public int IncompleteCount { get; init; }

    /// <summary>True where all are where they were to be.</summary>
    public bool IsSuccess => FailedCount + IncompleteCount == 0;

    /// <summary>How many ended with each status, the most frequent first.</summary>
    public MigrationStatusCount[] Statuses { get; init; } = [];

    /// <summary>How many failed, or were not reached, for each reason, the most frequent first.</summary>
    public MigrationFailureCount[] Failures { get; init; } = [];

    /// <summary>How long the work on one took, seconds: half of them took no longer. Those with nothing to do do not count; 0 where none had.</summary>
    public double MedianSeconds { get; init; }

    /// <summary>How long the slowest took, seconds.</summary>
    public double MaxSeconds { get; init; }

    /// <summary>The slowest, at most five, the slowest first.</summary>
    public MigrationDuration[] Slowest { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => Statuses.Length == 0 ? "nothing to do" : string.Join(", ", Statuses.Select(static status => status.ToString()));
}

/// <summary>How many ended with one status.</summary>
public sealed record MigrationStatusCount
{
    /// <summary>One of <see cref="MigrationStatus"/>.</summary>
    public string Status { get; init; } = "";

    /// <summary>How many.</summary>
    public int Count { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Count} {Status}";
}

/// <summary>How many failed for one reason.</summary>
public sealed record MigrationFailureCount
{
    /// <summary>The id, as <see cref="MigrationFailure.ErrorId"/>.</summary>
    public string ErrorId { get; init; } = "";

    /// <summary>How many.</summary>
    public int Count { get; init; }

    /// <summary>What happened to the first.</summary>
    public string Message { get; init; } = "";

    /// <summary>Some of them by name, at most five.</summary>
    public string[] Names { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => $"{Count} {ErrorId}";
}

/// <summary>How long one tenant took.</summary>
public sealed record MigrationDuration
{
    /// <summary>The tenant's name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Its database.</summary>
    public string Database { get; init; } = "";

    /// <summary>Its server.</summary>
    public string Server { get; init; } = "";

    /// <summary>Seconds.</summary>
    public double Seconds { get; init; }

    /// <inheritdoc/>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Name} {Seconds:0.###} s");
}
