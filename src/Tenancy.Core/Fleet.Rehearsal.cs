using System.Runtime.CompilerServices;
using Tenancy.Core.Execution;
using Tenancy.Core.Planning;
using Tenancy.Core.Rehearsals;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core;

/// <content>Trying a run, and saying how long it will take.</content>
public sealed partial class Fleet
{
    /// <summary>Runs what <see cref="MigrateAsync"/> would run, and rolls each tenant back. One result a tenant, as each ends. Leaves nothing behind but what no rollback takes back (sequences).</summary>
    /// <param name="tenants">The tenants; doubles are worked on once.</param>
    /// <param name="request">What the run would be asked.</param>
    /// <param name="sample">How many tenants, of those that have something to do, stand for all; null for all of them.</param>
    /// <param name="log">Takes what the rehearsal says.</param>
    /// <param name="cancellation">Cancels the running statement, rolls back, and lets go of locks before the sequence ends.</param>
    /// <exception cref="TenancyException">Nothing can run: an argument is missing, or the only database cannot be worked on.</exception>
    public async IAsyncEnumerable<MigrationRehearsal> RehearseAsync(
        IReadOnlyList<Tenant> tenants, MigrationRequest request, int? sample, IRunLog log, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (databases, faults) = Group(tenants, request);
        foreach (var fault in faults)
        {
            yield return Untried(connector.Default, fault.Tenant, Describe(fault.Error!));
        }

        request = await LimitAsync(databases, request, log, cancellation);
        List<DatabaseRehearsal> ready = [];
        foreach (var (address, members) in databases)
        {
            var (rehearsal, failure) = await PrepareAsync(address, members, request, sample is not null, databases.Count > 1, log, cancellation);
            foreach (var tenant in failure is null ? [] : members)
            {
                yield return Untried(address, tenant, failure!);
            }

            if (failure is null)
            {
                ready.Add(rehearsal);
            }

            await LeaveAsync(address, databases.Count);
        }

        var chosen = sample is { } size ? Choose(ready, size) : null;
        foreach (var rehearsal in ready)
        {
            await foreach (var result in rehearsal.RunAsync(chosen, cancellation))
            {
                yield return result;
            }

            await LeaveAsync(rehearsal.Address, databases.Count);
        }

        MigrationRehearsal Untried(DatabaseAddress address, Tenant tenant, MigrationFailure failure) => RehearsalResults.Untried(SchemaTarget.Of(tenant, address), request, [], failure);
    }

    /// <summary>Rehearses a sample and says how long the run over all tenants will take.</summary>
    /// <param name="tenants">The tenants.</param>
    /// <param name="request">What the run would be asked; its limit counts for the sample and for the estimate.</param>
    /// <param name="sample">How many tenants stand for all.</param>
    /// <param name="log">Takes what the rehearsal says.</param>
    /// <param name="cancellation">Cancels the running statement and rolls back.</param>
    /// <exception cref="TenancyException">A database cannot be worked on, a tenant is none, or an argument is missing.</exception>
    public async Task<MigrationEstimate> MeasureAsync(IReadOnlyList<Tenant> tenants, MigrationRequest request, int sample, IRunLog log, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (databases, faults) = Group(tenants, request);
        if (faults is [{ Error: { } error }, ..])
        {
            throw error;
        }

        request = await LimitAsync(databases, request, log, cancellation);
        List<DatabaseRehearsal> ready = [];
        foreach (var (address, members) in databases)
        {
            ready.Add((await PrepareAsync(address, members, request, withSizes: true, isOneOfMany: false, log, cancellation)).Rehearsal);
            await LeaveAsync(address, databases.Count);
        }

        var chosen = Choose(ready, sample);
        var estimate = new FleetEstimate(request);
        foreach (var rehearsal in ready)
        {
            List<MigrationRehearsal> results = [];
            await foreach (var result in rehearsal.RunAsync(chosen, cancellation))
            {
                results.Add(result);
            }

            await estimate.AddAsync(rehearsal, results, cancellation);
            await LeaveAsync(rehearsal.Address, databases.Count);
        }

        if (estimate.Missing > 0)
        {
            log.Warn($"{estimate.Missing} distinct plan{(estimate.Missing == 1 ? " has" : "s have")} no tenant in the sample, and {(estimate.Missing == 1 ? "is" : "are")} not in the figures: a sample of {chosen.Count + estimate.Missing} has one of each.");
        }

        return estimate.Complete();
    }

    private async Task<(DatabaseRehearsal Rehearsal, MigrationFailure? Failure)> PrepareAsync(
        DatabaseAddress address, List<Tenant> members, MigrationRequest request, bool withSizes, bool isOneOfMany, IRunLog log, CancellationToken cancellation)
    {
        var rehearsal = new DatabaseRehearsal(Project, Revisions, connector, request, log, address, members);
        try
        {
            await rehearsal.PrepareAsync(withSizes, cancellation);
            return (rehearsal, null);
        }
        catch (TenancyException error) when (isOneOfMany)
        {
            return (rehearsal, Describe(error));
        }
    }

    // Tenants of a database that need the same plan are a group.
    private static HashSet<RehearsalCandidate> Choose(IEnumerable<DatabaseRehearsal> databases, int size) =>
        RehearsalSample.Choose(databases.SelectMany(static database => database.Candidates.GroupBy(static candidate => candidate.Plan, ReferenceEqualityComparer.Instance)).Select(static group => group.ToList()), size);
}
