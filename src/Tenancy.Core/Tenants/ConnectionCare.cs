using System.Collections.Concurrent;

namespace Tenancy.Core.Tenants;

/// <summary>
/// Says when the connections of a pool are to be closed: when one of them has worked on so many tenants that its backend's caches have grown, by about 5 KB for each relation that it has
/// met, which a backend never gives back. Thread-safe.
/// </summary>
internal sealed class ConnectionCare
{
    /// <summary>How often a connection is used before it is closed: a few hundred tenants, at about a transaction each. A choice, not a measurement.</summary>
    public const int MostUses = 500;

    private readonly ConcurrentDictionary<int, int> uses = new();

    /// <summary>Takes note of a connection that was opened, or taken from the pool.</summary>
    /// <param name="process">Its process id, as the server gave it.</param>
    /// <returns>True where the pool is to be cleared.</returns>
    public bool IsWorn(int process)
    {
        if (uses.AddOrUpdate(process, 1, static (_, before) => before + 1) < MostUses)
        {
            return false;
        }

        uses.Clear();
        return true;
    }
}
