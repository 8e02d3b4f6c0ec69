using System.Management.Automation;
using Tenancy.Core;
using Tenancy.Model;
using TenancyMigrate.Pipeline;
using TenancyMigrate.Tenants;

namespace TenancyMigrate.Cmdlets;

/// <summary>Shows which revision each tenant is at, and what is pending.</summary>
/// <remarks>
/// <para>Reads only. A few queries a database, however many tenants there are. The shared schema of each database has a row of its own, with Scope shared.</para>
/// <para>BehindBy is the number of revisions to come. It is empty where that cannot be said: the schema is missing or was made again, or no manifest has the revision that the history says; what to do is in the help of Repair-TenantMigration.</para>
/// </remarks>
/// <example>
/// <para>The state of the whole fleet.</para>
/// <code>Get-TenantRevision</code>
/// </example>
/// <example>
/// <para>The tenants that are not at the latest revision, and bring them there.</para>
/// <code>Get-Tenant | Get-TenantRevision | Where-Object Status -eq Behind | Invoke-TenantMigration</code>
/// </example>
/// <example>
/// <para>How many tenants are where.</para>
/// <code>Get-TenantRevision -Summary</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "TenantRevision")]
[OutputType(typeof(TenantRevision), typeof(TenantRevisionSummary))]
public sealed class GetTenantRevisionCommand : TenantCmdlet
{
    /// <summary>One object for each state that tenants are in, with their number and some of their names, instead of one for each tenant.</summary>
    [Parameter]
    public SwitchParameter Summary { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!IsEmpty)
        {
            RunWithFleet(WriteAsync);
        }
    }

    private async Task WriteAsync(Fleet fleet, PipelinePump pump, CancellationToken token)
    {
        var tenants = await SelectOrAllAsync(fleet, pump, token).ConfigureAwait(false);
        if (Summary)
        {
            foreach (var state in await fleet.SummarizeRevisionsAsync(tenants, token).ConfigureAwait(false))
            {
                await pump.SendAsync(() => WriteObject(state)).ConfigureAwait(false);
            }

            return;
        }

        await foreach (var revision in fleet.GetTenantRevisionsAsync(tenants, token).ConfigureAwait(false))
        {
            await pump.SendAsync(() => WriteObject(revision)).ConfigureAwait(false);
        }
    }
}
