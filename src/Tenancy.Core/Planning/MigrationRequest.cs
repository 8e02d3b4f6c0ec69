using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;

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

    /// <summary>How many tenants of a server are worked on at once over all its databases, at the most; 0 means what the server can take, and no less than <see cref="ThrottleLimit"/>.</summary>
    public int ServerThrottleLimit { get; init; }

    /// <summary>True to leave the catalogs and history tables that a large run has bloated to autovacuum; false to vacuum them when a server's work is done.</summary>
    public bool SkipVacuum { get; init; }

    /// <summary>The run's id: in history, results and <c>application_name</c>.</summary>
    public Guid RunId { get; init; } = Guid.NewGuid();

    /// <summary>Arguments of the run, for <c>${x.key}</c>.</summary>
    public IReadOnlyDictionary<string, string> Arguments { get; init; } = new Dictionary<string, string>();
}
