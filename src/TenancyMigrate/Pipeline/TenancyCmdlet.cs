using System.Management.Automation;
using Tenancy.Model;

namespace TenancyMigrate.Pipeline;

/// <summary>A cmdlet whose work is asynchronous. Not for scripts.</summary>
public abstract class TenancyCmdlet : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource stop = new();

    /// <inheritdoc/>
    public void Dispose()
    {
        // A throw or break upstream calls this and nothing else.
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Cancels the work and does not wait: the pipeline's thread returns when the work has ended.</summary>
    protected override void StopProcessing()
    {
        try
        {
            // Callbacks on other threads: Npgsql sends its cancel request, and waits for the answer, in one.
            _ = stop.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // Stopped after its end.
        }
    }

    /// <summary>Lets go of what it holds.</summary>
    /// <param name="disposing">True from <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            stop.Dispose();
        }
    }

    /// <summary>Runs work on the thread pool while this thread writes what it asks for. An error of the work ends the cmdlet.</summary>
    private protected void Run(Func<PipelinePump, CancellationToken, Task> work, object? target = null)
    {
        using var pump = new PipelinePump(stop);
        try
        {
            pump.Run(token => work(pump, token));
        }
        catch (TenancyException error)
        {
            ThrowTerminatingError(ErrorRecords.From(error, target));
        }
    }

    /// <summary>Runs setup on this thread; an error of it ends the cmdlet.</summary>
    private protected T SetUp<T>(Func<T> work, object? target = null)
    {
        try
        {
            return work();
        }
        catch (TenancyException error)
        {
            ThrowTerminatingError(ErrorRecords.From(error, target));
            throw;
        }
    }
}
