using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.AllTenants;
using Tenancy.Core.Execution.Reports;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Policies;
using Tenancy.Core.Revisions;
using Tenancy.Core.Rollouts;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core;

/// <summary>The engine's front door: a project with its revisions, and connections to its databases. Cheap to open; connects when first asked something.</summary>
public sealed partial class Fleet : IAsyncDisposable
{
    private readonly DatabaseConnector connector;

    private Fleet(TenancyProject project, RevisionGraph revisions, DatabaseConnector connector)
    {
        Project = project;
        Revisions = revisions;
        this.connector = connector;
    }

    /// <summary>The project.</summary>
    public TenancyProject Project { get; }

    /// <summary>Its revisions.</summary>
    public RevisionGraph Revisions { get; }

    /// <summary>The database of tenants that name none.</summary>
    public DatabaseAddress DefaultDatabase => connector.Default;

    /// <summary>What was set for the connection but is not used, and why.</summary>
    public ImmutableArray<string> Warnings => connector.Warnings;

    /// <summary>Reads and checks a project and all its manifests; connects to nothing.</summary>
    /// <param name="projectPath">The project file, or its folder.</param>
    /// <param name="settings">What the user says about the connection.</param>
    /// <exception cref="ManifestException">Every error of every file.</exception>
    /// <exception cref="TenancyException">The connection settings contradict each other.</exception>
    public static Fleet Open(string projectPath, ConnectionSettings settings)
    {
        var project = ProjectReader.Read(projectPath);
        return new(project, RevisionGraph.Build(ManifestReader.ReadAll(project)), new DatabaseConnector(settings));
    }

    /// <summary>The same without the manifests, for who asks only for tenants and runs.</summary>
    /// <param name="projectPath">The project file, or its folder.</param>
    /// <param name="settings">What the user says about the connection.</param>
    /// <exception cref="ManifestException">Every error of the project file.</exception>
    /// <exception cref="TenancyException">The connection settings contradict each other.</exception>
    public static Fleet OpenWithoutRevisions(string projectPath, ConnectionSettings settings) => new(ProjectReader.Read(projectPath), RevisionGraph.Build([]), new DatabaseConnector(settings));

    /// <summary>The revisions in graph order: each after all it needs.</summary>
    public IEnumerable<Revision> GetRevisions() => Revisions.All.Select(static node => node.Describe());

    /// <summary>Tenants from a source, checked and without doubles; server and database are filled in with where each really is.</summary>
    /// <param name="source">The source; null means the project's, and where that has none, the registry in the history schema.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException">The source cannot be read.</exception>
    public IAsyncEnumerable<TenantFinding> GetTenantsAsync(TenantSourceSettings? source, CancellationToken cancellation = default) =>
        new TenantFilter(connector, ReservedSchemas.Of(Project)).ReadAsync(TenantSources.Create(source, Project, connector, connector.Default), cancellation);

    // The work of a run; MigrateAsync tells of it.
    private async IAsyncEnumerable<MigrationResult> RunAsync(
        IReadOnlyList<Tenant> tenants, MigrationRequest request, IRunLog log, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        PolicyCheck.Ensure(request);
        var (databases, faults) = Group(tenants, request);
        log = new ProgressLog(log, [.. databases.Select(static database => new DatabaseTenants(database.Address, database.Tenants))]);
        var gate = StartGate.Of(request, Project, connector, log, faults.Count + databases.Sum(static database => database.Tenants.Count));
        await gate.PrepareAsync([.. databases.Select(static database => database.Address)], cancellation);
        foreach (var fault in faults)
        {
            var result = Failed(fault.Tenant, connector.Default, request, Describe(fault.Error!)) with { Ring = request.Rollout is { } rollout ? RingTenants.NameOf(rollout, fault.Tenant) : null };
            yield return gate.End(new(SchemaTarget.Of(fault.Tenant, connector.Default)), result);
        }

        await foreach (var result in StartAsync(databases, faults, request, gate, log, cancellation))
        {
            yield return result;
        }
    }

