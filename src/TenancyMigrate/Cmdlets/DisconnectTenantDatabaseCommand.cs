using System.Management.Automation;
using TenancyMigrate.Connections;
using TenancyMigrate.Pipeline;

namespace TenancyMigrate.Cmdlets;

/// <summary>Forgets the session's default database and its credential.</summary>
/// <remarks>No connection stays open between cmdlets, so nothing has to be closed. Removing the module forgets the default too.</remarks>
/// <example>
/// <para>Forget the credential when the work is done.</para>
/// <code>
/// Connect-TenantDatabase -Server db.example.com -Database app -Credential (Get-Credential)
/// Get-TenantRevision
/// Disconnect-TenantDatabase
/// </code>
/// </example>
/// <example>
/// <para>Forget it whatever happens.</para>
/// <code>
/// try { Get-Tenant | Invoke-TenantMigration }
/// finally { Disconnect-TenantDatabase }
/// </code>
/// </example>
[Cmdlet(VerbsCommunications.Disconnect, "TenantDatabase")]
public sealed class DisconnectTenantDatabaseCommand : TenancyCmdlet
{
    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!SessionConnection.Forget())
        {
            WriteVerbose("There was no default database to forget.");
        }
    }
}
