using Tenancy.Core.Execution;
using Tenancy.Core.Planning;
using Tenancy.Core.Policies;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Rollouts;

/// <summary>How many tenants of each ring may fail. What cannot be a tenant is a failure of the ring that takes it, also where that ring has nobody else: a canary that is none stops the rollout.</summary>
/// <param name="request">The run, with its rollout.</param>
/// <param name="faults">What cannot be a tenant, and why.</param>
/// <param name="address">Where that is looked for.</param>
internal sealed class RingFailures(MigrationRequest request, IReadOnlyList<TenantFinding> faults, DatabaseAddress address)
{
    private readonly ILookup<int, TenantFinding> byRing = faults.ToLookup(fault => RingTenants.NumberOf(request.Rollout!, fault.Tenant));
    private int next = 1;

    /// <summary>What counts the failures of a ring.</summary>
    /// <param name="number">Its number, from 1.</param>
    /// <param name="tenants">How many tenants it has.</param>
    public FailureCondition Of(int number, int tenants)
    {
        next = number + 1;
        var ring = request.Rollout!.Rings[number - 1];
        var condition = new FailureCondition(ring.MaxFailures ?? request.MaxFailures ?? FailureLimit.None, tenants + byRing[number].Count(), $"ring '{ring.Name}'");
        foreach (var fault in byRing[number])
        {
            condition.End(new(SchemaTarget.Of(fault.Tenant, address)), Fleet.Failed(fault.Tenant, address, request, Fleet.Describe(fault.Error!)));
        }

        return condition;
    }

    /// <summary>Looks at the rings before one, as far as none of them was asked for: they have no tenants.</summary>
    /// <param name="number">The ring's number, from 1.</param>
    /// <returns>Why it must not begin, or null.</returns>
    public StartRefusal? FindBefore(int number)
    {
        StartRefusal? found = null;
        while (next < number)
        {
            found ??= Of(next, 0).Refusal;
        }

        return found;
    }
}
