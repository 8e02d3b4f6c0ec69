namespace Tenancy.Model;

/// <summary>What a run would do to one tenant, or to the shared schema of one database: the ordered steps, with their SQL.</summary>
public sealed record MigrationPlan
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

    /// <summary><c>up</c> or <c>down</c>.</summary>
    public string Direction { get; init; } = "up";

    /// <summary>The heads before.</summary>
    public string[] From { get; init; } = [];

    /// <summary>The heads after.</summary>
    public string[] To { get; init; } = [];

    /// <summary>The revisions, in order.</summary>
    public string[] Revisions { get; init; } = [];

    /// <summary>Those of the revisions that are undone though they lie on another branch than the one asked for, because they need what is undone; empty on the way up.</summary>
    public string[] OnOtherBranches { get; init; } = [];

    /// <summary>The steps in order; empty when there is nothing to do.</summary>
    public MigrationPlanStep[] Steps { get; init; } = [];

    /// <summary>Why the tenant cannot be migrated, or null.</summary>
    public MigrationFailure? Failure { get; init; }

    /// <summary>The ring of the rollout that it is in; null without a rollout.</summary>
    public string? Ring { get; init; }

    /// <summary>The tenant's labels.</summary>
    public TenantLabels Labels { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>One statement of a plan, as it would be sent.</summary>
public sealed record MigrationPlanStep
{
    /// <summary>The revision.</summary>
    public string Revision { get; init; } = "";

    /// <summary>The transaction that it belongs to, from 1; steps with the same number commit together.</summary>
    public int Transaction { get; init; }

    /// <summary>False for a step that PostgreSQL refuses inside a transaction.</summary>
    public bool IsTransactional { get; init; } = true;

    /// <summary>The operation, such as <c>add_column</c>.</summary>
    public string Operation { get; init; } = "";

    /// <summary>The SQL with this tenant's names; secret arguments are masked.</summary>
    public string Sql { get; init; } = "";

    /// <summary><c>lock_timeout</c>, seconds.</summary>
    public double LockTimeout { get; init; }

    /// <summary><c>statement_timeout</c>, seconds.</summary>
    public double StatementTimeout { get; init; }

    /// <summary>The manifest.</summary>
    public string Manifest { get; init; } = "";

    /// <summary>The line in the manifest.</summary>
    public int Line { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Sql;
}
