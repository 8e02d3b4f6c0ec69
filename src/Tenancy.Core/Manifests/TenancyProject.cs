using System.Collections.Immutable;
using Tenancy.Core.Authoring;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Manifests;

/// <summary>How a tenant's schema is reached.</summary>
public enum SchemaMode
{
    /// <summary>Bare names are allowed: the tenant's schema is first in <c>search_path</c>.</summary>
    SearchPath,

    /// <summary>Every name carries a token; only the extension schemas are in <c>search_path</c>.</summary>
    Token,
}

/// <summary>The project file <c>tenancy.yaml</c>.</summary>
public sealed record TenancyProject
{
    /// <summary>The fleet's name: part of every lock key and history row.</summary>
    public required string Fleet { get; init; }

    /// <summary>How a tenant's schema is reached.</summary>
    public SchemaMode Mode { get; init; }

    /// <summary>The schema tokens of its manifests.</summary>
    public SqlTokens Tokens { get; init; } = new();

    /// <summary>The shared schema, unquoted; <c>shared</c> unless set.</summary>
    public string SharedSchema { get; init; } = "shared";

    /// <summary>Schemas with extensions, for operators and functions; default (null): where the database's extensions are.</summary>
    public ImmutableArray<string>? ExtensionSchemas { get; init; }

    /// <summary>The schema of the history tables.</summary>
    public string HistorySchema { get; init; } = "tenancy";

    /// <summary>The role that owns new objects; null means the role that logs in.</summary>
    public string? Owner { get; init; }

    /// <summary>Grants on new objects.</summary>
    public ImmutableArray<ObjectGrant> Grants { get; init; } = [];

    /// <summary>Limits of time.</summary>
    public MigrationTimeouts Timeouts { get; init; } = new();

    /// <summary>What is tried again.</summary>
    public MigrationRetries Retries { get; init; } = new();

    /// <summary>SQL around runs and tenants.</summary>
    public ProjectHooks Hooks { get; init; } = new(null, null, null, null);

    /// <summary>Where tenants come from when a cmdlet does not say; null means the registry in the history schema.</summary>
    public TenantSourceSettings? Tenants { get; init; }

    /// <summary>The folder of the manifests, absolute.</summary>
    public required string ManifestFolder { get; init; }

    /// <summary>How the files of new manifests are named.</summary>
    public FileTemplate FileTemplate { get; init; } = FileTemplate.Standard;

    /// <summary>Tables outside the tenants' schemas that something in the database writes with every DDL statement: the log of an event trigger.</summary>
    public ImmutableArray<Touch> DdlLog { get; init; } = [];

    /// <summary>The name of the tenant whose schema stands for all; null where nobody has said.</summary>
    public string? Specimen { get; init; }

    /// <summary>The rollout file of runs up where nothing else is said, absolute; null for none.</summary>
    public string? RolloutFile { get; init; }

    /// <summary>The project file, as the user would type it.</summary>
    public required string Path { get; init; }
}

/// <summary>SQL around runs and tenants: each a manifest without a place in the graph (<see cref="Manifest.IsHook"/>), or null.</summary>
/// <param name="BeforeRun">In the shared schema, once a database, before the first change.</param>
/// <param name="AfterRun">In the shared schema, once a database, when every tenant has its result.</param>
/// <param name="BeforeTenant">In a tenant's schema, before its first change.</param>
/// <param name="AfterTenant">In a tenant's schema, when it is where it was to be.</param>
public sealed record ProjectHooks(Manifest? BeforeRun, Manifest? AfterRun, Manifest? BeforeTenant, Manifest? AfterTenant);

/// <summary>Privileges that new objects of a kind get.</summary>
/// <param name="To">The role, or <c>public</c>.</param>
/// <param name="On"><c>schema</c>, <c>tables</c> (views included), <c>sequences</c>, <c>functions</c> or <c>types</c>.</param>
/// <param name="Privileges">Privileges in capitals, such as <c>SELECT</c>.</param>
public sealed record ObjectGrant(string To, string On, ImmutableArray<string> Privileges);

/// <summary>Limits of time; a manifest operation may override lock and statement.</summary>
public sealed record MigrationTimeouts
{
    /// <summary><c>lock_timeout</c> of each transaction.</summary>
    public TimeSpan Lock { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary><c>statement_timeout</c> of each transaction.</summary>
    public TimeSpan Statement { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary><c>idle_in_transaction_session_timeout</c>.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary><c>lock_timeout</c> of non-transactional steps: concurrent index builds wait for every older snapshot.</summary>
    public TimeSpan ConcurrentLock { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary><c>statement_timeout</c> of non-transactional steps.</summary>
    public TimeSpan ConcurrentStatement { get; init; } = TimeSpan.FromHours(4);

    /// <summary>How long a run goes on trying for a tenant that another run holds.</summary>
    public TimeSpan TenantLock { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>How often a tenant's transaction is tried again after what passes by itself: a lock timeout, a deadlock, a serialization failure, too many connections, a lost connection.</summary>
public sealed record MigrationRetries
{
    /// <summary>How often, without progress between; 0 for never.</summary>
    public int Max { get; init; } = 5;

    /// <summary>The pause before the first, about; each is about twice as long as the one before.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>Where tenants come from; exactly one is set.</summary>
/// <param name="Registry">The registry of the history schema.</param>
/// <param name="SchemaPattern">Schemas whose name matches, with <c>*</c> and <c>?</c>.</param>
/// <param name="Query">A query with columns <c>name</c> and <c>schema</c>; further columns become labels.</param>
/// <param name="File">A YAML or CSV file, absolute.</param>
public sealed record TenantSourceSettings(bool Registry, string? SchemaPattern, string? Query, string? File);
