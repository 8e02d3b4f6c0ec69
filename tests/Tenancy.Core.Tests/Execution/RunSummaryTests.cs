using Tenancy.Core.Execution.Reports;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>What a run's summary counts.</summary>
public sealed class RunSummaryTests
{
    [Fact]
    public void Who_was_not_reached_has_not_failed_and_the_run_has_not_succeeded()
    {
        var summary = new RunSummary(new());
        summary.Add(Result(MigrationStatus.Migrated, null));
        summary.Add(Result(MigrationStatus.Failed, "LockTimeout"));
        summary.Add(Result(MigrationStatus.Incomplete, "TooManyFailures"));
        summary.Add(Result(MigrationStatus.Incomplete, "TooManyFailures"));

        var whole = summary.Describe();

        Assert.Equal((4, 1, 2, false), (whole.Count, whole.FailedCount, whole.IncompleteCount, whole.IsSuccess));
        Assert.Equal(["2 TooManyFailures", "1 LockTimeout"], whole.Failures.Select(static failure => $"{failure.Count} {failure.ErrorId}"));
    }

    [Fact]
    public void A_run_that_reached_nobody_has_not_succeeded()
    {
        var summary = new RunSummary(new());
        summary.Add(Result(MigrationStatus.Incomplete, "OutOfTime"));

        Assert.Equal((0, 1, false), (summary.Describe().FailedCount, summary.Describe().IncompleteCount, summary.Describe().IsSuccess));
    }

    private static MigrationResult Result(string status, string? errorId) => new() { Name = "t1", Schema = "t1", Status = status, Failure = errorId is null ? null : new() { ErrorId = errorId, Message = "a test" } };
}
