using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Tenancy.Core.Execution;

/// <summary>Work on many items at once, whose results are given as they end.</summary>
internal static class ParallelWork
{
    /// <summary>Does the work. Whoever stops taking results, or cancels, has control back when all of it has ended.</summary>
    /// <param name="items">The items, begun in their order.</param>
    /// <param name="limit">How many at once, at the most; 1 keeps the order of the results too.</param>
    /// <param name="work">The work on one; it must not throw for a reason of the item's own, which would end the others.</param>
    /// <param name="cancellation">Cancels what is running, each on a thread of its own: a cancel request to a server that does not answer takes seconds.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static async IAsyncEnumerable<TResult> RunAsync<TItem, TResult>(
        IEnumerable<TItem> items, int limit, Func<TItem, CancellationToken, Task<TResult>> work, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        // Bounded, so that a slow taker holds back the work and not the memory.
        var results = Channel.CreateBounded<TResult>(new BoundedChannelOptions(limit) { SingleReader = true });
        var workers = WorkAsync(items, limit, work, results.Writer, stop.Token);
        try
        {
            await foreach (var result in results.Reader.ReadAllAsync(CancellationToken.None))
            {
                yield return result;
            }

            cancellation.ThrowIfCancellationRequested();
            await workers;
        }
        finally
        {
            await stop.CancelAsync();
            await workers.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task WorkAsync<TItem, TResult>(
        IEnumerable<TItem> items, int limit, Func<TItem, CancellationToken, Task<TResult>> work, ChannelWriter<TResult> results, CancellationToken stop)
    {
        try
        {
            await Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = limit, CancellationToken = stop }, async (item, token) =>
            {
                // Never disposed: it may be cancelled on its thread while the work ends, and holds nothing.
                var own = new CancellationTokenSource();
                await using var link = token.UnsafeRegister(static own => ThreadPool.UnsafeQueueUserWorkItem(static own => own.Cancel(), (CancellationTokenSource)own!, preferLocal: false), own);
                await results.WriteAsync(await work(item, own.Token), token);
            });
        }
        finally
        {
            results.Complete();
        }
    }
}
