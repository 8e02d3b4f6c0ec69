using System.Runtime.CompilerServices;
using Tenancy.Core.Adoption;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Reports;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Repairs;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core;

/// <content>Where tenants are: telling it, saying it, mending what is told.</content>
public sealed partial class Fleet
{
    /// <summary>Where tenants are, and what is pending; the shared schema of each database too.</summary>
    /// <param name="tenants">The tenants.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException"><c>InvalidTenant</c>, or a database cannot be read.</exception>
    public async IAsyncEnumerable<TenantRevision> GetTenantRevisionsAsync(IReadOnlyList<Tenant> tenants, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var (address, members) in InTurnAsync(GroupValid(tenants)))
        {
            await foreach (var revision in new RevisionReport(Project, Revisions, connector, address).ReadAsync(members, cancellation))
            {
                yield return revision;
            }
        }
    }

    /// <summary>How many tenants are where: one object for each state, those of the shared schemas last. As cheap as the states themselves.</summary>
    /// <param name="tenants">The tenants.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException"><c>InvalidTenant</c>, or a database cannot be read.</exception>
    public async Task<IReadOnlyList<TenantRevisionSummary>> SummarizeRevisionsAsync(IReadOnlyList<Tenant> tenants, CancellationToken cancellation = default)
    {
        var summary = new RevisionSummary();
        await foreach (var revision in GetTenantRevisionsAsync(tenants, cancellation))
        {
            summary.Add(revision);
        }

        return [.. summary.Describe()];
    }

    /// <summary>How tenants got where they are, oldest first.</summary>
    /// <param name="tenants">The tenants; null means every schema that the default database's history knows, removed tenants too.</param>
    /// <param name="query">What to leave out.</param>
    /// <param name="cancellation">Gives up.</param>
    public async IAsyncEnumerable<TenantHistoryEntry> GetHistoryAsync(
        IReadOnlyList<Tenant>? tenants, HistoryQuery query, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        List<(DatabaseAddress, IReadOnlyList<Tenant>?)> databases = tenants is null ? [(connector.Default, null)] : [.. GroupValid(tenants)];
        await foreach (var (address, members) in InTurnAsync(databases))
        {
            foreach (var entry in await new HistoryReport(Project, connector, address).ReadAsync(members, query, cancellation))
            {
                yield return entry;
            }
        }
    }

    /// <summary>The runs that the default database knows, newest first.</summary>
    /// <param name="since">Only what started at this time or later, UTC; null for all.</param>
    /// <param name="last">Only so many, the newest; null for all.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException">The database cannot be read.</exception>
    public async Task<IReadOnlyList<TenantRun>> GetRunsAsync(DateTime? since, int? last, CancellationToken cancellation = default) =>
        await new RunList(Project, connector, connector.Default).ReadAsync(since, last, cancellation);

    /// <summary>Counts how runs of the default database ended, by its history.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The same, with their counts.</returns>
    /// <exception cref="TenancyException">The database cannot be read.</exception>
    public Task<IReadOnlyList<TenantRun>> CountRunsAsync(IReadOnlyList<TenantRun> runs, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return new RunList(Project, connector, connector.Default).CountAsync(runs, cancellation);
    }

    /// <summary>Says where schemas are, without running anything: for what another tool applied, and for schemas restored from a dump. One result a schema.</summary>
    /// <param name="tenants">The tenants; none, with shared scope, for the shared schema of the default database.</param>
    /// <param name="revisions">Where they are: identifiers, one a branch; <c>base</c> for before any.</param>
    /// <param name="scope">The scope.</param>
    /// <param name="purges">True to drop all head rows first, those of unknown revisions too.</param>
    /// <param name="plansOnly">True to say what would be, and write nothing.</param>
    /// <param name="log">Takes what the run says.</param>
    /// <param name="cancellation">Cancels and rolls back.</param>
    public async IAsyncEnumerable<MigrationResult> StampAsync(
        IReadOnlyList<Tenant> tenants, IReadOnlyList<string> revisions, MigrationScope scope, bool purges, bool plansOnly, IRunLog log,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var request = new MigrationRequest { Scope = scope };
        var (databases, faults) = Group(tenants, request);
        foreach (var fault in faults)
        {
            yield return Failed(fault.Tenant, connector.Default, request, Describe(fault.Error!)) with { Direction = "stamp" };
        }

        await foreach (var (address, members) in InTurnAsync(databases))
        {
            var stamping = new Stamping(Project, Revisions, connector, address, log);
            if (!plansOnly)
            {
                await stamping.PrepareAsync(cancellation);
            }

            foreach (var target in Targets(scope, address, members))
            {
                yield return plansOnly
                    ? await stamping.PlanAsync(target, revisions, purges, cancellation)
                    : await stamping.StampAsync(target, revisions, purges, cancellation);
            }
        }
    }

    /// <summary>Says where schemas are that another tool has migrated, by its own tables, which stay as they are. One result a schema.</summary>
    /// <param name="tenants">The tenants; none, with shared scope, for the shared schema of the default database.</param>
    /// <param name="request">What to adopt.</param>
    /// <param name="log">Takes what the run says.</param>
    /// <param name="cancellation">Cancels and rolls back.</param>
    /// <exception cref="TenancyException">A database cannot be worked on.</exception>
    public async IAsyncEnumerable<TenantImport> ImportAsync(
        IReadOnlyList<Tenant> tenants, ImportRequest request, IRunLog log, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (databases, faults) = Group(tenants, new() { Scope = request.Scope });
        foreach (var fault in faults)
        {
            yield return new() { Name = fault.Tenant.Name, Schema = fault.Tenant.Schema, Source = request.Source.ToString(), Status = ImportStatus.Failed, Failure = Describe(fault.Error!), Labels = fault.Tenant.Labels };
        }

        await foreach (var (address, members) in InTurnAsync(databases))
        {
            await foreach (var result in new FleetImport(Project, Revisions, connector, address, request, log).ImportAsync(Targets(request.Scope, address, members), cancellation))
            {
                yield return result;
            }
        }
    }

    /// <summary>What is wrong with what the history says of tenants: manifests changed after they were applied, rows that nothing answers to, steps whose run died. Writes nothing.</summary>
    /// <param name="tenants">The tenants.</param>
    /// <param name="isWhole">True to look besides at every schema that the histories of their databases, and of the default one, know, and at the shared schemas.</param>
    /// <param name="request">What to look for.</param>
    /// <param name="log">Takes what the run says.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException"><c>InvalidTenant</c>, or a database cannot be read.</exception>
    public async IAsyncEnumerable<RepairFinding> FindRepairsAsync(
        IReadOnlyList<Tenant> tenants, bool isWhole, RepairRequest request, IRunLog log, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var databases = GroupValid(tenants);
        if (isWhole && databases.TrueForAll(database => database.Address != connector.Default))
        {
            databases.Add((connector.Default, []));
        }

        await foreach (var (address, members) in InTurnAsync(databases))
        {
            await foreach (var finding in new Repairing(Project, Revisions, connector, address, request, log).FindAsync(members, isWhole, cancellation))
            {
                yield return finding;
            }
        }
    }

    /// <summary>Mends what <see cref="FindRepairsAsync"/> found. One result a finding; each schema under its lock, where what was found is looked for again.</summary>
    /// <param name="findings">What to mend; those that a repair cannot mend are passed on as they are.</param>
    /// <param name="request">As it was looked for.</param>
    /// <param name="log">Takes what the run says.</param>
    /// <param name="cancellation">Cancels and rolls back.</param>
    /// <exception cref="TenancyException">A database cannot be worked on.</exception>
    public async IAsyncEnumerable<RepairFinding> RepairAsync(
        IReadOnlyCollection<RepairFinding> findings, RepairRequest request, IRunLog log, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(findings);
        foreach (var database in findings.GroupBy(finding => connector.Locate(new() { Name = finding.Name, Schema = finding.Schema, Database = finding.Database, Server = finding.Server })))
        {
            var mendable = database.Where(static finding => finding.Status == RepairStatus.Found).ToList();
            foreach (var finding in database.Except(mendable))
            {
                yield return finding;
            }

            if (mendable.Count > 0)
            {
                await foreach (var finding in new Repairing(Project, Revisions, connector, database.Key, request, log).RepairAsync(mendable, cancellation))
                {
                    yield return finding;
                }
            }
        }
    }

    private IEnumerable<SchemaTarget> Targets(MigrationScope scope, DatabaseAddress address, IEnumerable<Tenant> members) => scope == MigrationScope.Shared
        ? [SchemaTarget.Shared(Project.SharedSchema, address)]
        : members.Select(tenant => SchemaTarget.Of(tenant, address));
}
