using System.Management.Automation;
using Tenancy.Model;
using TenancyMigrate.Connections;

namespace TenancyMigrate.Cmdlets;

/// <summary>Writes the manifest of a new revision, for you to fill in.</summary>
/// <remarks>
/// <para>It follows the one head of its scope, or the revision named by -Parent. Its up is empty, and as long as it is, nothing of the project runs: a manifest that was forgotten is never applied. Connects to nothing.</para>
/// </remarks>
/// <example>
/// <para>A revision after the latest; then open its file.</para>
/// <code>
/// $new = New-TenantMigration 'Loyalty points'
/// code $new.Path
/// </code>
/// </example>
/// <example>
/// <para>A branch of its own, with a label, from a revision that others follow already.</para>
/// <code>New-TenantMigration 'Reports' -Parent 7c1e -Splice -Label reports</code>
/// </example>
/// <example>
/// <para>The next on the branch billing. It needs a revision of the shared schema.</para>
/// <code>New-TenantMigration 'Tax rates of an invoice' -Parent billing@head -DependsOn 5a10c7e2</code>
/// </example>
[Cmdlet(VerbsCommon.New, "TenantMigration", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(Revision))]
public sealed class NewTenantMigrationCommand : AuthoringCmdlet
{
    /// <summary>What it does, in one line: the description, and the file's name.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("Description")]
    [ValidateNotNullOrEmpty]
    public string Message { get; set; } = "";

    /// <summary>The revision to follow: its id or first characters, a label's head as in billing@head, or base for one that follows none. Several make a merge. Default: the one head.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Parent { get; set; } = [];

    /// <inheritdoc/>
    protected override void EndProcessing() => Author(Message, Parent, static (files, request) => files.Create(request));
}
