using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Tenancy.Core.Execution.Servers;

/// <summary>The results of work in the background, as one sequence.</summary>
internal static class WorkResults
{
    /// <summary>Starts the work. Whoever stops taking results, or cancels, has control back when all of it has ended.</summary>
    /// <param name="ahead">How many results wait for their taker, at the most: so a slow one holds back the work and not the memory.</param>
    /// <param name="start">Starts the work, which ends by completing what takes its results; what stops it is cancelled when it is to stop, and the work may cancel it too.</param>
    /// <param name="meanwhile">Results that cost nothing, made one by one as they are taken; those of the work go first where they are there, unless <paramref name="ahead"/> is 1, which keeps the order.</param>
    /// <param name="cancellation">Cancels what is running.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static async IAsyncEnumerable<TResult> ReadAsync<TResult>(
        int ahead, Func<ChannelWriter<TResult>, CancellationTokenSource, Task> start, IEnumerable<TResult> meanwhile, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var results = Channel.CreateBounded<TResult>(new BoundedChannelOptions(ahead) { SingleReader = true });
        var workers = start(results.Writer, stop);
        try
        {
            foreach (var free in meanwhile)
            {
                while (ahead > 1 && results.Reader.TryRead(out var result))
                {
                    yield return result;
                }

                cancellation.ThrowIfCancellationRequested();
                yield return free;
            }

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
            // Nobody takes what still comes, and whoever gives it must come to its end.
            await foreach (var _ in results.Reader.ReadAllAsync(CancellationToken.None))
            {
            }

            await workers.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
