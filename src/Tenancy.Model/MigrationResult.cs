namespace Tenancy.Model;

/// <summary>How a run ended for one tenant, or for the shared schema of one database. Can be piped back in.</summary>
public sealed record MigrationResult
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

    /// <summary>One of <see cref="MigrationStatus"/>.</summary>
    public string Status { get; init; } = "";

    /// <summary><c>up</c> or <c>down</c>.</summary>
    public string Direction { get; init; } = "up";

    /// <summary>Revisions applied or undone by this run, in order.</summary>
    public string[] Revisions { get; init; } = [];

    /// <summary>Revisions that this run recorded as applied and did not run, because the schema does not meet what they require (<c>on_fail: mark_applied</c>).</summary>
    public string[] MarkedApplied { get; init; } = [];

    /// <summary>The heads before.</summary>
    public string[] From { get; init; } = [];

    /// <summary>The heads after.</summary>
    public string[] To { get; init; } = [];

    /// <summary>The named step at which the schema stands, where <see cref="Status"/> is <c>InProgress</c>; what it waits for, and whose, where it is <c>WaitingForTenants</c>; what was left out, and why, where it is <c>Skipped</c>; who brought it there where it is <c>TakenElsewhere</c>; else null.</summary>
    public string? Step { get; init; }

    /// <summary>What went wrong; null when nothing did.</summary>
    public MigrationFailure? Failure { get; init; }

    /// <summary>When work on it started, UTC.</summary>
    public DateTime Started { get; init; }

    /// <summary>How long work on it took, seconds.</summary>
    public double Seconds { get; init; }

    /// <summary>The run.</summary>
    public Guid RunId { get; init; }

    /// <summary>The run that brought it there, where <see cref="Status"/> is <c>TakenElsewhere</c>; else null, and null where history does not know.</summary>
    public Guid? TakenBy { get; init; }

    /// <summary>The ring of the rollout that it is in; null without a rollout.</summary>
    public string? Ring { get; init; }

    /// <summary>The tenant's labels.</summary>
    public TenantLabels Labels { get; init; } = [];

    /// <summary>
    /// False while a crash of the server could take back what was changed, history included, be it by another run that was killed or goes on: with -Durability Run until the run ends, when one commit makes everything durable. True from
    /// then on; with -Durability Each, and where nothing was changed, at once unless it rests on what such a run has left.
    /// </summary>
    public bool Durable => Flush is null or { IsCompletedSuccessfully: true };

    internal Task? Flush { get; init; }

    /// <summary>What went wrong, in one line; null when nothing did.</summary>
    public string? Error => Failure?.Message;

    /// <inheritdoc/>
    public override string ToString() => Name;
}
