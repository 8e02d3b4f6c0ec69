using System.Management.Automation;
using Tenancy.Core.Execution;

namespace TenancyMigrate.Pipeline;

/// <summary>Shows what a run says of itself: decisions as verbose, SQL as debug, progress a bar a database under one for the run.</summary>
internal sealed class PipelineLog(PipelinePump pump, PSCmdlet cmdlet, string activity) : IRunLog
{
    // Any fixed number will do: nested bars are told apart by it within this cmdlet only.
    private const int RunBar = 1;

    private readonly Dictionary<string, int> bars = [];

    // With -Debug alone PowerShell asks after each verbose message whether to go on, which would hold up a run in the middle.
    private readonly bool isVerboseAsked = IsSet(cmdlet, "Debug") && !IsSet(cmdlet, "Verbose");

    /// <inheritdoc/>
    public void Verbose(string message)
    {
        if (isVerboseAsked)
        {
            Debug(message);
        }
        else
        {
            pump.Post(() => cmdlet.WriteVerbose(message));
        }
    }

    /// <inheritdoc/>
    public void Debug(string sql) => pump.Post(() => cmdlet.WriteDebug(sql));

    /// <inheritdoc/>
    public void Warn(string message) => pump.Post(() => cmdlet.WriteWarning(message));

    /// <inheritdoc/>
    public void Progress(MigrationProgress progress) => pump.Post(() => Show(progress));

    /// <summary>Takes the bars away. On the pipeline's thread, when the work has ended however it ended.</summary>
    public void Complete()
    {
        if (bars.Count == 0)
        {
            return;
        }

        try
        {
            foreach (var (database, bar) in bars)
            {
                cmdlet.WriteProgress(new ProgressRecord(bar, database, "Done") { ParentActivityId = RunBar, RecordType = ProgressRecordType.Completed });
            }

            cmdlet.WriteProgress(new ProgressRecord(RunBar, activity, "Done") { RecordType = ProgressRecordType.Completed });
        }
        catch (PipelineStoppedException)
        {
            // PowerShell clears the bars of a stopped pipeline itself.
        }

        bars.Clear();
    }

    private static bool IsSet(PSCmdlet cmdlet, string name) =>
        cmdlet.MyInvocation.BoundParameters.TryGetValue(name, out var value) && value is SwitchParameter { IsPresent: true };

    private void Show(MigrationProgress progress)
    {
        if (bars.Count == 0)
        {
            cmdlet.WriteProgress(new ProgressRecord(RunBar, activity, "Running"));
        }

        if (!bars.TryGetValue(progress.Database, out var bar))
        {
            bar = RunBar + 1 + bars.Count;
            bars.Add(progress.Database, bar);
        }

        cmdlet.WriteProgress(new ProgressRecord(bar, progress.Database, $"{progress.Done} of {progress.Total} done")
        {
            ParentActivityId = RunBar,
            CurrentOperation = progress.Current ?? "",
            PercentComplete = progress.Total > 0 ? (int)(100L * progress.Done / progress.Total) : -1,
        });
    }
}
