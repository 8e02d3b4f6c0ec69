using System.Globalization;

namespace Tenancy.Benchmarks;

/// <summary>2,000 and 20,000 tenants, each in a process of its own: memory, time a tenant, and the time of a run with nothing to do.</summary>
internal static class GrowthBenchmark
{
    /// <summary>Runs it.</summary>
    public static async Task RunAsync(BenchmarkRun run)
    {
        var few = run.Scale(2_000);
        var many = run.Scale(20_000);
        await using var server = await TenantServer.StartAsync();
        Console.WriteLine($"From {few:N0} to {many:N0} tenants, PostgreSQL {server.Version}");
        var small = await MeasureAsync(few);
        var large = await MeasureAsync(many);
        run.Add(new(
            $"one small revision, {many:N0} tenants, a process of its own: peak memory",
            Number(large.Ours.PeakMegabytes, "0", " MB"),
            "",
            "",
            $"{Number(large.Ours.PeakMegabytes - small.Ours.PeakMegabytes, "+0;-0", " MB")} from {few:N0} tenants; {Number(large.Ours.LaterMegabytes, "0", " MB")} after five more runs with nothing to do, {Number(large.Ours.LiveMegabytes, "0.0", " MB")} of it live",
            "150 MB; + 20 MB"));
        run.Add(new(
            $"the same: time a tenant",
            Number(large.Ours.Seconds / many * 1000, "0.00", " ms"),
            Number(large.Floor / many * 1000, "0.00", " ms"),
            "",
            $"{Number(large.Ours.Seconds / many / (small.Ours.Seconds / few), "0.00", $" x that of {few:N0}")} (the floor {Number(large.Floor / many / (small.Floor / few), "0.00", " x")})",
            "1.3 x that of 2,000"));
        run.Add(new(
            $"nothing to do, {many:N0} tenants, a warm process",
            Number(large.Ours.NothingSeconds, "0.000", " s"),
            "",
            "",
            Number(large.Ours.NothingSeconds / small.Ours.NothingSeconds, "0.0", $" x the time of {few:N0}"),
            "5 x the time of 2,000"));

        async Task<(EngineProcess Ours, double Floor)> MeasureAsync(int tenants)
        {
            var workload = Workload.Small;
            await workload.PrepareAsync(server, "fleet", tenants);
            var ours = await EngineProcess.StartAsync(workload.Project, server.Settings("fleet"), tenants);
            // On columns of its own: a copy of so many files would take longer than all else.
            var floor = await Floor.RunAsync(server.EndPoint, "fleet", tenants, 4, workload.FloorSql.Replace("region", "floor_region", StringComparison.Ordinal));
            await server.ExecuteAsync("postgres", "DROP DATABASE fleet WITH (FORCE)");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {tenants:N0}: {ours}, floor {floor:0.00} s"));
            return (ours, floor);
        }
    }

    private static string Number(double value, string format, string unit) => value.ToString(format, CultureInfo.InvariantCulture) + unit;
}
