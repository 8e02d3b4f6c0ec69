using Tenancy.Core.Execution;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Rollouts;

/// <summary>Tells of the progress of each ring as that of the run: what earlier rings have done in a database counts.</summary>
/// <param name="log">Takes it.</param>
/// <param name="databases">All tenants of the run.</param>
internal sealed class RingLog(IRunLog log, IReadOnlyList<(DatabaseAddress Address, List<Tenant> Tenants)> databases) : ForwardingLog(log)
{
    private readonly Dictionary<string, int> totals = databases.ToDictionary(static database => database.Address.ToString(), static database => database.Tenants.Count, StringComparer.Ordinal);

    // Changed between two rings only, when nothing runs.
    private readonly Dictionary<string, int> done = databases.ToDictionary(static database => database.Address.ToString(), static _ => 0, StringComparer.Ordinal);

    /// <summary>Counts a ring as done.</summary>
    /// <param name="ring">The ring.</param>
    public void End(RingTenants ring)
    {
        foreach (var (address, tenants) in ring.Databases)
        {
            done[address.ToString()] += tenants.Count;
        }
    }

    /// <summary>Says what is waited for, in one database.</summary>
    /// <param name="address">The database.</param>
    /// <param name="reason">What for.</param>
    public void Wait(DatabaseAddress address, string reason) => Progress(new(address.ToString(), 0, 0, reason));

    /// <inheritdoc/>
    public override void Progress(MigrationProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        var total = totals[progress.Database];
        Next.Progress(progress with { Done = Math.Min(total, done[progress.Database] + progress.Done), Total = total });
    }
}
