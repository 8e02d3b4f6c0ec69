using System.Management.Automation;
using Tenancy.Core;
using Tenancy.Model;
using TenancyMigrate.Pipeline;
using TenancyMigrate.Tenants;

namespace TenancyMigrate.Cmdlets;

/// <summary>Renames a tenant, its schema, or both.</summary>
/// <remarks>
/// <para>A schema is renamed in one transaction, with all that has its name: registry, revisions and steps of every fleet in this database, functions of it and of the shared schema whose body or SET search_path names it, the search_path of the database and of roles in it. Views, keys, defaults and grants follow by themselves.
/// A warning names what may still have the old name and is yours to decide: strings, dynamic SQL, functions of other schemas, a search_path that a role has in all databases.</para>
/// <para>What happened before stays in the history under the old name; Get-TenantHistory of the new one shows it too.</para>
/// </remarks>
/// <example>
/// <para>Another name for people; the schema stays.</para>
/// <code>Rename-Tenant acme -NewName 'Acme Corp.'</code>
/// </example>
/// <example>
/// <para>Another schema too. The application has to look there from then on.</para>
/// <code>Rename-Tenant globex -NewName initrode -NewSchema initrode -PassThru</code>
/// </example>
[Cmdlet(VerbsCommon.Rename, "Tenant", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(Tenant))]
public sealed class RenameTenantCommand : OneTenantCmdlet
{
    /// <summary>The new name. Default: it stays.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? NewName { get; set; }

    /// <summary>The schema's new name. Default: it stays.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? NewSchema { get; set; }

    /// <summary>Gives the tenant as it is now.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (NewName is null && NewSchema is null)
        {
            ThrowTerminatingError(ErrorRecords.From(new TenancyException("NothingToRename", "There is no new name.", "Give -NewName, -NewSchema, or both."), this));
        }

        RunWithTenant("renamed", tenant => $"Rename to '{NewName ?? tenant.Name}' (schema '{NewSchema ?? tenant.Schema}')", RenameAsync);
    }

    private async Task RenameAsync(Fleet fleet, Tenant tenant, PipelinePump pump, CancellationToken token)
    {
        try
        {
            var renamed = await fleet.RenameTenantAsync(tenant, NewName, NewSchema, new PipelineLog(pump, this, "Rename tenant"), token).ConfigureAwait(false);
            if (PassThru)
            {
                await pump.SendAsync(() => WriteObject(renamed)).ConfigureAwait(false);
            }
        }
        catch (MigrationException error)
        {
            await pump.SendAsync(() => WriteError(ErrorRecords.From(error.Failure, tenant))).ConfigureAwait(false);
        }
    }
}
