using System.Management.Automation;
using Tenancy.Core.Authoring;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Tenancy.Model;
using TenancyMigrate.Completion;
using TenancyMigrate.Connections;
using TenancyMigrate.Pipeline;

namespace TenancyMigrate.Cmdlets;

/// <summary>Shows the revisions of a project, as its manifests have them: as objects, drawn in the terminal, or as Mermaid.</summary>
/// <remarks>
/// <para>In an order in which they can be applied; a drawing has the latest first. Connects to nothing. All manifests are read and checked; every error of every file is reported at once.</para>
/// </remarks>
/// <example>
/// <para>The revision graph of the project in the current folder, drawn.</para>
/// <code>Get-TenantMigration -Graph</code>
/// </example>
/// <example>
/// <para>The latest revisions, and those that cannot be undone.</para>
/// <code>
/// Get-TenantMigration -Project ./migrations -Head
/// Get-TenantMigration -Project ./migrations | Where-Object { -not $_.IsReversible }
/// </code>
/// </example>
/// <example>
/// <para>One revision in full, by the first characters of its id; all from one to another; the latest three of a branch.</para>
/// <code>
/// Get-TenantMigration 7c1e | Format-List
/// Get-TenantMigration 2b7e:9e1c
/// Get-TenantMigration billing@head-2:billing@head
/// </code>
/// </example>
/// <example>
/// <para>A drawing for the documentation.</para>
/// <code>Get-TenantMigration -Mermaid | Set-Content graph.mmd</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "TenantMigration", DefaultParameterSetName = ObjectSet)]
[OutputType(typeof(Revision), typeof(string))]
public sealed class GetTenantMigrationCommand : ProjectCmdlet
{
    private const string ObjectSet = "Object";
    private const string GraphSet = "Graph";
    private const string MermaidSet = "Mermaid";

    /// <summary>Ids of revisions with wildcards; identifiers such as 7c1e, head, billing or billing@head-1; and ranges a:b, of which one end may be left out. Default: all.</summary>
    [Parameter(Position = 0)]
    [Alias("Id")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    public string[] Revision { get; set; } = [];

    /// <summary>Tenant or Shared: only revisions of that scope.</summary>
    [Parameter]
    [ValidateSet("Tenant", "Shared")]
    public string? Scope { get; set; }

    /// <summary>Only heads: revisions that none follows.</summary>
    [Parameter]
    public SwitchParameter Head { get; set; }

    /// <summary>Only bases: revisions that follow none.</summary>
    [Parameter]
    public SwitchParameter Base { get; set; }

    /// <summary>A label: only revisions of that branch.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    public string? Branch { get; set; }

    /// <summary>Draws the revisions for a terminal instead of giving objects.</summary>
    [Parameter(Mandatory = true, ParameterSetName = GraphSet)]
    public SwitchParameter Graph { get; set; }

    /// <summary>Writes the revisions as a Mermaid flowchart instead of giving objects.</summary>
    [Parameter(Mandatory = true, ParameterSetName = MermaidSet)]
    public SwitchParameter Mermaid { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var project = FindProject();
        var query = new RevisionQuery
        {
            Names = [.. Revision],
            Scope = Scope is null ? null : Enum.Parse<MigrationScope>(Scope, ignoreCase: true),
            IsHead = Head,
            IsBase = Base,
            Branch = Branch,
        };
        var (graph, nodes, faults) = SetUp(
            () =>
            {
                var revisions = MigrationFiles.Open(project).Revisions;
                var selection = new RevisionSelection(revisions, query);
                return (revisions, selection.Select(), selection.Faults);
            },
            project);
        IEnumerable<object> output = Graph ? GraphDrawing.Draw(graph, nodes) : Mermaid ? MermaidDrawing.Draw(nodes) : nodes.Select(static node => node.Describe());
        WriteObject(output, enumerateCollection: true);
        foreach (var (name, error) in faults)
        {
            WriteError(ErrorRecords.From(error, name));
        }
    }
}
