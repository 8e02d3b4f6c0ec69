using System.Management.Automation;
using Tenancy.Model;
using TenancyMigrate.Pipeline;
using TenancyMigrate.Tenants;

namespace TenancyMigrate.Cmdlets;

/// <summary>Copies a tenant: its schema's definition, with -Data its rows too.</summary>
/// <remarks>
/// <para>One transaction, in the tenant's database. The copy is registered at the source's revision. It is proved equal to the source, and nothing in it points back: keys, defaults, views, functions and sequences are its own.
/// A warning names strings that may still name the source's schema.</para>
/// <para>With -Data rows and sequences are as one moment had them; the application may go on writing meanwhile, migrations of the source wait. Without it the copy's tables are empty, and its sequences at their start.</para>
/// </remarks>
/// <example>
/// <para>A tenant like another, without its rows.</para>
/// <code>Copy-Tenant acme -NewName initrode</code>
/// </example>
/// <example>
/// <para>All of a tenant, to try something on.</para>
/// <code>Copy-Tenant acme -NewName 'Acme (trial)' -NewSchema acme_trial -Data</code>
/// </example>
[Cmdlet(VerbsCommon.Copy, "Tenant", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(MigrationResult))]
public sealed class CopyTenantCommand : OneTenantCmdlet
{
    /// <summary>The copy's name.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? NewName { get; set; }

    /// <summary>The copy's schema. Default: the same as its name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? NewSchema { get; set; }

    /// <summary>Copies the rows too, and where sequences stand.</summary>
    [Parameter]
    public SwitchParameter Data { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing() => RunWithTenant(
        "copied",
        _ => $"Copy{(Data ? " with all its data" : "")} to '{NewName}' (schema '{NewSchema ?? NewName}')",
        async (fleet, tenant, pump, token) =>
        {
            var result = await fleet.CopyTenantAsync(tenant, NewName!, NewSchema, Data, new PipelineLog(pump, this, "Copy tenant"), token).ConfigureAwait(false);
            await pump.SendAsync(() => this.WriteResult(result, result.Failure)).ConfigureAwait(false);
        });
}
