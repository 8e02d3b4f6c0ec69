using Tenancy.Core.Manifests;
using Tenancy.Core.Policies;
using Tenancy.Core.Revisions;
using Tenancy.Core.Rollouts;

namespace Tenancy.Core.Planning;

/// <summary>What a run is asked to do.</summary>
public sealed record MigrationRequest
{
    /// <summary>Which way.</summary>
    public RevisionDirection Direction { get; init; } = RevisionDirection.Up;

    /// <summary>Where to: an identifier as <c>docs/revision-graph.md</c> describes it; null means <c>head</c>, and is refused for an undo without <see cref="Steps"/>.</summary>
    public string? To { get; init; }

    /// <summary>How many revisions, within one scope; null means as many as <see cref="To"/> needs.</summary>
    public int? Steps { get; init; }

    /// <summary>Where to, as one identifier: <see cref="To"/>, or <c>+n</c> or <c>-n</c> for <see cref="Steps"/>; empty for an undo that names neither.</summary>
    public string Target => Steps is { } steps
        ? (Direction == RevisionDirection.Up ? "+" : "-") + steps.ToString(System.Globalization.CultureInfo.InvariantCulture)
        : To ?? (Direction == RevisionDirection.Up ? "head" : "");

    /// <summary>True where <see cref="Target"/> is counted from where each tenant is, so that a second run would go further than the first.</summary>
    public bool IsCounted => Steps is not null || Target.StartsWith('+') || Target.StartsWith('-') || Target.Contains("@+", StringComparison.Ordinal) || Target.Contains("@-", StringComparison.Ordinal);

    /// <summary>The scope; null means both on the way up, and tenants on the way down.</summary>
    public MigrationScope? Scope { get; init; }

    /// <summary>How much commits together.</summary>
    public TransactionMode Transaction { get; init; }

    /// <summary>When what it commits is safe from a crash of the server. Transactions of all tenants, and steps outside a transaction, wait for the disk all the same.</summary>
    public Durability Durability { get; init; }

    /// <summary>How many tenants of a database are worked on at once, at the most; 1 or more. What locks tables outside a tenant's schema (<c>touches</c>) is done for one tenant after another all the same. 0 means what the server can take.</summary>
    public int ThrottleLimit { get; init; } = 1;

    /// <summary>How often a tenant's transaction is tried again after what passes by itself; null means as the project says, 0 never.</summary>
    public int? MaxRetries { get; init; }

    /// <summary>What is tried again, and how often: as the project says, unless <see cref="MaxRetries"/> does.</summary>
    /// <param name="project">The project.</param>
    internal MigrationRetries RetriesIn(TenancyProject project) => project.Retries with { Max = MaxRetries ?? project.Retries.Max };

    /// <summary>How many tenants of a server are worked on at once over all its databases, at the most; 0 means what the server can take, and no less than <see cref="ThrottleLimit"/>.</summary>
    public int ServerThrottleLimit { get; init; }

    /// <summary>True to leave the catalogs and history tables that a large run has bloated to autovacuum; false to vacuum them when a server's work is done.</summary>
    public bool SkipVacuum { get; init; }

    /// <summary>How many tenants may fail before nothing new is started; null where nobody said: all may.</summary>
    public FailureLimit? MaxFailures { get; init; }

    /// <summary>When the run is to be at its end, UTC: nothing is started that would not end by then, as far as durations were measured. Null for no end.</summary>
    public DateTime? Until { get; init; }

    /// <summary>How far behind the primary a standby may be for new work to be started; null for no limit.</summary>
    public TimeSpan? MaxReplicaLag { get; init; }

    /// <summary>The groups of tenants to go by, one after another; null for all at once.</summary>
    public Rollout? Rollout { get; init; }

    /// <summary>The database in which the run to be gone on with is kept; null for a new run.</summary>
    internal Tenants.DatabaseAddress? Home { get; init; }

    /// <summary>The schemas of all tenants of the run by database, where it has tenants beside those that are worked on now: shared revisions wait for them too. Null where it has none.</summary>
    internal ILookup<Tenants.DatabaseAddress, string>? RunSchemas { get; init; }

    /// <summary>True where the run is kept, so that it can be gone on with when it was stopped.</summary>
    internal bool IsKept { get; init; } = true;

    /// <summary>For new tenants: true to run every revision on each of them, instead of making them from a snapshot of what one replay gives.</summary>
    public bool ReplaysHistory { get; init; }

    /// <summary>The run's id: in history, results and <c>application_name</c>.</summary>
    public Guid RunId { get; init; } = Guid.NewGuid();

    /// <summary>Arguments of the run, for <c>${x.key}</c>.</summary>
    public IReadOnlyDictionary<string, string> Arguments { get; init; } = new Dictionary<string, string>();

    /// <summary>What a run that was stopped was asked to do, within the limits of this request.</summary>
    /// <param name="stopped">The run that was stopped.</param>
    public MigrationRequest GoOnWith(MigrationRequest stopped)
    {
        ArgumentNullException.ThrowIfNull(stopped);
        return this with
        {
            To = stopped.To,
            Steps = stopped.Steps,
            Scope = stopped.Scope,
            Transaction = stopped.Transaction,
            Arguments = stopped.Arguments,
            Rollout = stopped.Rollout,
            RunId = stopped.RunId,
            Home = stopped.Home,
            IsKept = stopped.IsKept,
        };
    }
}
