using System.Diagnostics;
using Tenancy.Core;
using Tenancy.Core.Planning;

namespace Tenancy.Benchmarks;

/// <summary>What <c>Test-TenantMigration</c> does on a fleet with a revision to come: states, plans, the sizes of every tenant's tables, and the statements judged.</summary>
internal static class SafetyBenchmark
{
    /// <summary>Runs it.</summary>
    public static async Task RunAsync(BenchmarkRun run)
    {
        var tenants = run.Scale(2_000);
        await using var server = await TenantServer.StartAsync();
        Console.WriteLine($"Safety checks, PostgreSQL {server.Version}");
        await Workload.Small.PrepareAsync(server, "safety", tenants);
        await server.AnalyzeAsync("safety");
        var judged = (await Series.TakeInTurnAsync(run.Rounds * 2, async () =>
        {
            var clock = Stopwatch.StartNew();
            await using var fleet = Fleet.Open(Workload.Small.Project, server.Settings("safety"));
            var report = await fleet.JudgeAsync(TenantServer.Tenants(tenants), new MigrationRequest(), Engine.Log);
            return report.Findings.Count > 0 ? clock.Elapsed.TotalSeconds : throw new InvalidOperationException("Nothing was found, so nothing was judged.");
        }))[0];
        run.Add(new($"safety checks of what is pending on {tenants:N0} tenants", judged.ToString(), "", "", "", ""));
    }
}
