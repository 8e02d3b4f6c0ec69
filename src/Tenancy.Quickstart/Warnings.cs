using Tenancy.Core.Execution;

namespace Tenancy.Quickstart;

/// <summary>Shows what a run warns of, and nothing else of what it says.</summary>
internal sealed class Warnings : IRunLog
{
    /// <inheritdoc/>
    public void Verbose(string message)
    {
    }

    /// <inheritdoc/>
    public void Debug(string sql)
    {
    }

    /// <inheritdoc/>
    public void Warn(string message) => Console.Error.WriteLine(message);

    /// <inheritdoc/>
    public void Progress(MigrationProgress progress)
    {
    }
}
