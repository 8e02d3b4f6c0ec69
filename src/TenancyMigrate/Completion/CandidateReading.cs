namespace TenancyMigrate.Completion;

/// <summary>What is read for completion, and was read last. Nobody waits long for a read; it goes on, so that the next who asks has its answer.</summary>
internal sealed class CandidateReading
{
    // A server that needs longer is no help at a prompt.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);

    private Task<object[]>? task;
    private object[] last = [];

    /// <summary>Reads again, unless a read still goes on.</summary>
    /// <param name="read">Reads; runs on the thread pool.</param>
    public void Begin(Func<CancellationToken, Task<object[]>> read)
    {
        Take();
        if (task is not { IsCompleted: false })
        {
            task = Task.Run(() => ReadAsync(read), CancellationToken.None);
        }
    }

    /// <summary>Waits for the read that goes on.</summary>
    /// <param name="patience">How long.</param>
    /// <param name="cancellation">Ends the waiting, not the read.</param>
    public Task WaitAsync(TimeSpan patience, CancellationToken cancellation) => Task.WhenAny(task ?? Task.CompletedTask, Task.Delay(patience, cancellation));

    /// <summary>What was read last; nothing as long as no read has succeeded.</summary>
    public object[] Take() => last = task is { IsCompletedSuccessfully: true } ? task.Result : last;

    private static async Task<object[]> ReadAsync(Func<CancellationToken, Task<object[]>> read)
    {
        using var limit = new CancellationTokenSource(Longest);
        return await read(limit.Token).ConfigureAwait(false);
    }
}
