using System.Management.Automation;
using Tenancy.Core.Authoring;
using Tenancy.Core.Manifests;
using Tenancy.Model;

namespace TenancyMigrate.Connections;

/// <summary>A cmdlet that writes a manifest. Not for scripts.</summary>
public abstract class AuthoringCmdlet : ProjectCmdlet
{
    /// <summary>Branch labels: names for the new revision and for all that will follow it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Label { get; set; } = [];

    /// <summary>Revisions or labels that it needs besides what it follows; they may be of the other scope.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
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

    /// <summary>Makes a manifest, asks, writes it and shows its revision. On this thread: nothing here waits for a server.</summary>
    /// <param name="message">The description, or null.</param>
    /// <param name="parents">What it follows.</param>
    /// <param name="make">Makes it from the project and the request.</param>
    private protected void Author(string? message, IEnumerable<string> parents, Func<MigrationFiles, NewRevision, NewManifest> make)
    {
        var project = FindProject();
        var manifest = SetUp(
            () => make(MigrationFiles.Open(project), new NewRevision
            {
                Message = message,
                Parents = [.. parents],
                IsSplice = Splice,
                Labels = [.. Label],
                DependsOn = [.. DependsOn],
                Scope = Enum.Parse<MigrationScope>(Scope, ignoreCase: true),
                Revision = Id,
                FileTemplate = FileTemplate is null ? null : new FileTemplate(FileTemplate),
            }),
            project);
        if (ShouldProcess(manifest.Path, "Write manifest"))
        {
            SetUp(
                () =>
                {
                    manifest.Write();
                    return true;
                },
                manifest.Path);
            WriteObject(manifest.Node.Describe());
        }
    }
}
