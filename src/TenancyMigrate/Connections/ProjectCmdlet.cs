using System.Management.Automation;
using Tenancy.Core.Authoring;
using Tenancy.Model;
using TenancyMigrate.Pipeline;

namespace TenancyMigrate.Connections;

/// <summary>A cmdlet that reads a project. Not for scripts.</summary>
public abstract class ProjectCmdlet : TenancyCmdlet
{
    private const string ProjectFile = "tenancy.yaml";

    /// <summary>The project: the path of a tenancy.yaml or of its folder. Default: that of Connect-TenantDatabase, else the current location or the nearest folder above it that has one.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Project { get; set; }

    /// <summary>The project file's path, absolute; an error that ends the cmdlet where there is none.</summary>
    private protected string FindProject()
    {
        if (SearchProject() is { } project)
        {
            return project;
        }

        var location = SessionState.Path.CurrentFileSystemLocation.ProviderPath;
        ThrowTerminatingError(ErrorRecords.From(
            new TenancyException("ProjectNotFound", $"Neither {location} nor a folder above it has a {ProjectFile}.", "Go to the folder of the project, or name it with -Project, here or with Connect-TenantDatabase."),
            location));
        return "";
    }

    /// <summary>The same, null where nothing says one and there is none above the location.</summary>
    private protected string? SearchProject()
    {
        if ((Project is null ? SessionConnection.Current?.Project : ResolveProject(Project)) is { } chosen)
        {
            return chosen;
        }

        for (var folder = SessionState.Path.CurrentFileSystemLocation.ProviderPath; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var file = Path.Combine(folder, ProjectFile);
            if (File.Exists(file))
            {
                return file;
            }
        }

        return null;
    }

    /// <summary>The project file that a path means, absolute.</summary>
    /// <param name="path">A file or a folder, as the user typed it.</param>
    private protected string ResolveProject(string path)
    {
        var resolved = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path);
        var file = Directory.Exists(resolved) ? Path.Combine(resolved, ProjectFile) : resolved;
        if (!File.Exists(file))
        {
            ThrowTerminatingError(ErrorRecords.From(new TenancyException("ProjectNotFound", $"There is no project file {file}.", $"Give the path of a {ProjectFile} or of its folder."), file));
        }

        return file;
    }

    /// <summary>Makes a manifest, asks, writes it and shows its revision. On this thread: nothing here waits for a server.</summary>
    /// <param name="make">Makes it from the project.</param>
    private protected void WriteManifest(Func<MigrationFiles, NewManifest> make)
    {
        var project = FindProject();
        var manifest = SetUp(() => make(MigrationFiles.Open(project)), project);
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
