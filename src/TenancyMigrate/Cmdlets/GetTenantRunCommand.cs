using System.Management.Automation;
using Tenancy.Model;
using TenancyMigrate.Connections;

namespace TenancyMigrate.Cmdlets;

/// <summary>Shows the runs of migrations that a database knows, the newest first.</summary>
/// <remarks>
/// <para>A run is here where it had something to do in the database. Outcome says how it ended there: how many schemas, tenants' and the shared one, are done and how many failed, as the history has them; tenants that had nothing to do or were not reached are not in it. What it did to each tenant is Get-TenantHistory -RunId. One that was stopped goes on with Invoke-TenantMigration -Resume where IsKept is true; a fleet of several databases keeps that in the first that had something to do.</para>
/// <para>With -Resumable only runs that were stopped before they had reached all their tenants, by whatever, and whose manifests are as they were. A tenant that failed was reached.</para>
/// </remarks>
/// <example>
/// <para>What the newest run did.</para>
/// <code>Get-TenantRun -Last 1 | ForEach-Object { Get-TenantHistory -RunId $_.RunId }</code>
/// </example>
/// <example>
/// <para>The runs of the last week.</para>
/// <code>Get-TenantRun -Since (Get-Date).AddDays(-7)</code>
/// </example>
/// <example>
/// <para>Go on with the run that was stopped, if there is one; else begin a new one.</para>
/// <code>
/// $stopped = Get-TenantRun -Resumable | Where-Object Direction -eq up | Select-Object -First 1
/// if ($stopped) { Invoke-TenantMigration -Resume $stopped.RunId } else { Get-Tenant | Invoke-TenantMigration }
/// </code>
/// </example>
[Cmdlet(VerbsCommon.Get, "TenantRun")]
[OutputType(typeof(TenantRun))]
public sealed class GetTenantRunCommand : FleetCmdlet
{
    /// <summary>Only what started at this time or later.</summary>
    [Parameter]
    public DateTime Since { get; set; }

    /// <summary>Only so many, the newest.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Last { get; set; }

    /// <summary>Only runs that were stopped before they had reached all their tenants, and that Invoke-TenantMigration or Undo-TenantMigration can go on with by -Resume.</summary>
    [Parameter]
    public SwitchParameter Resumable { get; set; }

    /// <summary>Leaves Done, Failed, InProgress and Outcome empty. Counting them reads the history: of a million rows about a second for 100 runs that wrote all of them, a tenth of that for the newest run alone.</summary>
    [Parameter]
    public SwitchParameter SkipCount { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing() => RunWithFleet(async (fleet, pump, token) =>
    {
        var (since, last) = (Since == default ? (DateTime?)null : Since.ToUniversalTime(), Last == 0 ? (int?)null : Last);
        var runs = await (Resumable ? fleet.GetResumableRunsAsync(since, last, token) : fleet.GetRunsAsync(since, last, token)).ConfigureAwait(false);
        foreach (var run in SkipCount ? runs : await fleet.CountRunsAsync(runs, token).ConfigureAwait(false))
        {
            await pump.SendAsync(() => WriteObject(run)).ConfigureAwait(false);
        }
    });
}
