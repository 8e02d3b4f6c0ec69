using System.Collections.Immutable;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Rollouts;

/// <summary>A ring of a run, and its tenants.</summary>
/// <param name="Number">Its number in the rollout, from 1.</param>
/// <param name="Ring">The ring.</param>
/// <param name="Databases">Its tenants by database, in the run's order.</param>
internal sealed record RingTenants(int Number, Ring Ring, ImmutableArray<(DatabaseAddress Address, List<Tenant> Tenants)> Databases)
{
    /// <summary>How many tenants it has.</summary>
    public int Count => Databases.Sum(static database => database.Tenants.Count);

    /// <summary>Puts each tenant into the first ring that takes it; rings that take none are left out.</summary>
    /// <param name="rollout">The rollout.</param>
    /// <param name="databases">The run's tenants.</param>
    public static List<RingTenants> Of(Rollout rollout, IReadOnlyList<(DatabaseAddress Address, List<Tenant> Tenants)> databases)
    {
        var numbers = databases.Select(database => database.Tenants.Select(tenant => NumberOf(rollout, tenant)).ToArray()).ToArray();
        return
        [
            .. from number in Enumerable.Range(1, rollout.Rings.Length)
               let parts = databases.Select((database, index) => (database.Address, Tenants: database.Tenants.Where((_, place) => numbers[index][place] == number).ToList()))
                   .Where(static part => part.Tenants.Count > 0).ToImmutableArray()
               where !parts.IsEmpty
               select new RingTenants(number, rollout.Rings[number - 1], parts),
        ];
    }

    /// <summary>The name of the ring that a tenant is in.</summary>
    /// <param name="rollout">The rollout.</param>
    /// <param name="tenant">The tenant.</param>
    public static string NameOf(Rollout rollout, Tenant tenant) => rollout.Rings[NumberOf(rollout, tenant) - 1].Name;

    /// <summary>The number of the ring that a tenant is in, from 1.</summary>
    /// <param name="rollout">The rollout.</param>
    /// <param name="tenant">The tenant.</param>
    public static int NumberOf(Rollout rollout, Tenant tenant) =>
        1 + Enumerable.Range(0, rollout.Rings.Length).First(index => rollout.Rings[index].Match?.Takes(tenant) ?? true);
}
