using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using Tenancy.Core.Execution.Waiting;

namespace Tenancy.Core.Execution.Servers;

/// <summary>Work on many items at once, whose results are given as they end. An item that waits for something lets others go on: see <see cref="Turn"/>.</summary>
internal static class ParallelWork
{
    /// <summary>Does the work. Whoever stops taking results, or cancels, has control back when all of it has ended.</summary>
    /// <param name="items">The items, begun in their order.</param>
    /// <param name="limit">How many at once, at the most; 1 keeps the order of the results too, but for those that left their place.</param>
    /// <param name="work">The work on one; it must not throw for a reason of the item's own, which would end the others.</param>
    /// <param name="cancellation">Cancels what is running, each on a thread of its own: a cancel request to a server that does not answer takes seconds.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static IAsyncEnumerable<TResult> RunAsync<TItem, TResult>(
        IEnumerable<TItem> items, int limit, Func<TItem, Turn, CancellationToken, Task<TResult>> work, CancellationToken cancellation) =>
        RunAsync(items, limit, work, [], cancellation);

    /// <summary>The same, beside what needs no work.</summary>
    /// <param name="items">As above.</param>
    /// <param name="limit">As above.</param>
    /// <param name="work">As above.</param>
    /// <param name="cancellation">As above.</param>
    /// <param name="meanwhile">Results of what needs no work, made as they are taken, while the others are worked on; all before the others' where the limit is 1.</param>
    public static IAsyncEnumerable<TResult> RunAsync<TItem, TResult>(
        IEnumerable<TItem> items, int limit, Func<TItem, Turn, CancellationToken, Task<TResult>> work, IEnumerable<TResult> meanwhile, CancellationToken cancellation) =>
        WorkResults.ReadAsync<TResult>(limit, (results, stop) => new Crew<TItem, TResult>(limit, work, results, stop).RunAsync(items), meanwhile, cancellation);

    private sealed class Crew<TItem, TResult>(int limit, Func<TItem, Turn, CancellationToken, Task<TResult>> work, ChannelWriter<TResult> results, CancellationTokenSource stop)
    {
        private readonly WorkPlaces places = new(limit);
        private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private ExceptionDispatchInfo? failed;

        // Whoever begins items counts as one.
        private int alive = 1;

        public async Task RunAsync(IEnumerable<TItem> items)
        {
            try
            {
                foreach (var item in items)
                {
                    await places.BeginAsync(stop.Token);
                    Interlocked.Increment(ref alive);
                    _ = Task.Run(() => WorkAsync(item), CancellationToken.None);
                }
            }
            catch (Exception error)
            {
                Fail(error);
            }

            places.EndBeginning();
            Leave();
            await ended.Task;
            results.Complete();
            failed?.Throw();
        }

        private async Task WorkAsync(TItem item)
        {
            var turn = new Turn(places);
            try
            {
                await using var own = new OwnCancellation(stop.Token);
                // What has a result has it whatever was cancelled meanwhile: it is committed.
                await results.WriteAsync(await work(item, turn, own.Token), CancellationToken.None);
            }
            catch (Exception error)
            {
                Fail(error);
            }
            finally
            {
                turn.End();
                Leave();
            }
        }

        private void Fail(Exception error)
        {
            Interlocked.CompareExchange(ref failed, ExceptionDispatchInfo.Capture(error), null);
            stop.Cancel();
        }

        private void Leave()
        {
            if (Interlocked.Decrement(ref alive) == 0)
            {
                ended.SetResult();
            }
        }
    }
}
