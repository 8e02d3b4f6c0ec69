using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tenancy.Core;
using Tenancy.Core.Catalog.Drift;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Benchmarks;

/// <summary>2,000 tenants with 13 tables each, 3 of them drifted: who has, found in a process of its own. Beside it Alembic's own comparison, of some tenants, which is multiplied.</summary>
internal static partial class DriftBenchmark
{
    private const string Database = "drift";
    private const int AlembicTenants = 10;

    private static readonly string Project = Path.Combine(AppContext.BaseDirectory, "Projects", "drift");

    /// <summary>Runs it.</summary>
    public static async Task RunAsync(BenchmarkRun run)
    {
        var tenants = run.Scale(2_000);
        await using var server = await TenantServer.StartAsync();
        Console.WriteLine($"Drift, {tenants:N0} tenants with 13 tables each, 3 drifted, PostgreSQL {server.Version}");
        string[] drifted = [TenantServer.Schema(tenants / 4), TenantServer.Schema(tenants / 2), TenantServer.Schema(tenants - 1)];
        await server.PrepareAsync(async () =>
        {
            await server.CreateAsync(Database, 0, "");
            await Engine.CreateTenantsAsync(Project, server.Settings(Database), tenants);
            await Engine.RunAsync(Project, server.Settings(Database), tenants, new() { ThrottleLimit = 4 });
            await server.ExecuteAsync(Database, $"DROP INDEX {drifted[0]}.orders_customer_idx; ALTER TABLE {drifted[1]}.customer ALTER COLUMN points SET DEFAULT 1; ALTER TABLE {drifted[2]}.invoice ADD COLUMN by_hand text");
            await server.AnalyzeAsync(Database);
        });

        // Watched in rounds of its own: who looks into the lock table a hundred times a second takes a third of a processor from what is measured.
        var few = await DriftProcess.StartAsync(Project, server.Settings(Database), tenants / 2);
        await using (var locks = LockWatch.Start(server, Database))
        {
            Check(await DriftProcess.StartAsync(Project, server.Settings(Database), tenants), tenants, drifted);
            var (strongest, most) = await locks.EndAsync();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  locks on tenants' relations while it ran: {strongest}, {most} at most"));
        }

        List<double> times = [];
        List<double> processor = [];
        DriftProcess all;
        do
        {
            var before = await server.ReadProcessorSecondsAsync();
            all = await DriftProcess.StartAsync(Project, server.Settings(Database), tenants);
            processor.Add(all.ProcessorSeconds + await server.ReadProcessorSecondsAsync() - before);
            Check(all, tenants, drifted);
            times.Add(all.Seconds);
        }
        while (times.Count < run.Rounds);

        var ours = new Series(times);
        var alembic = await CompareAsync(server, drifted[0]);
        run.Add(new(
            $"drift: {tenants:N0} tenants with 13 tables each, 3 drifted",
            $"{ours}; {new Series(processor).Text("0.0", " s")} of processor time, the server's included",
            "",
            alembic is { } one ? string.Create(CultureInfo.InvariantCulture, $"{one * tenants:0} s ({one:0.000} s a tenant, x {tenants:N0})") : "not installed",
            alembic is { } other ? string.Create(CultureInfo.InvariantCulture, $"{other * tenants / ours.Median:0} x faster than Alembic's comparison") : "",
            "5 s"));
        run.Add(new(
            "the same: peak memory of the process",
            string.Create(CultureInfo.InvariantCulture, $"{all.PeakMegabytes:0} MB"),
            "",
            "",
            string.Create(CultureInfo.InvariantCulture, $"{all.PeakMegabytes - few.PeakMegabytes:+0;-0;0} MB from {tenants / 2:N0} tenants"),
            "flat"));
    }

    private static void Check(DriftProcess found, int tenants, string[] drifted)
    {
        if (!found.Drifted.Order(StringComparer.Ordinal).SequenceEqual(drifted) || found.Equal != tenants - drifted.Length)
        {
            throw new InvalidOperationException($"Found: {string.Join(", ", found.Drifted)}, and {found.Equal} equal.");
        }
    }

