using System.Management.Automation;
using Tenancy.Core.Authoring;
using Tenancy.Core.Manifests;
using Tenancy.Model;
using TenancyMigrate.Completion;
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
public sealed class MergeTenantMigrationCommand : ProjectCmdlet
{
    private readonly List<string> parents = [];

    /// <summary>The revisions to join: ids or their first characters, or a label's head as in billing@head. Revisions from the pipeline are taken by their id. Default: all heads of the scope.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    public string[] Revision { get; set; } = [];

    /// <summary>What it joins, in one line: the description, and the file's name. Default: Merge, and the ids.</summary>
    [Parameter]
    [Alias("Description")]
    [ValidateNotNullOrEmpty]
    public string? Message { get; set; }

    /// <summary>Branch labels: names for the new revision and for all that will follow it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Label { get; set; } = [];

    /// <summary>Revisions or labels that it needs besides what it follows; they may be of the other scope.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    public string[] DependsOn { get; set; } = [];

    /// <summary>What the revision changes: Tenant, each tenant's schema (default), or Shared, the schema that all share.</summary>
    [Parameter]
    [ValidateSet("Tenant", "Shared")]
    public string Scope { get; set; } = "Tenant";

    /// <summary>Allows to follow a revision that others follow already, which makes a branch.</summary>
    [Parameter]
    public SwitchParameter Splice { get; set; }

    /// <summary>The revision's id. Default: eight random hexadecimal digits.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Id { get; set; }

    /// <summary>The file's name, of text and {revision}, {slug} (the message as a file name), {scope}, {year}, {month}, {day}, {hour}, {minute}, {second} (UTC). With a / it starts at the folder of the manifests, else the file goes beside what it follows. Default: file_template in the project file, else {revision}_{slug}.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? FileTemplate { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => parents.AddRange(Revision);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        // An empty pipeline asks for nothing, not for all heads.
        if (parents.Count > 0 || !MyInvocation.ExpectingInput)
        {
            WriteManifest(files => files.Merge(MakeRevision()));
        }
    }

    private NewRevision MakeRevision() => new()
    {
        Message = Message,
        Parents = [.. parents],
        IsSplice = Splice,
        Labels = [.. Label],
        DependsOn = [.. DependsOn],
        Scope = Enum.Parse<MigrationScope>(Scope, ignoreCase: true),
        Revision = Id,
        FileTemplate = FileTemplate is null ? null : new FileTemplate(FileTemplate),
    };
}
