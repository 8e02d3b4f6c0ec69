namespace Tenancy.Core.Execution;

/// <summary>Where nobody listens.</summary>
internal sealed class SilentLog : IRunLog
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
    public void Warn(string message)
    {
    }

    /// <inheritdoc/>
    public void Progress(MigrationProgress progress)
    {
    }
}
