using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using Tenancy.Core.Execution;
using Tenancy.Model;

namespace TenancyMigrate.Pipeline;

/// <summary>The bars of a run: one with its rate and the time left, and under it one a server. Shown a few times a second, however fast the run is.</summary>
/// <param name="pump">Brings what is shown to the pipeline's thread.</param>
/// <param name="cmdlet">Shows it.</param>
/// <param name="activity">What the run does.</param>
internal sealed class ProgressBars(PipelinePump pump, PSCmdlet cmdlet, string activity)
{
    // Any fixed number will do: nested bars are told apart by it within this cmdlet only.
    private const int RunBar = 1;

    // A screen holds no more; PowerShell would drop some.
    private const int MostServers = 12;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly object gate = new();
    private readonly Dictionary<string, (MigrationProgress Latest, TimeSpan Shown)> servers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> bars = new(StringComparer.Ordinal);
    private TimeSpan shown = TimeSpan.MinValue;

    /// <summary>Takes note, and shows it if it is time. From any thread; never blocks.</summary>
    /// <param name="progress">How far the run is.</param>
    public void Note(MigrationProgress progress)
    {
        var server = progress.Server ?? new(progress.Database, progress.Done, progress.Total);
        var run = progress.Run ?? server;
        bool showsRun;
        lock (gate)
        {
            var now = clock.Elapsed;
            var isNew = !servers.TryGetValue(server.Name, out var before);
            if (!isNew && server.Done < server.Total && now - before.Shown < Pause)
            {
                return;
            }

            servers[server.Name] = (progress, now);
            showsRun = shown < TimeSpan.Zero || run.Done >= run.Total || now - shown >= Pause;
            shown = showsRun ? now : shown;
        }

        pump.Post(() =>
        {
            if (showsRun)
            {
                ShowRun(run);
            }

            ShowServer(server, progress.Current);
        });
    }

    /// <summary>Takes the bars away. On the pipeline's thread, when the work has ended however it ended.</summary>
    public void Complete()
    {
        if (bars.Count == 0)
        {
            return;
        }

        try
        {
            foreach (var (server, bar) in bars)
            {
                cmdlet.WriteProgress(new ProgressRecord(bar, PrintableText.Line(server), "Done") { ParentActivityId = RunBar, RecordType = ProgressRecordType.Completed });
            }

            cmdlet.WriteProgress(new ProgressRecord(RunBar, activity, "Done") { RecordType = ProgressRecordType.Completed });
        }
        catch (PipelineStoppedException)
        {
            // PowerShell clears the bars of a stopped pipeline itself.
        }

        bars.Clear();
    }

    private void ShowRun(ProgressCount run)
    {
        var rate = run.Done / Math.Max(0.001, clock.Elapsed.TotalSeconds);
        cmdlet.WriteProgress(new ProgressRecord(RunBar, activity, Describe(run) + (run.Done == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", {rate:0.#} a second")))
        {
            PercentComplete = Percent(run),
            SecondsRemaining = run.Done == 0 ? -1 : (int)Math.Min(int.MaxValue, (run.Total - run.Done) / rate),
        });
    }

    private void ShowServer(ProgressCount server, string? current)
    {
        if (!bars.TryGetValue(server.Name, out var bar))
        {
            if (bars.Count == MostServers)
            {
                return;
            }

            bar = RunBar + 1 + bars.Count;
            bars.Add(server.Name, bar);
        }

        cmdlet.WriteProgress(new ProgressRecord(bar, PrintableText.Line(server.Name), Describe(server))
        {
            ParentActivityId = RunBar,
            CurrentOperation = PrintableText.Line(current),
            PercentComplete = Percent(server),
        });
    }

    private static string Describe(ProgressCount count) => string.Create(CultureInfo.InvariantCulture, $"{count.Done} of {count.Total} tenants");

    private static int Percent(ProgressCount count) => count.Total > 0 ? (int)(100L * count.Done / count.Total) : -1;
}
