using System.Management.Automation;
using Tenancy.Model;
using TenancyMigrate.Connections;

namespace TenancyMigrate.Cmdlets;

/// <summary>Joins branches: writes the manifest of a revision that follows several and does nothing itself.</summary>
/// <remarks>
/// <para>The new revision can be run as it is. Operations may be added to it. Connects to nothing.</para>
/// </remarks>
/// <example>
/// <para>Join all heads, after two people have each added a revision.</para>
/// <code>Merge-TenantMigration</code>
/// </example>
/// <example>
/// <para>Join two of several.</para>
/// <code>Merge-TenantMigration billing@head, 7c1e -Message 'Billing is part of the product'</code>
/// </example>
[Cmdlet(VerbsData.Merge, "TenantMigration", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(Revision))]
public sealed class MergeTenantMigrationCommand : AuthoringCmdlet
{
    private readonly List<string> parents = [];

    /// <summary>The revisions to join: ids or their first characters, or a label's head as in billing@head. Revisions from the pipeline are taken by their id. Default: all heads of the scope.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public string[] Revision { get; set; } = [];

    /// <summary>What it joins, in one line: the description, and the file's name. Default: Merge, and the ids.</summary>
    [Parameter]
    [Alias("Description")]
    [ValidateNotNullOrEmpty]
    public string? Message { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => parents.AddRange(Revision);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        // An empty pipeline asks for nothing, not for all heads.
        if (parents.Count > 0 || !MyInvocation.ExpectingInput)
        {
            Author(Message, parents, static (files, request) => files.Merge(request));
        }
    }
}
