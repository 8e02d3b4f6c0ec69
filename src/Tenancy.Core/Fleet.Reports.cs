using Tenancy.Core.Catalog.Drift;
using Tenancy.Core.Execution;
using Tenancy.Core.Reports;
using Tenancy.Core.Reports.Page;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core;

/// <content>A page to look at.</content>
public sealed partial class Fleet
{
    /// <summary>Makes a page in HTML, complete in itself: where tenants are, a run, its failures, drift, the revisions. Reads only, unless schemas are compared. A database that cannot be read is told of, and stops no other.</summary>
    /// <param name="tenants">The tenants.</param>
    /// <param name="request">What to show besides.</param>
    /// <param name="log">Takes what is said.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The text of the page.</returns>
    /// <exception cref="TenancyException"><c>RunNotFound</c>; the only database cannot be read; or what a comparison throws.</exception>
    public async Task<string> MakeReportAsync(IReadOnlyList<Tenant> tenants, ReportRequest request, IRunLog log, CancellationToken cancellation = default) =>
        ReportPage.Write(await CollectAsync(tenants, request, log, cancellation));

    internal async Task<ReportFacts> CollectAsync(IReadOnlyList<Tenant> tenants, ReportRequest request, IRunLog log, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(log);
        var (databases, faults) = Group(tenants, new());
        List<UnreadTenant> unread = [.. faults.Select(fault => new UnreadTenant(fault.Tenant, connector.Locate(fault.Tenant), fault.Error!))];
        List<TenantRevision> revisions = [];
        List<(DatabaseAddress Address, List<Tenant> Tenants)> read = [];
        List<(Guid Id, DateTime At)> runs = [];
        var needsHistory = request.Results.Count == 0;
        await foreach (var (address, members) in InTurnAsync(databases))
        {
            log.Verbose($"{address}: reading where {members.Count} tenants are.");
            try
            {
                var collection = new ReportCollection(Project, Revisions, connector, address);
                revisions.AddRange(await collection.ReadRevisionsAsync(members, cancellation));
                if (needsHistory && request.RunId is null && await collection.FindLastRunAsync(cancellation) is { } last)
                {
                    runs.Add(last);
                }

                read.Add((address, members));
            }
            catch (TenancyException error) when (databases.Count > 1)
            {
                unread.AddRange(members.Select(tenant => new UnreadTenant(tenant, address, error)));
            }
        }

        return new()
        {
            Fleet = Project.Fleet,
            Made = DateTime.UtcNow,
            Graph = Revisions,
            Revisions = revisions,
            Unread = unread,
            Run = needsHistory ? await ReadRunAsync(read, request.RunId, runs, cancellation) : RunFromResults.Read(request.Results),
            Comparisons = request.Comparisons ?? (request.ComparesSchemas ? await CompareAsync(read, request, log, cancellation) : null),
            Secrets = [.. Revisions.All.SelectMany(static node => node.Manifest.Arguments).Where(static argument => argument.IsSecret).Select(argument => request.Arguments.GetValueOrDefault(argument.Name)).OfType<string>()],
        };
    }

    private async Task<RunFacts?> ReadRunAsync(List<(DatabaseAddress Address, List<Tenant> Tenants)> databases, Guid? asked, List<(Guid Id, DateTime At)> last, CancellationToken cancellation)
    {
        if ((asked ?? (last.Count == 0 ? null : last.MaxBy(static run => run.At).Id)) is not { } id)
        {
            return null;
        }

        List<TenantHistoryEntry> entries = [];
        await foreach (var (address, members) in InTurnAsync(databases))
        {
            entries.AddRange(await new ReportCollection(Project, Revisions, connector, address).ReadRunAsync(members, id, cancellation));
        }

        return RunFromHistory.Read(entries, Revisions)
            ?? (asked is null ? null : throw new TenancyException("RunNotFound", $"The history of these tenants has nothing of run {id}.", "Get-TenantHistory shows the runs. A run that had nothing to do leaves nothing in history: pipe its results in."));
    }

    private async Task<List<SchemaComparison>> CompareAsync(List<(DatabaseAddress Address, List<Tenant> Tenants)> databases, ReportRequest request, IRunLog log, CancellationToken cancellation)
    {
        List<SchemaComparison> comparisons = [];
        List<Tenant> tenants = [.. databases.SelectMany(static database => database.Tenants.Select(tenant => tenant with { Database = database.Address.Database, Server = database.Address.Server.ToString() }))];
        await foreach (var comparison in CompareSchemasAsync(tenants, new() { Arguments = request.Arguments }, log, cancellation))
        {
            comparisons.Add(comparison);
        }

        return comparisons;
    }
}
