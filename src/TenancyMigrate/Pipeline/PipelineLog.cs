using System.Management.Automation;
using Tenancy.Core.Execution;
using Tenancy.Model;

namespace TenancyMigrate.Pipeline;

/// <summary>Shows what a run says of itself: decisions as verbose, SQL as debug, progress as <see cref="ProgressBars"/>; fit to be shown, for names and messages are of others.</summary>
internal sealed class PipelineLog(PipelinePump pump, PSCmdlet cmdlet, string activity) : IRunLog
{
    private readonly ProgressBars bars = new(pump, cmdlet, activity);

    private readonly bool isVerboseAsked = AsksAfterVerbose(cmdlet);

    /// <summary>With -Debug alone PowerShell asks after each verbose message whether to go on, which would hold up a run in the middle: such messages are debug messages then.</summary>
    public static bool AsksAfterVerbose(PSCmdlet cmdlet) => IsSet(cmdlet, "Debug") && !IsSet(cmdlet, "Verbose");

    /// <inheritdoc/>
    public void Verbose(string message)
    {
        if (isVerboseAsked)
        {
            Debug(message);
        }
        else
        {
            pump.Post(() => cmdlet.WriteVerbose(PrintableText.Of(message)));
        }
    }

    /// <inheritdoc/>
    public void Debug(string sql) => pump.Post(() => cmdlet.WriteDebug(PrintableText.Of(sql)));

    /// <inheritdoc/>
    public void Warn(string message) => pump.Post(() => cmdlet.WriteWarning(PrintableText.Of(message)));

    /// <inheritdoc/>
    public void Progress(MigrationProgress progress) => bars.Note(progress);

    /// <summary>Takes the bars away. On the pipeline's thread, when the work has ended however it ended.</summary>
    public void Complete() => bars.Complete();

    private static bool IsSet(PSCmdlet cmdlet, string name) =>
        cmdlet.MyInvocation.BoundParameters.TryGetValue(name, out var value) && value is SwitchParameter { IsPresent: true };
}
