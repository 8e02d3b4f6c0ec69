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

    /// <summary>As how many uses the relations count that a backend has met: 4,000 are all of them, some 20 MB.</summary>
    /// <param name="relations">How many.</param>
    public static int Uses(long relations) => (int)Math.Min(MostUses, relations / (4000 / MostUses));

    private readonly ConcurrentDictionary<int, int> uses = new();

    /// <summary>Takes note of a connection that was opened, or taken from the pool.</summary>
    /// <param name="process">Its process id, as the server gave it.</param>
    /// <param name="more">How many uses it counts as.</param>
    /// <returns>True where the pool is to be cleared.</returns>
    public bool IsWorn(int process, int more = 1)
    {
        if (uses.AddOrUpdate(process, more, (_, before) => before + more) < MostUses)
        {
            return false;
        }

        uses.Clear();
        return true;
    }
}
