using System.Diagnostics;
using System.Globalization;
using Tenancy.Core;
using Tenancy.Core.Revisions;

namespace Tenancy.Benchmarks;

/// <summary>A table made and dropped again in 500 tenants, over and over in one process and one pool: whether its memory grows, or that of the server's backends.</summary>
internal static class EnduranceBenchmark
{
    private const int Connections = 4;

    /// <summary>Runs it.</summary>
    public static async Task RunAsync(BenchmarkRun run)
    {
        var tenants = TenantServer.Tenants(run.Scale(500));
        await using var server = await TenantServer.StartAsync();
        Console.WriteLine($"Up and down for {run.Endurance.TotalMinutes:0.#} minutes, PostgreSQL {server.Version}");
        await server.CreateAsync("cycle", tenants.Length, "");
        await using var fleet = Fleet.Open(Path.Combine(AppContext.BaseDirectory, "Projects", "cycle"), server.Settings("cycle"));
        List<(double Process, double Backends, TimeSpan At)> samples = [];
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < run.Endurance || samples.Count < 3)
        {
            await Engine.MigrateAsync(fleet, tenants, new() { ThrottleLimit = Connections });
            await Engine.MigrateAsync(fleet, tenants, new() { Direction = RevisionDirection.Down, To = "base", ThrottleLimit = Connections });
            var backends = await server.QueryAsync("cycle", "SELECT pid::text FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()");
            samples.Add((Megabytes(Environment.ProcessId), backends.Select(static pid => Megabytes(int.Parse(pid, CultureInfo.InvariantCulture))).DefaultIfEmpty().Max(), clock.Elapsed));
        }

        // The first third warms up; what grows without end is more in the last third than in the second.
        var third = samples.Count / 3;
        var (middle, last) = (samples[third..(2 * third)], samples[^third..]);
        Add("the process", static sample => sample.Process);
        Add("the largest of the server's backends", static sample => sample.Backends);
        void Add(string what, Func<(double Process, double Backends, TimeSpan At), double> value) => run.Add(new(
            string.Create(CultureInfo.InvariantCulture, $"{samples.Count * 2 * tenants.Length:N0} migrations of a tenant in {clock.Elapsed.TotalMinutes:0} minutes of one process: memory of {what}"),
            string.Create(CultureInfo.InvariantCulture, $"{last.Average(value):0.0} MB"),
            "",
            "",
            string.Create(CultureInfo.InvariantCulture, $"{last.Average(value) - middle.Average(value):+0.0;-0.0} MB from the second to the last third"),
            "no growth"));
    }

    // Anonymous memory: shared buffers that a backend has touched are not its own. Where there is no /proc, the working set.
    private static double Megabytes(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/status").First(static line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
            return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
        }
        catch (DirectoryNotFoundException)
        {
            using var other = Process.GetProcessById(process);
            return other.WorkingSet64 / 1024.0 / 1024;
        }
    }
}
