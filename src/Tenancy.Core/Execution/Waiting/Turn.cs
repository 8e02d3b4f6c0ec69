namespace Tenancy.Core.Execution.Waiting;

/// <summary>The turn of one item among those that are worked on at once; see <see cref="WorkPlaces"/>. For one caller at a time.</summary>
/// <param name="places">The places; null where nobody else waits for one.</param>
internal sealed class Turn(WorkPlaces? places)
{
    private bool isAway;

    /// <summary>Leaves the place to others.</summary>
    public void Leave()
    {
        if (!isAway)
        {
            isAway = true;
            places?.Leave();
        }
    }

    /// <summary>Takes a place again, behind all items that have not begun; at once where it was not left.</summary>
    /// <param name="cancellation">Gives up.</param>
    public async Task ReturnAsync(CancellationToken cancellation)
    {
        if (isAway)
        {
            await (places?.ReturnAsync(cancellation) ?? Task.CompletedTask);
            isAway = false;
        }
    }

    /// <summary>Pauses without holding a place.</summary>
    /// <param name="pause">How long, at least.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task PauseAsync(TimeSpan pause, CancellationToken cancellation)
    {
        Leave();
        await Task.Delay(pause, cancellation);
        await ReturnAsync(cancellation);
    }

    /// <summary>Ends the turn.</summary>
    public void End() => places?.End(isAway);
}
