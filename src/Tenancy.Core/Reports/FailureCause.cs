using Tenancy.Model;

namespace Tenancy.Core.Reports;

/// <summary>Failures of a run that have one cause: the same error at the same statement.</summary>
/// <param name="First">The first of them.</param>
/// <param name="Work">Where it happened.</param>
internal sealed record FailureCause(MigrationFailure First, IReadOnlyList<RunWork> Work)
{
    /// <summary>The causes of a run's failures, the most frequent first.</summary>
    /// <param name="run">The run.</param>
    public static List<FailureCause> Of(RunFacts? run) =>
    [
        .. (run?.Work ?? []).Where(static work => work.Failure is not null)
            .GroupBy(static work => (work.Failure!.ErrorId, work.Failure.SqlState, work.Failure.Revision, work.Failure.Manifest, work.Failure.Line, work.Failure.Operation, Text: TextOf(work)))
            .Select(static group => new FailureCause(group.First().Failure!, [.. group]))
            .OrderByDescending(static cause => cause.Work.Count).ThenBy(static cause => cause.First.ErrorId, StringComparer.Ordinal),
    ];

    // Where no place tells causes apart, the message does, but for the tenant's name in it.
    private static string? TextOf(RunWork work) => work.Failure!.Manifest is null ? work.Failure.Message.Replace(work.Name, "", StringComparison.Ordinal) : null;
}
