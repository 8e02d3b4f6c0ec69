using Tenancy.Core.Execution.Steps;

namespace Tenancy.Core.Execution;

/// <summary>Takes what a run says of itself. Called from any thread; must not block, because a transaction may be open.</summary>
public interface IRunLog
{
    /// <summary>A decision.</summary>
    /// <param name="message">One line.</param>
    void Verbose(string message);

    /// <summary>SQL that is sent, with secret arguments masked.</summary>
    /// <param name="sql">The SQL.</param>
    void Debug(string sql);

    /// <summary>Something the user should see though the run goes on.</summary>
    /// <param name="message">One line.</param>
    void Warn(string message);

    /// <summary>A step of a revision that begins, ends or fails; by default the beginnings are decisions to tell.</summary>
    /// <param name="change">The step.</param>
    void StepChanged(MigrationStep change)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (change.Outcome == MigrationStep.Begun)
        {
            Verbose(change.ToString());
        }
    }

    /// <summary>How far the run is.</summary>
    /// <param name="progress">Counts.</param>
    void Progress(MigrationProgress progress);
}

/// <summary>How far a run is in one database.</summary>
/// <param name="Database">The database and its server.</param>
/// <param name="Done">Schemas that are ended.</param>
/// <param name="Total">Schemas in all.</param>
/// <param name="Current">The schema at work; null between two.</param>
public sealed record MigrationProgress(string Database, int Done, int Total, string? Current)
{
    /// <summary>How far it is on the database's server; null where a database speaks of itself alone.</summary>
    public ProgressCount? Server { get; init; }

    /// <summary>How far the whole run is; null where a database speaks of itself alone.</summary>
    public ProgressCount? Run { get; init; }
}

/// <summary>How many of how many.</summary>
/// <param name="Name">Of what; empty for the run.</param>
/// <param name="Done">Tenants that are ended.</param>
/// <param name="Total">Tenants in all.</param>
public sealed record ProgressCount(string Name, int Done, int Total);
