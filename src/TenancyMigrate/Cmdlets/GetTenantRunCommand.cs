using System.Management.Automation;
using Tenancy.Model;
using TenancyMigrate.Connections;

namespace TenancyMigrate.Cmdlets;

/// <summary>Shows the runs of migrations that a database knows, the newest first.</summary>
/// <remarks>
/// <para>A run is here where it had something to do in the database. What it did to each tenant is Get-TenantHistory -RunId. One that was stopped goes on with Invoke-TenantMigration -Resume where IsKept is true; a fleet of several databases keeps that in the first that had something to do.</para>
/// </remarks>
/// <example>
/// <para>What the newest run did.</para>
/// <code>Get-TenantRun -Last 1 | ForEach-Object { Get-TenantHistory -RunId $_.RunId }</code>
/// </example>
/// <example>
/// <para>The runs of the last week.</para>
/// <code>Get-TenantRun -Since (Get-Date).AddDays(-7)</code>
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

    /// <inheritdoc/>
    protected override void EndProcessing() => RunWithFleet(async (fleet, pump, token) =>
    {
        foreach (var run in await fleet.GetRunsAsync(Since == default ? null : Since.ToUniversalTime(), Last == 0 ? null : Last, token).ConfigureAwait(false))
        {
            await pump.SendAsync(() => WriteObject(run)).ConfigureAwait(false);
        }
    });
}
