using System.Diagnostics;
using System.Text;
using Tenancy.Core;
using Tenancy.Core.Tests.Reports;

namespace Tenancy.Benchmarks;

/// <summary>A report of 10,000 tenants and their last run: written, how large it is, and drawn by Chromium.</summary>
internal static class ReportBenchmark
{
    /// <summary>Runs it; without Chromium nothing is drawn.</summary>
    public static async Task RunAsync(BenchmarkRun run)
    {
        var tenants = run.Scale(10_000);
        await using var server = await TenantServer.StartAsync();
        Console.WriteLine($"A report, PostgreSQL {server.Version}");
        await server.PrepareAsync(async () =>
        {
            await server.CreateAsync("report", tenants, Workload.Small.Tables);
            await Engine.RunAsync(Workload.Small.Project, server.Settings("report"), tenants, new() { ThrottleLimit = 4 });
        });
        await server.AnalyzeAsync("report");
        var html = "";
        var written = (await Series.TakeInTurnAsync(run.Rounds, async () =>
        {
            var clock = Stopwatch.StartNew();
            await using var fleet = Fleet.Open(Workload.Small.Project, server.Settings("report"));
            html = await fleet.MakeReportAsync(TenantServer.Tenants(tenants), new(), Engine.Log);
            return clock.Elapsed.TotalSeconds;
        }))[0];
        run.Add(new($"a report of {tenants:N0} tenants and their last run: read and written", written.ToString(), "", "", "", ""));
        run.Add(new("the same: its size", FormattableString.Invariant($"{Encoding.UTF8.GetByteCount(html) / 1e6:0.00} MB"), "", "", "", "5 MB"));
        try
        {
            var drawn = (await Series.TakeInTurnAsync(run.Rounds, () => DrawAsync(html)))[0];
            run.Add(new("the same: drawn by Chromium, from the start of loading to the first paint with all of it", drawn.ToString(), "", "", "", "2 s"));
        }
        catch (FileNotFoundException error)
        {
            Console.WriteLine($"  Not drawn: {error.Message}");
        }
    }

    // The later of the two: what is painted before the script has run is not all.
    private static async Task<double> DrawAsync(string html)
    {
        await using var browser = await Browser.OpenAsync(html);
        return (await browser.EvaluateAsync("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(Math.max(performance.getEntriesByType('navigation')[0].loadEventEnd, ...performance.getEntriesByType('paint').map(paint => paint.startTime)) / 1000))))")).GetDouble();
    }
}
