using Tenancy.Model;

namespace Tenancy.Core.Reports;

/// <summary>A run as its results have it.</summary>
internal static class RunFromResults
{
    /// <summary>The latest run among them; null where there are none.</summary>
    /// <param name="results">The results.</param>
    public static RunFacts? Read(IReadOnlyList<MigrationResult> results)
    {
        if (results.MaxBy(static result => result.Started) is not { } latest)
        {
            return null;
        }

        // What was piped through twice, as a tenant that failed and was run again, counts as it ended.
        var own = results.Where(result => result.RunId == latest.RunId).GroupBy(KeyOf).Select(static group => group.MaxBy(static result => result.Started)!);
        return new()
        {
            Id = latest.RunId,
            Direction = latest.Direction,
            Work =
            [
                .. own.Select(static result => new RunWork
                {
                    Key = KeyOf(result),
                    Name = result.Name,
                    Status = result.Status,
                    Started = result.Started,
                    Ended = result.Started.AddSeconds(result.Seconds),
                    Seconds = result.Seconds,
                    RevisionCount = result.Revisions.Length,
                    Failure = result.Failure,
                }),
            ],
        };
    }

    private static SchemaKey KeyOf(MigrationResult result) => new(result.Server, result.Database, result.Scope, result.Schema);
}
