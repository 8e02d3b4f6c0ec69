namespace Tenancy.Core.Execution.Waiting;

/// <summary>
/// The places at which the items of a run are worked on, as many at once as there are places. Who has to wait for something leaves its place to others, and comes back behind all that have not
/// begun. Safe from any thread.
/// </summary>
/// <param name="limit">How many places there are.</param>
internal sealed class WorkPlaces(int limit)
{
    // What is away keeps its state in memory, a few KB each: with more of it those that came first go on before anything new begins.
    private const int MostAway = 1000;

    private readonly object gate = new();
    private readonly Queue<TaskCompletionSource> returning = new();
    private TaskCompletionSource? beginning;
    private int free = limit;
    private int away;
    private bool isLastBegun;

    /// <summary>Takes a place for an item that begins; for one caller at a time.</summary>
    /// <param name="cancellation">Gives up.</param>
    public Task BeginAsync(CancellationToken cancellation) => WaitAsync(waiter => beginning = waiter, cancellation);

    /// <summary>Says that no further item begins.</summary>
    public void EndBeginning()
    {
        lock (gate)
        {
            isLastBegun = true;
            Grant();
        }
    }

    /// <summary>Gives a place back for a while.</summary>
    public void Leave()
    {
        lock (gate)
        {
            free++;
            away++;
            Grant();
        }
    }

    /// <summary>Takes a place again, once all items have begun.</summary>
    /// <param name="cancellation">Gives up; the item is away still.</param>
    public Task ReturnAsync(CancellationToken cancellation) => WaitAsync(returning.Enqueue, cancellation);

    /// <summary>Gives a place back for good.</summary>
    /// <param name="isAway">True for an item that has none at the time.</param>
    public void End(bool isAway)
    {
        lock (gate)
        {
            away -= isAway ? 1 : 0;
            free += isAway ? 0 : 1;
            Grant();
        }
    }

    private async Task WaitAsync(Action<TaskCompletionSource> add, CancellationToken cancellation)
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            add(waiter);
            Grant();
        }

        // Whichever comes first, grant or cancellation, is what the waiter has: a place is never lost.
        await using var link = cancellation.UnsafeRegister(static (waiter, cancellation) => ((TaskCompletionSource)waiter!).TrySetCanceled(cancellation), waiter);
        await waiter.Task;
    }

    private void Grant()
    {
        while (free > 0)
        {
            if (beginning is { } first && away < MostAway)
            {
                beginning = null;
                free -= first.TrySetResult() ? 1 : 0;
            }
            else if ((isLastBegun || away >= MostAway) && returning.TryDequeue(out var next))
            {
                if (next.TrySetResult())
                {
                    free--;
                    away--;
                }
            }
            else
            {
                return;
            }
        }
    }
}
