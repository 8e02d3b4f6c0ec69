using Tenancy.Core.Execution.Steps;

namespace Tenancy.Core.Execution;

/// <summary>A log in front of another, which is told all but the progress as it is.</summary>
/// <param name="log">The other.</param>
internal abstract class ForwardingLog(IRunLog log) : IRunLog
{
    /// <summary>The other.</summary>
    protected IRunLog Next => log;

    /// <inheritdoc/>
    public void Verbose(string message) => log.Verbose(message);

    /// <inheritdoc/>
    public void Debug(string sql) => log.Debug(sql);

    /// <inheritdoc/>
    public void Warn(string message) => log.Warn(message);

    /// <inheritdoc/>
    public void StepChanged(MigrationStep change) => log.StepChanged(change);

    /// <inheritdoc/>
    public abstract void Progress(MigrationProgress progress);
}
