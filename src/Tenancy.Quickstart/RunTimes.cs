using System.Diagnostics;
using System.Globalization;
using Tenancy.Model;

namespace Tenancy.Quickstart;

/// <summary>Measures runs, for the table at the end.</summary>
internal sealed class RunTimes
{
    private readonly List<IReadOnlyList<string>> rows = [];

    /// <summary>Runs to the end and notes how long it took.</summary>
    /// <param name="what">What the table calls it.</param>
    /// <param name="results">The run.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<List<MigrationResult>> MeasureAsync(string what, IAsyncEnumerable<MigrationResult> results, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var list = await results.ToListAsync(cancellation);
        clock.Stop();
        var tenants = list.Where(static result => result.Scope == "tenant").Select(static result => result.Seconds).Order().ToList();
        rows.Add(
        [
            what,
            tenants.Count.ToString(CultureInfo.InvariantCulture),
            list.Sum(static result => result.Revisions.Length).ToString(CultureInfo.InvariantCulture),
            Seconds(clock.Elapsed.TotalSeconds),
            Milliseconds(tenants[tenants.Count / 2]),
            Milliseconds(tenants[^1]),
        ]);
        return list;
    }

    /// <summary>Writes the table.</summary>
    /// <param name="page">Where to.</param>
    public void Show(Page page) => page.Table(["Run", "Tenants", "Revisions", "Time", "Median tenant", "Slowest tenant"], rows);

    /// <summary>A length of time for people.</summary>
    public static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.00} s");

    private static string Milliseconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:0} ms");
}
