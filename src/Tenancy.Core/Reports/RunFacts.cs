using System.Collections.Immutable;
using Tenancy.Model;

namespace Tenancy.Core.Reports;

/// <summary>A run as a report shows it, whether from its results or from history.</summary>
internal sealed record RunFacts
{
    /// <summary>The run.</summary>
    public required Guid Id { get; init; }

    /// <summary><c>up</c> or <c>down</c>.</summary>
    public required string Direction { get; init; }

    /// <summary>The roles that logged in; empty where the source does not say.</summary>
    public ImmutableArray<string> Who { get; init; } = [];

    /// <summary>True where it is made of history, which has a row only for what something was done on.</summary>
    public bool IsFromHistory { get; init; }

    /// <summary>What became of each schema.</summary>
    public required ImmutableArray<RunWork> Work { get; init; }

    /// <summary>Those that something was done on.</summary>
    public IEnumerable<RunWork> Worked => Work.Where(static work => work.IsWorked);
}

/// <summary>What a run did on one schema.</summary>
internal sealed record RunWork
{
    /// <summary>The schema.</summary>
    public required SchemaKey Key { get; init; }

    /// <summary>The tenant's name; the schema's for a shared one.</summary>
    public required string Name { get; init; }

    /// <summary>One of <see cref="MigrationStatus"/>.</summary>
    public required string Status { get; init; }

    /// <summary>When work on it started, UTC.</summary>
    public required DateTime Started { get; init; }

    /// <summary>When it ended, UTC.</summary>
    public required DateTime Ended { get; init; }

    /// <summary>How long the work took, seconds; less than the time from start to end where it had to wait for its turn again.</summary>
    public required double Seconds { get; init; }

    /// <summary>How many revisions were applied or undone.</summary>
    public int RevisionCount { get; init; }

    /// <summary>What went wrong; null when nothing did.</summary>
    public MigrationFailure? Failure { get; init; }

    /// <summary>True where it took time: neither nothing to do nor not reached. The same tenants count in <see cref="MigrationSummary.MedianSeconds"/>.</summary>
    public bool IsWorked => Status != MigrationStatus.UpToDate && Seconds > 0;
}
