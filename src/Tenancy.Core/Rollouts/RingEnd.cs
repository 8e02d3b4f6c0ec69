using System.Globalization;
using Tenancy.Core.Planning;
using Tenancy.Core.Policies;

namespace Tenancy.Core.Rollouts;

/// <summary>What stands between a ring and the next: its soak, and its query.</summary>
/// <param name="store">Keeps how far it is.</param>
/// <param name="verification">Asks the query.</param>
/// <param name="request">The run.</param>
/// <param name="log">Told what is waited for.</param>
internal sealed class RingEnd(RunStore store, RingVerification verification, MigrationRequest request, RingLog log)
{
    // How often it is told that it is waited for: what is told once may be lost among what a screen shows a few times a second.
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <summary>Waits until the soak is over, and asks. Behind the last ring nothing is to be waited for, unless it has a query.</summary>
    /// <param name="ring">The ring, whose tenants are done.</param>
    /// <param name="before">How far it was before.</param>
    /// <param name="isChanged">Whether anything was changed: else nothing need soak.</param>
    /// <param name="isLast">Whether no ring comes after it.</param>
    /// <param name="cancellation">Gives up; the soak goes on.</param>
    /// <returns>Why the next ring must not begin, or null.</returns>
    public async Task<StartRefusal?> AwaitAsync(RingTenants ring, RingProgress before, bool isChanged, bool isLast, CancellationToken cancellation)
    {
        var soaks = ring.Ring.Soak is not null && !(isLast && ring.Ring.Verify is null);
        // Again and again: the server's clock says when it is over, this machine's only when to ask; and somebody may have prolonged it.
        while (await store.EndAsync(ring.Number, isChanged && soaks, ring.Ring.Soak ?? TimeSpan.Zero, ring.Ring.HasNewSoak, cancellation) is var left && soaks && left > TimeSpan.Zero)
        {
            if (await SoakAsync(ring, left, cancellation) is { } tooLate)
            {
                return tooLate;
            }
        }

        return ring.Ring.Verify is { } query && !before.IsVerified ? await VerifyAsync(ring, query, cancellation) : null;
    }

    private async Task<StartRefusal?> SoakAsync(RingTenants ring, TimeSpan left, CancellationToken cancellation)
    {
        var until = DateTime.UtcNow + left;
        if (until > request.Until)
        {
            return new("OutOfTime", string.Create(CultureInfo.InvariantCulture, $"ring '{ring.Ring.Name}' soaks until {until:yyyy-MM-dd HH:mm:ss}Z, and all is to end by {request.Until:yyyy-MM-dd HH:mm:ss}Z"), $"Go on after that with -Resume {request.RunId}.");
        }

        log.Verbose(string.Create(CultureInfo.InvariantCulture, $"Ring '{ring.Ring.Name}' soaks until {until:yyyy-MM-dd HH:mm:ss}Z. If the run is stopped meanwhile, -Resume {request.RunId} waits for the rest only."));
        while (until - DateTime.UtcNow is var rest && rest > TimeSpan.Zero)
        {
            log.Wait(ring.Databases[0].Address, string.Create(CultureInfo.InvariantCulture, $"ring '{ring.Ring.Name}' soaks until {until:yyyy-MM-dd HH:mm:ss}Z"));
            // A timer takes whole milliseconds: with none it would not wait at all.
            await Task.Delay(rest < LongestPause ? rest + TimeSpan.FromMilliseconds(1) : LongestPause, cancellation);
        }

        return null;
    }

    private async Task<StartRefusal?> VerifyAsync(RingTenants ring, string query, CancellationToken cancellation)
    {
        foreach (var (address, _) in ring.Databases)
        {
            if (await verification.AskAsync(address, query, isOneOfMany: ring.Databases.Length > 1, cancellation) is { } reason)
            {
                return new("RingNotVerified", $"ring '{ring.Ring.Name}' is not verified: {reason}", $"Find out why. Then go on with -Resume {request.RunId}, which asks again.");
            }
        }

        log.Verbose($"Ring '{ring.Ring.Name}' is verified.");
        await store.VerifiedAsync(ring.Number, cancellation);
        return null;
    }
}
