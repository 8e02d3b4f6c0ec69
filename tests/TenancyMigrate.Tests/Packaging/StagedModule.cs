using TenancyMigrate.Packaging;
using TenancyMigrate.Tests.Hosting;

namespace TenancyMigrate.Tests.Packaging;

/// <summary>The module's folder and its package, made of what was built.</summary>
public sealed class StagedModule : IDisposable
{
    private readonly string destination = Directory.CreateTempSubdirectory("tenancy-staged-").FullName;

    public StagedModule()
    {
        Folder = ModuleFolder.Stage(Repository.Root, destination, ShippedPackage.FindRestored(Repository.Root));
        List = SigningList.Write(Folder, destination);
        Package = PackageFile.Write(Folder, destination);
    }

    /// <summary>The folder to copy to a module path.</summary>
    public string Folder { get; }

    /// <summary>The list of what is to be signed.</summary>
    public string List { get; }

    /// <summary>The .nupkg.</summary>
    public string Package { get; }

    /// <summary>The folder's files, relative to it, with slashes.</summary>
    public IReadOnlyList<string> Files => [.. Directory.GetFiles(Folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Folder, file).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    /// <summary>The text of a file of the folder.</summary>
    public string Read(string file) => File.ReadAllText(Path.Combine(Folder, file));

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(destination, recursive: true);
}
