using System.Management.Automation;
using Tenancy.Core;
using Tenancy.Model;
using TenancyMigrate.Pipeline;
using TenancyMigrate.Tenants;

namespace TenancyMigrate.Cmdlets;

/// <summary>Shows which revision each tenant is at, and what is pending.</summary>
/// <remarks>
/// <para>Reads only. A few queries a database, however many tenants there are. The shared schema of each database has a row of its own, with Scope shared.</para>
/// </remarks>
/// <example>
/// <para>The state of the whole fleet.</para>
/// <code>Get-TenantRevision</code>
/// </example>
/// <example>
/// <para>The tenants that are not at the latest revision, and bring them there.</para>
/// <code>Get-Tenant | Get-TenantRevision | Where-Object Status -eq Behind | Invoke-TenantMigration</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "TenantRevision")]
[OutputType(typeof(TenantRevision))]
public sealed class GetTenantRevisionCommand : TenantCmdlet
{
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
        await foreach (var revision in fleet.GetTenantRevisionsAsync(tenants, token).ConfigureAwait(false))
        {
            await pump.SendAsync(() => WriteObject(revision)).ConfigureAwait(false);
        }
    }
}
