using System.Diagnostics;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Model;

namespace Tenancy.Core.Execution.Reports;

/// <summary>Counts the results of a run as they come; keeps four bytes of each, and the names of a few.</summary>
/// <param name="request">The run.</param>
public sealed class RunSummary(MigrationRequest request)
{
    private const int Examples = 5;

    private readonly DateTime started = DateTime.UtcNow;
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly Dictionary<string, int> statuses = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (int Count, string Message, List<string> Names)> failures = new(StringComparer.Ordinal);
    private readonly List<float> seconds = [];
    private readonly PriorityQueue<MigrationDuration, double> slowest = new();

    /// <summary>How many results so far.</summary>
    public int Count { get; private set; }

    /// <summary>How many failed so far.</summary>
    public int FailedCount { get; private set; }

    /// <summary>How many were not reached so far, or rolled back with one that failed.</summary>
    public int IncompleteCount { get; private set; }

    /// <summary>Takes a result.</summary>
    /// <param name="result">The result.</param>
    public void Add(MigrationResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        Count++;
        statuses[result.Status] = statuses.GetValueOrDefault(result.Status) + 1;
        if (result.Failure is { } failure)
        {
            _ = result.Status == MigrationStatus.Incomplete ? IncompleteCount++ : FailedCount++;
            var (before, message, names) = failures.TryGetValue(failure.ErrorId, out var known) ? known : (0, failure.Message, []);
            failures[failure.ErrorId] = (before + 1, message, names);
            if (names.Count < Examples)
            {
                names.Add(result.Name);
            }
        }

        // Who was not reached took no time, which says nothing of how long it takes.
        if (result.Status != MigrationStatus.UpToDate && result.Seconds > 0)
        {
            AddSeconds(result);
        }
    }

    /// <summary>What there is so far.</summary>
    public MigrationSummary Describe()
    {
        seconds.Sort();
        return new()
        {
            RunId = request.RunId,
            Direction = request.Direction == RevisionDirection.Up ? "up" : "down",
            Started = started,
            Seconds = Math.Round(clock.Elapsed.TotalSeconds, 3),
            Count = Count,
            FailedCount = FailedCount,
            IncompleteCount = IncompleteCount,
            Statuses = [.. statuses.OrderByDescending(static status => status.Value).ThenBy(static status => status.Key, StringComparer.Ordinal).Select(static status => new MigrationStatusCount { Status = status.Key, Count = status.Value })],
            Failures = [.. DescribeFailures()],
            MedianSeconds = seconds.Count == 0 ? 0 : Math.Round(seconds[(seconds.Count - 1) / 2], 4),
            MaxSeconds = seconds.Count == 0 ? 0 : Math.Round(seconds[^1], 4),
            Slowest = [.. slowest.UnorderedItems.OrderByDescending(static item => item.Priority).Select(static item => item.Element)],
        };
    }

    private IEnumerable<MigrationFailureCount> DescribeFailures() => failures
        .OrderByDescending(static failure => failure.Value.Count)
        .ThenBy(static failure => failure.Key, StringComparer.Ordinal)
        .Select(static failure => new MigrationFailureCount { ErrorId = failure.Key, Count = failure.Value.Count, Message = failure.Value.Message, Names = [.. failure.Value.Names] });

    private void AddSeconds(MigrationResult result)
    {
        seconds.Add((float)result.Seconds);
        if (slowest.Count == Examples && slowest.Peek().Seconds >= result.Seconds)
        {
            return;
        }

        slowest.Enqueue(new() { Name = result.Name, Database = result.Database, Server = result.Server, Seconds = result.Seconds }, result.Seconds);
        if (slowest.Count > Examples)
        {
            slowest.Dequeue();
        }
    }
}
