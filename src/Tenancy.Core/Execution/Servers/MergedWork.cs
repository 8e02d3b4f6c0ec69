using System.Threading.Channels;

namespace Tenancy.Core.Execution.Servers;

/// <summary>Work on several items at once, each of which gives many results: one sequence of all of them, in the order in which they come.</summary>
internal static class MergedWork
{
    // A taker that stops, at the first error perhaps, means that nothing more is begun: few are ahead of it.
    private const int Ahead = 1;

    /// <summary>Does the work. Whoever stops taking results, or cancels, has control back when all of it has ended.</summary>
    /// <param name="items">The items, begun in their order.</param>
    /// <param name="limit">How many at once, at the most.</param>
    /// <param name="work">The work on one, given what takes its results. What it throws ends the others.</param>
    /// <param name="cancellation">Cancels what is running.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static IAsyncEnumerable<TResult> RunAsync<TItem, TResult>(
        IEnumerable<TItem> items, int limit, Func<TItem, Func<TResult, ValueTask>, CancellationToken, Task> work, CancellationToken cancellation) =>
        WorkResults.ReadAsync<TResult>(Ahead, (results, stop) => WorkAsync(items, limit, work, results, stop.Token), [], cancellation);

    private static async Task WorkAsync<TItem, TResult>(
        IEnumerable<TItem> items, int limit, Func<TItem, Func<TResult, ValueTask>, CancellationToken, Task> work, ChannelWriter<TResult> results, CancellationToken stop)
    {
        try
        {
            await Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = limit, CancellationToken = stop }, async (item, token) =>
            {
                await using var own = new OwnCancellation(token);
                await work(item, result => results.WriteAsync(result, CancellationToken.None), own.Token);
            });
        }
        finally
        {
            results.Complete();
        }
    }
}
