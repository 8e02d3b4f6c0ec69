using System.Collections.Concurrent;
using System.Management.Automation;
using System.Runtime.InteropServices;

namespace TenancyMigrate.Pipeline;

/// <summary>
/// Runs asynchronous work while the pipeline's thread carries out what the work asks of PowerShell: only that thread may write objects,
/// ask a person, or run a script block. One pump, one piece of work.
/// </summary>
internal sealed class PipelinePump(CancellationTokenSource stop) : IDisposable
{
    // A process that is asked to end gets this long to cancel statements and let go of locks.
    private static readonly TimeSpan ShutdownGrace = TimeSpan.FromSeconds(5);

    private readonly BlockingCollection<Message> queue = [];

    /// <summary>Carries out the work and returns when it has ended, with its locks released and its transactions closed.</summary>
    /// <param name="work">The work; runs on the thread pool.</param>
    /// <exception cref="PipelineStoppedException">The pipeline was stopped.</exception>
    public void Run(Func<CancellationToken, Task> work)
    {
        var task = Task.Run(() => CarryOutAsync(work), CancellationToken.None);
        using var terminate = OnSignal(PosixSignal.SIGTERM, task);
        using var hangUp = OnSignal(PosixSignal.SIGHUP, task);
        try
        {
            foreach (var message in queue.GetConsumingEnumerable())
            {
                message.CarryOut();
            }
        }
        catch
        {
            // Ctrl+C, Select-Object -First, -ErrorAction Stop, a break downstream: all come up here from what a message wrote.
            Abort(task);
            throw;
        }

        try
        {
            task.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <summary>Has the pipeline's thread do something, and waits until it is done: the producer goes no faster than the consumer.</summary>
    /// <remarks>Never while a transaction is open: a prompt can hold the pipeline's thread for hours.</remarks>
    /// <param name="action">What to do on the pipeline's thread. What it throws stops the pipeline.</param>
    public Task SendAsync(Action action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        queue.Add(
            new Message(() =>
            {
                action();
                done.SetResult();
            }),
            stop.Token);
        return done.Task.WaitAsync(stop.Token);
    }

    /// <summary>Has the pipeline's thread find an answer, and waits for it.</summary>
    /// <param name="question">What to do on the pipeline's thread. An error of a script in it goes to the one who asks.</param>
    public Task<T> AskAsync<T>(Func<T> question)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        queue.Add(
            new Message(() =>
            {
                try
                {
                    done.SetResult(question());
                }
                catch (Exception error) when (error is not (PipelineStoppedException or FlowControlException))
                {
                    done.SetException(error);
                }
            }),
            stop.Token);
        return done.Task.WaitAsync(stop.Token);
    }

    /// <summary>Has the pipeline's thread do something when it comes to it. Never blocks; dropped when the pipeline has stopped.</summary>
    /// <param name="action">What to do on the pipeline's thread.</param>
    public void Post(Action action)
    {
        try
        {
            if (!stop.IsCancellationRequested && !queue.IsAddingCompleted)
            {
                queue.Add(new Message(action), CancellationToken.None);
            }
        }
        catch (InvalidOperationException)
        {
            // The work ended between the question and the answer: there is nobody left to tell.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => queue.Dispose();

    private async Task CarryOutAsync(Func<CancellationToken, Task> work)
    {
        try
        {
            await work(stop.Token).ConfigureAwait(false);
        }
        finally
        {
            queue.CompleteAdding();
        }
    }

    private void Abort(Task task)
    {
        _ = stop.CancelAsync();
        foreach (var _ in queue.GetConsumingEnumerable())
        {
            // Dropped; whoever awaits an answer is let go by the token.
        }

        // What stopped the pipeline is the error to report; how the work ends follows from it.
        Task.WhenAny(task).Wait();
    }

    private PosixSignalRegistration OnSignal(PosixSignal signal, Task task) => PosixSignalRegistration.Create(
        signal,
        context =>
        {
            _ = stop.CancelAsync();
            Task.WhenAny(task, Task.Delay(ShutdownGrace)).Wait();
        });

    private readonly record struct Message(Action CarryOut);
}