    /// <summary>What <see cref="MigrateAsync"/> would do; reads only, and writes nothing, not even the history tables.</summary>
    /// <param name="tenants">The tenants.</param>
    /// <param name="request">What to do.</param>
    /// <param name="cancellation">Gives up.</param>
    public async IAsyncEnumerable<MigrationPlan> PlanAsync(
        IReadOnlyList<Tenant> tenants, MigrationRequest request, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        PolicyCheck.Ensure(request);
        var (databases, faults) = Group(request.Rollout is { } rollout ? [.. tenants.OrderBy(tenant => RingTenants.NumberOf(rollout, tenant))] : tenants, request);
        foreach (var fault in faults)
        {
            yield return new() { Name = fault.Tenant.Name, Schema = fault.Tenant.Schema, Failure = Describe(fault.Error!) };
        }

        await foreach (var (address, members) in InTurnAsync(databases))
        {
            await foreach (var plan in new PlanPreview(Project, Revisions, connector, request, address).ReadAsync(members, cancellation))
            {
                yield return request.Rollout is { } rings ? plan with { Ring = RingOf(rings, plan) } : plan;
            }
        }
    }

    /// <summary>Closes all connections.</summary>
    public ValueTask DisposeAsync() => connector.DisposeAsync();

    private IAsyncEnumerable<MigrationResult> StartAsync(
        List<(DatabaseAddress Address, List<Tenant> Tenants)> databases, List<TenantFinding> faults, MigrationRequest request, StartGate gate, IRunLog log, CancellationToken cancellation)
    {
        if (request.Transaction == TransactionMode.AllTenants)
        {
            return MigrateTogetherAsync(databases, faults, request, log, cancellation);
        }

        if (request.Rollout is not null && databases.Count > 0)
        {
            return new RolloutRun(Project, Revisions, connector, request, gate, log, databases, faults)
                .RunAsync((ring, own, ringGate, ringLog) => MigrateEachAsync(ring, own, ringGate, isWhole: false, ringLog, cancellation), cancellation);
        }

        var isKept = request.IsKept && databases.Exists(static database => database.Tenants.Count > 0);
        var keeping = new RunKeeping(home => new(Project, connector, home, request.RunId), home => RunDocument.Of(request, Revisions, databases, faults, home.Server), log);
        return MigrateEachAsync(databases, request, isKept ? gate.With(keeping) : gate, isWhole: databases.Count == 1, log, cancellation);
    }

    private async IAsyncEnumerable<MigrationResult> MigrateEachAsync(
        List<(DatabaseAddress Address, List<Tenant> Tenants)> databases, MigrationRequest request, StartGate gate, bool isWhole, IRunLog log, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var durability = new RunDurability(Project, connector, request.RunId);
        var run = new FleetRun(Project, Revisions, connector, request, log, gate, durability) { IsWhole = isWhole };
        try
        {
            await foreach (var result in run.RunAsync([.. databases.Select(static database => new DatabaseTenants(database.Address, database.Tenants))], cancellation))
            {
                yield return result;
            }
        }
        finally
        {
            // Where the run was broken off, too; its own error goes first then.
            await durability.TryFlushAsync(log, only: null, cancellation);
        }

        durability.EnsureFlushed();
    }

    private async IAsyncEnumerable<MigrationResult> MigrateTogetherAsync(
        List<(DatabaseAddress Address, List<Tenant> Tenants)> databases, List<TenantFinding> faults, MigrationRequest request, IRunLog log, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (faults is [{ } fault, ..])
        {
            var cause = $"all tenants are one transaction, and '{fault.Tenant.Name}' cannot be worked on: {fault.Error!.Message}";
            var failure = new MigrationFailure
            {
                ErrorId = "RolledBack",
                Message = $"nothing was run: {cause}",
                Cause = cause,
                RecommendedAction = "Correct that tenant, or leave it out, and run again.",
            };
            foreach (var (address, members) in databases)
            {
                foreach (var tenant in members)
                {
                    yield return Failed(tenant, address, request, failure) with { Status = MigrationStatus.Incomplete };
                }
            }
        }
        else if (databases.Count > 0)
        {
            var run = new AllTenantsRun([.. databases.Select(database => new AllTenantsDatabase(Project, Revisions, connector, request, log, database.Address, database.Tenants))], request);
            await foreach (var result in run.RunAsync(cancellation))
            {
                yield return result;
            }
        }
    }

