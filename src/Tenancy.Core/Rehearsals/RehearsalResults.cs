using Tenancy.Core.Execution;
using Tenancy.Core.Planning;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Rehearsals;

/// <summary>The results of rehearsals.</summary>
internal static class RehearsalResults
{
    /// <summary>The result of a rehearsal, from what a run would have given.</summary>
    /// <param name="result">The run's result.</param>
    /// <param name="report">What the rehearsal found.</param>
    public static MigrationRehearsal Of(MigrationResult result, RehearsalReport report)
    {
        var status = result.Failure is { } failure ? (IsPassing(failure) ? RehearsalStatus.NotRehearsed : RehearsalStatus.WouldFail)
            : report.NotRehearsed.Count > 0 ? RehearsalStatus.PartlyRehearsed
            : result.Status switch
            {
                MigrationStatus.Skipped => RehearsalStatus.Skipped,
                MigrationStatus.UpToDate => RehearsalStatus.UpToDate,
                _ => RehearsalStatus.Rehearsed,
            };
        return report.Complete(new()
        {
            Name = result.Name,
            Schema = result.Schema,
            Database = result.Database,
            Server = result.Server,
            Scope = result.Scope,
            Status = status,
            Direction = result.Direction,
            Revisions = result.Revisions,
            MarkedApplied = result.MarkedApplied,
            From = result.From,
            To = result.To,
            Step = status == RehearsalStatus.Skipped ? result.Step : null,
            Failure = result.Failure,
            Started = result.Started,
            RunId = result.RunId,
            Labels = result.Labels,
        });
    }

    /// <summary>The result of a tenant that was not tried, or has nothing to try.</summary>
    /// <param name="target">The tenant.</param>
    /// <param name="request">What the run would be asked.</param>
    /// <param name="heads">Its heads.</param>
    /// <param name="failure">Why; null where it has nothing to do.</param>
    public static MigrationRehearsal Untried(SchemaTarget target, MigrationRequest request, IEnumerable<string> heads, MigrationFailure? failure) => new()
    {
        Name = target.Name,
        Schema = target.Schema,
        Database = target.Address.Database,
        Server = target.Address.Server.ToString(),
        Scope = target.ScopeName,
        Status = failure is null ? RehearsalStatus.UpToDate : IsPassing(failure) ? RehearsalStatus.NotRehearsed : RehearsalStatus.WouldFail,
        Direction = request.Direction == Revisions.RevisionDirection.Up ? "up" : "down",
        From = [.. heads],
        To = [.. heads],
        Failure = failure,
        Started = DateTime.UtcNow,
        RunId = request.RunId,
        Labels = target.Labels,
    };

    /// <summary>Why a tenant was not rehearsed where the shared schema's revisions before it fail.</summary>
    /// <param name="target">The tenant.</param>
    /// <param name="cause">What failed.</param>
    public static MigrationFailure SharedFailed(SchemaTarget target, MigrationFailure cause) => new()
    {
        ErrorId = "SharedFailed",
        Message = $"{target} was not rehearsed: the shared schema of {target.Address} fails first: {cause.Message}",
        Cause = $"the shared schema of {target.Address} fails first: {cause.Message}",
        RecommendedAction = "Mend the shared revision and rehearse again.",
    };

    // What may be gone the next time: locks, connections, resources (manual, appendix A).
    private static bool IsPassing(MigrationFailure failure) =>
        failure.ErrorId is "SharedFailed" or "TenantInUse" or "ConnectionLost" or "ConnectionFailed" or "HistoryLocked" or "HistoryNotInstalled" or "HistoryDenied"
        || failure.SqlState is "55P03" or "40P01" or "40001" or ['5', '3', ..] or ['5', '7', 'P', ..] or ['0', '8', ..];
}
