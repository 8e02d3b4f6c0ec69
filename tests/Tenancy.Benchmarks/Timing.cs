using System.Diagnostics;
using System.Globalization;

namespace Tenancy.Benchmarks;

/// <summary>How long work takes, several times over.</summary>
/// <param name="First">The first time, with the compiling that the process has not done yet, milliseconds.</param>
/// <param name="Best">The fastest of the others, milliseconds.</param>
/// <param name="Median">The median of the others, milliseconds.</param>
internal sealed record Timing(double First, double Best, double Median)
{
    /// <summary>Does the work and measures it.</summary>
    /// <param name="times">How often, beside the first.</param>
    /// <param name="work">The work.</param>
    public static Timing Of(int times, Action work)
    {
        var first = Once(work);
        var others = Enumerable.Range(0, times).Select(_ => Once(work)).Order().ToList();
        return new(first, others[0], others[times / 2]);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"first {First,8:0.0} ms, best {Best,8:0.0} ms, median {Median,8:0.0} ms");

    private static double Once(Action work)
    {
        GC.Collect();
        var clock = Stopwatch.StartNew();
        work();
        return clock.Elapsed.TotalMilliseconds;
    }
}