    // Seconds a tenant; null where Alembic is not here. The first tenant stands for the metadata; a drifted one must differ.
    private static async Task<double?> CompareAsync(TenantServer server, string drifted)
    {
        if (await AlembicLoop.FindPythonAsync() is not { } python)
        {
            return null;
        }

        var names = Path.GetTempFileName();
        try
        {
            await File.WriteAllLinesAsync(names, Enumerable.Range(0, AlembicTenants).Select(TenantServer.Schema).Append(drifted));
            var start = new ProcessStartInfo(python, [Path.Combine(AppContext.BaseDirectory, "Alembic", "compare.py")]);
            start.Environment["BENCH_URL"] = server.Url(Database);
            start.Environment["BENCH_TENANTS"] = names;
            var said = await Child.RunAsync(start);
            var differences = Differences().Match(said).Groups[1].Value.Split(' ');
            return differences[^1] != "0" && differences.SkipLast(1).All(static number => number == "0")
                ? double.Parse(Seconds().Match(said).Groups[1].Value, CultureInfo.InvariantCulture)
                : throw new InvalidOperationException($"Alembic's comparison found differences: {said}");
        }
        finally
        {
            File.Delete(names);
        }
    }

    [GeneratedRegex(@"seconds=([0-9.]+)")]
    private static partial Regex Seconds();

    [GeneratedRegex(@"differences=([0-9 ]+)")]
    private static partial Regex Differences();
}

/// <summary>What a process of its own took to compare tenants, and what it found.</summary>
/// <param name="Seconds">From reading the manifests to the last result.</param>
/// <param name="Equal">How many are equal.</param>
/// <param name="Drifted">Who has drifted.</param>
/// <param name="PeakMegabytes">The most memory that the process had.</param>
/// <param name="ProcessorSeconds">Its processor time.</param>
internal sealed record DriftProcess(double Seconds, int Equal, string[] Drifted, double PeakMegabytes, double ProcessorSeconds)
{
    /// <summary>The first argument of a process that does this.</summary>
    public const string Verb = "drift-process";

    /// <summary>Starts one.</summary>
    /// <param name="project">The project's folder.</param>
    /// <param name="settings">The database.</param>
    /// <param name="tenants">How many tenants.</param>
    public static Task<DriftProcess> StartAsync(string project, ConnectionSettings settings, int tenants) => Child.AskAsync<DriftProcess>(Verb, project, settings, tenants);

    /// <summary>The process itself: prints what it took.</summary>
    /// <param name="arguments">As <see cref="StartAsync"/> gives them.</param>
    public static async Task RunAsync(string[] arguments)
    {
        var (project, settings, tenants) = Child.Read(arguments);
        var clock = Stopwatch.StartNew();
        var equal = 0;
        List<string> drifted = [];
        await using (var fleet = Fleet.Open(project, settings))
        {
            await foreach (var comparison in fleet.CompareSchemasAsync(TenantServer.Tenants(tenants), new ComparisonRequest(), Engine.Log))
            {
                equal += comparison.Status == SchemaComparisonStatus.Equal ? 1 : 0;
                if (comparison.Status == SchemaComparisonStatus.Drifted)
                {
                    drifted.Add(comparison.Schema);
                }
            }
        }

        var seconds = clock.Elapsed.TotalSeconds;
        using var process = Process.GetCurrentProcess();
        const double Megabyte = 1024 * 1024;
        Console.WriteLine(JsonSerializer.Serialize(new DriftProcess(seconds, equal, [.. drifted], process.PeakWorkingSet64 / Megabyte, process.TotalProcessorTime.TotalSeconds)));
    }
}

/// <summary>Looks again and again which locks there are on tenants' relations, and keeps the strongest and the most.</summary>
internal sealed class LockWatch : IAsyncDisposable
{
    private const string Look = """
        SELECT l.mode || ' ' || count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND n.nspname ~ '^t[0-9]{5}$' AND l.pid <> pg_backend_pid() GROUP BY l.mode
        """;

    private static readonly string[] Modes = ["AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock", "ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"];

    private readonly CancellationTokenSource end = new();
    private readonly Task watch;
    private (int Mode, long Count) most = (-1, 0);

    private LockWatch(TenantServer server, string database) => watch = Task.Run(async () =>
    {
        while (!end.IsCancellationRequested)
        {
            foreach (var line in await server.QueryAsync(database, Look))
            {
                var parts = line.Split(' ');
                most = (Math.Max(most.Mode, Array.IndexOf(Modes, parts[0])), Math.Max(most.Count, long.Parse(parts[1], CultureInfo.InvariantCulture)));
            }

            await Task.Delay(10);
        }
    });

    /// <summary>Begins.</summary>
    public static LockWatch Start(TenantServer server, string database) => new(server, database);

    /// <summary>Ends: the strongest mode seen, and the most locks of a mode at once.</summary>
    public async Task<(string Strongest, long Most)> EndAsync()
    {
        await end.CancelAsync();
        await watch;
        return (most.Mode < 0 ? "none seen" : Modes[most.Mode], most.Count);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await watch;
        end.Dispose();
    }
}
