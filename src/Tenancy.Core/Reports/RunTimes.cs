namespace Tenancy.Core.Reports;

/// <summary>When a run did what: how many schemas were done in each equal part of its time, and how long they took.</summary>
internal sealed class RunTimes
{
    /// <summary>Into how many parts the run's time is divided.</summary>
    public const int Parts = 60;

    private const int SlowestShown = 20;

    private RunTimes(List<RunWork> worked)
    {
        Started = worked.Min(static work => work.Started);
        Ended = worked.Max(static work => work.Ended);
        Slowest = [.. worked.OrderByDescending(static work => work.Seconds).Take(SlowestShown)];
        var seconds = worked.Select(static work => work.Seconds).Order().ToList();
        (MedianSeconds, MaxSeconds) = (seconds[(seconds.Count - 1) / 2], seconds[^1]);
        foreach (var work in worked)
        {
            (work.Failure is null ? Done : Failed)[Math.Min(Parts - 1, (int)(PlaceOf(work.Ended) * Parts))]++;
        }
    }

    /// <summary>When the first work started, UTC.</summary>
    public DateTime Started { get; }

    /// <summary>When the last work ended, UTC.</summary>
    public DateTime Ended { get; }

    /// <summary>How many ended well in each part.</summary>
    public int[] Done { get; } = new int[Parts];

    /// <summary>How many failed in each part.</summary>
    public int[] Failed { get; } = new int[Parts];

    /// <summary>Half of them took no longer, seconds.</summary>
    public double MedianSeconds { get; }

    /// <summary>The longest, seconds.</summary>
    public double MaxSeconds { get; }

    /// <summary>Those that took longest.</summary>
    public IReadOnlyList<RunWork> Slowest { get; }

    /// <summary>How long the run took, seconds.</summary>
    public double Seconds => (Ended - Started).TotalSeconds;

    /// <summary>The times of a run; null where nothing took any.</summary>
    /// <param name="run">The run.</param>
    public static RunTimes? Of(RunFacts? run) => run?.Worked.ToList() is { Count: > 0 } worked ? new(worked) : null;

    /// <summary>Where a moment is in the run, from 0 to 1.</summary>
    /// <param name="moment">The moment, UTC.</param>
    public double PlaceOf(DateTime moment) => Seconds > 0 ? Math.Clamp((moment - Started).TotalSeconds / Seconds, 0, 1) : 0;

    /// <summary>When a part starts, UTC.</summary>
    /// <param name="part">Its number, from 0.</param>
    public DateTime StartOf(int part) => Started.AddSeconds(Seconds * part / Parts);
}
