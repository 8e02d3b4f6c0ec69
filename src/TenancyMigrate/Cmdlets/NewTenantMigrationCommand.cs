using System.Management.Automation;
using Tenancy.Core.Authoring;
using Tenancy.Core.Manifests;
using Tenancy.Model;
using TenancyMigrate.Completion;
using TenancyMigrate.Connections;
using TenancyMigrate.Pipeline;

namespace TenancyMigrate.Cmdlets;

/// <summary>Writes the manifest of a new revision: for you to fill in, or from the difference between a tenant's schema and how it is to be.</summary>
/// <remarks>
/// <para>It follows the one head of its scope, or the revision named by -Parent. Without -Autogenerate its up is empty, and as long as it is, nothing of the project runs: a manifest that was forgotten is never applied. That connects to nothing.</para>
/// <para>With -Autogenerate the schema of one tenant, the specimen, is compared with how it is to be: SQL files, a dump, another tenant or schema. Up and down are written from that, but only after they were proved on a copy of the specimen: up, it is as it is to be; down, it is as it was; up again, nothing differs. Copy and SQL are in scratch schemas of a transaction that is rolled back. What no manifest can say is said in a warning. Privileges and owners are compared only where the desired schema says anything of them.</para>
/// <para>With -Check nothing is written. Where the two differ it ends with an error, TenantMigration.SchemaDiffers. What pwsh ends with then: with -Command, 1 where the check is the last statement; with -File, 0 unless it has -ErrorAction Stop, which makes it 1.</para>
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
/// <example>
/// <para>What the tenant acme lacks of the schema in the folder schema; first to look at it.</para>
/// <code>
/// New-TenantMigration -Autogenerate -Specimen acme -DesiredSql ./schema -WhatIf
/// New-TenantMigration 'Loyalty points' -Autogenerate -Specimen acme -DesiredSql ./schema
/// </code>
/// </example>
/// <example>
/// <para>From a dump of a developer's database. A column was renamed; privileges do not count.</para>
/// <code>New-TenantMigration -Autogenerate -Specimen acme -DesiredDump ./app.sql -Rename 'column:customer.fax->phone' -Exclude grants, owners</code>
/// </example>
/// <example>
/// <para>A step of a pipeline that fails where somebody changed the schema and wrote no manifest.</para>
/// <code>New-TenantMigration -Autogenerate -Check -Specimen acme -DesiredTenant legacy1 -ErrorAction Stop</code>
/// </example>
[Cmdlet(VerbsCommon.New, "TenantMigration", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low, DefaultParameterSetName = DraftSet)]
[OutputType(typeof(Revision), typeof(GeneratedMigration))]
public sealed partial class NewTenantMigrationCommand : FleetCmdlet
{
    private const string DraftSet = "Draft";

    /// <summary>What it does, in one line: the description, and the file's name. Default with -Autogenerate: what changes.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = DraftSet)]
    [Parameter(Position = 0, ParameterSetName = AutogenerateSet)]
    [Alias("Description")]
    [ValidateNotNullOrEmpty]
    public string? Message { get; set; }

    /// <summary>The revision to follow: its id or first characters, a label's head as in billing@head, or base for one that follows none. Several make a merge. Default: the one head.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    public string[] Parent { get; set; } = [];

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
    [Parameter(ParameterSetName = DraftSet)]
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
    protected override void EndProcessing()
    {
        if (ParameterSetName == AutogenerateSet)
        {
            RunWithFleet(GenerateAsync);
        }
        else
        {
            WriteManifest(files => files.Create(MakeRevision()));
        }
    }

    private NewRevision MakeRevision() => new()
    {
        Message = Message,
        Parents = [.. Parent],
        IsSplice = Splice,
        Labels = [.. Label],
        DependsOn = [.. DependsOn],
        Scope = Enum.Parse<MigrationScope>(Scope, ignoreCase: true),
        Revision = Id,
        FileTemplate = FileTemplate is null ? null : new FileTemplate(FileTemplate),
    };
}
