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

    /// <summary>Warns; fit to be shown, for names and messages are of others.</summary>
    private protected new void WriteWarning(string text) => base.WriteWarning(PrintableText.Of(text));

    /// <summary>Tells a decision; fit to be shown.</summary>
    private protected new void WriteVerbose(string text)
    {
        if (PipelineLog.AsksAfterVerbose(this))
        {
            WriteDebug(PrintableText.Of(text));
        }
        else
        {
            base.WriteVerbose(PrintableText.Of(text));
        }
    }

    /// <summary>Asks, on one line: no name writes lines of its own into a question.</summary>
    private protected new bool ShouldProcess(string target, string action) => base.ShouldProcess(PrintableText.Line(target), PrintableText.Line(action));

    /// <summary>The same in words of the caller's.</summary>
    private protected new bool ShouldProcess(string description, string question, string caption) => base.ShouldProcess(PrintableText.Line(description), PrintableText.Line(question), PrintableText.Line(caption));

    /// <summary>The same, and says why it is not to be done.</summary>
    private protected new bool ShouldProcess(string description, string question, string caption, out ShouldProcessReason reason) =>
        base.ShouldProcess(PrintableText.Line(description), PrintableText.Line(question), PrintableText.Line(caption), out reason);

    /// <summary>Gives a file as Get-Item does: what tables of files show is not all of the FileInfo itself.</summary>
    /// <param name="path">Where it is, absolute.</param>
    private protected void WriteFile(string path) => WriteObject(InvokeProvider.Item.Get([$"Microsoft.PowerShell.Core\\FileSystem::{path}"], force: true, literalPath: true), enumerateCollection: true);

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
