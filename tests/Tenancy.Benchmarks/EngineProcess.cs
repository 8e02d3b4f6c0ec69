using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Benchmarks;

/// <summary>What a process of its own took for a run, and for another that found nothing to do.</summary>
/// <param name="Seconds">The run's time.</param>
/// <param name="NothingSeconds">The time of the second one, the median of several.</param>
/// <param name="PeakMegabytes">The most memory that the process had when the first was over (VmHWM).</param>
/// <param name="LaterMegabytes">The same after the others.</param>
/// <param name="LiveMegabytes">What is reachable on the managed heap after both.</param>
internal sealed record EngineProcess(double Seconds, double NothingSeconds, double PeakMegabytes, double LaterMegabytes, double LiveMegabytes)
{
    /// <summary>The first argument of a process that does this.</summary>
    public const string Verb = "engine-process";

    private const int Repeats = 5;
    private const double Megabyte = 1024 * 1024;

    /// <summary>Starts one.</summary>
    /// <param name="project">The project's folder.</param>
    /// <param name="settings">The database.</param>
    /// <param name="tenants">How many tenants.</param>
    public static Task<EngineProcess> StartAsync(string project, ConnectionSettings settings, int tenants) => Child.AskAsync<EngineProcess>(Verb, project, settings, tenants);

    /// <summary>The process itself: prints what it took.</summary>
    /// <param name="arguments">As <see cref="StartAsync"/> gives them.</param>
    public static async Task RunAsync(string[] arguments)
    {
        var (project, settings, tenants) = Child.Read(arguments);
        var seconds = await Engine.RunAsync(project, settings, tenants, new() { ThrottleLimit = 4 });
        var peak = Peak();
        var nothing = (await Series.TakeInTurnAsync(Repeats, () => Engine.RunAsync(project, settings, tenants, new(), MigrationStatus.UpToDate)))[0].Median;
        Console.WriteLine(JsonSerializer.Serialize(new EngineProcess(seconds, nothing, peak, Peak(), GC.GetTotalMemory(forceFullCollection: true) / Megabyte)));

        static double Peak()
        {
            using var process = Process.GetCurrentProcess();
            return process.PeakWorkingSet64 / Megabyte;
        }
    }
}
