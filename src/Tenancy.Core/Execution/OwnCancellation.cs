namespace Tenancy.Core.Execution;

/// <summary>A cancellation of one piece of work among many, carried out on a thread of its own: a cancel request to a server that does not answer takes seconds, and the others would wait for it.</summary>
internal sealed class OwnCancellation : IAsyncDisposable
{
    // Never disposed: it may be cancelled on its thread while the work ends, and holds nothing.
    private readonly CancellationTokenSource own = new();
    private readonly CancellationTokenRegistration link;

    /// <summary>Cancelled when all are.</summary>
    /// <param name="all">The cancellation of all.</param>
    public OwnCancellation(CancellationToken all) =>
        link = all.UnsafeRegister(static own => ThreadPool.UnsafeQueueUserWorkItem(static own => own.Cancel(), (CancellationTokenSource)own!, preferLocal: false), own);

    /// <summary>The token of this piece of work.</summary>
    public CancellationToken Token => own.Token;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => link.DisposeAsync();
}