    // In the order in which the databases first occur. A shared-scope run without tenants works on the default database.
    private (List<(DatabaseAddress Address, List<Tenant> Tenants)> Databases, List<TenantFinding> Faults) Group(IReadOnlyList<Tenant> tenants, MigrationRequest request)
    {
        ArgumentNullException.ThrowIfNull(tenants);
        // One walk, and nothing made for a tenant that is not kept: there may be many thousands.
        var filter = new TenantFilter(connector, ReservedSchemas.Of(Project), tenants.Count);
        List<(DatabaseAddress Address, List<Tenant> Tenants)> databases = [];
        Dictionary<DatabaseAddress, List<Tenant>> found = [];
        List<TenantFinding> faults = [];
        foreach (var tenant in tenants)
        {
            if (filter.Check(tenant, out var address) is not { } finding)
            {
                continue;
            }

            if (address is null)
            {
                faults.Add(finding);
                continue;
            }

            if (!found.TryGetValue(address, out var members))
            {
                found[address] = members = databases.Count == 0 ? new(tenants.Count) : [];
                databases.Add((address, members));
            }

            members.Add(finding.Tenant);
        }

        return (databases.Count == 0 && request.Scope == MigrationScope.Shared ? [(connector.Default, [])] : databases, faults);
    }

    // One after another: a fleet with a database a tenant would have a connection in each.
    private async IAsyncEnumerable<(DatabaseAddress Address, T Tenants)> InTurnAsync<T>(List<(DatabaseAddress Address, T Tenants)> databases)
    {
        foreach (var database in databases)
        {
            yield return database;
            await LeaveAsync(database.Address, databases.Count);
        }
    }

    // Of several databases none keeps connections when its turn is over.
    private ValueTask LeaveAsync(DatabaseAddress address, int databases) => databases > 1 ? connector.ReleaseAsync(address) : default;

    private List<(DatabaseAddress Address, List<Tenant> Tenants)> GroupValid(IReadOnlyList<Tenant> tenants)
    {
        var (databases, faults) = Group(tenants, new());
        return faults is [{ Error: { } error }, ..] ? throw error : databases;
    }

    private static string RingOf(Rollout rollout, MigrationPlan plan) => plan.Scope == "shared"
        ? rollout.SharedRing ?? rollout.Rings[0].Name
        : RingTenants.NameOf(rollout, new() { Name = plan.Name, Labels = plan.Labels });

    // A database that cannot be worked on, or not any more, stops no other: its tenants that have no result yet get one.
    private static async IAsyncEnumerable<T> GuardAsync<T>(
        DatabaseAddress address, IReadOnlyList<Tenant> members, IAsyncEnumerable<T> results, Func<T, string> schemaOf, Func<Tenant, MigrationFailure, T> failed, [EnumeratorCancellation] CancellationToken cancellation)
    {
        HashSet<string> left = [.. members.Select(static tenant => tenant.Schema)];
        MigrationFailure? failure = null;
        await using var each = results.GetAsyncEnumerator(cancellation);
        while (true)
        {
            try
            {
                if (!await each.MoveNextAsync())
                {
                    break;
                }
            }
            catch (TenancyException error)
            {
                failure = Describe(error);
                break;
            }
            catch (NpgsqlException error) when (!cancellation.IsCancellationRequested)
            {
                failure = DatabaseFailure.Describe(address, error);
                break;
            }

            left.Remove(schemaOf(each.Current));
            yield return each.Current;
        }

        foreach (var tenant in failure is null ? [] : members.Where(tenant => left.Contains(tenant.Schema)))
        {
            yield return failed(tenant, failure!);
        }
    }

    internal static MigrationFailure Describe(TenancyException error) => new() { ErrorId = error.ErrorId, Message = error.Message, RecommendedAction = error.RecommendedAction };

    internal static MigrationResult Failed(Tenant tenant, DatabaseAddress address, MigrationRequest request, MigrationFailure failure) =>
        Result(tenant, address, request) with { Status = MigrationStatus.Failed, Failure = failure };

    internal static MigrationResult NotReached(Tenant tenant, DatabaseAddress address, MigrationRequest request, MigrationFailure failure) =>
        Result(tenant, address, request) with { Status = MigrationStatus.Incomplete, Failure = failure };

    private static MigrationResult Result(Tenant tenant, DatabaseAddress address, MigrationRequest request) => new()
    {
        Name = tenant.Name,
        Schema = tenant.Schema,
        Database = address.Database,
        Server = address.Server.ToString(),
        Direction = request.Direction == RevisionDirection.Up ? "up" : "down",
        Started = DateTime.UtcNow,
        RunId = request.RunId,
        Labels = tenant.Labels,
    };
}
