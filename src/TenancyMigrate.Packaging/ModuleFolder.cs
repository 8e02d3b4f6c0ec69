namespace TenancyMigrate.Packaging;

/// <summary>The folder that goes to a module path: made of what was built, and of what is known about it.</summary>
internal static class ModuleFolder
{
    private static readonly string[] AtRoot = ["TenancyMigrate.psd1", "TenancyMigrate.Format.ps1xml", "LICENSE", "CHANGELOG.md"];

    private static readonly string[] Assemblies = ["TenancyMigrate.dll", "Tenancy.Model.dll"];

    /// <summary>Makes &lt;destination&gt;/TenancyMigrate/&lt;version&gt; anew.</summary>
    /// <param name="root">The repository, built.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="packages">The folder that packages were restored to.</param>
    /// <returns>The folder.</returns>
    /// <exception cref="PackagingException">Something is not built, or not as it must be.</exception>
    public static string Stage(string root, string destination, string packages)
    {
        var manifest = ModuleManifest.Read(Path.Combine(root, AtRoot[0]));
        var release = manifest.FindRelease(Path.Combine(root, "CHANGELOG.md"));
        var folder = Place(manifest, destination);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Copy(AtRoot.Select(name => Path.Combine(root, name)), folder);
        Copy(Assemblies.Select(name => Path.Combine(root, "bin", name)), Path.Combine(folder, "bin"));
        Copy(Directory.GetFiles(Require(Path.Combine(root, "bin", "deps"))).Where(static file => Path.GetExtension(file) is ".dll" or ".json"), Path.Combine(folder, "bin", "deps"));
        foreach (var name in new[] { "en-US", "schemas" })
        {
            Copy(Directory.GetFiles(Require(Path.Combine(root, name))), Path.Combine(folder, name));
        }

        var shipped = ShippedPackage.Find(folder, packages);
        File.WriteAllText(Path.Combine(folder, ThirdPartyNotices.FileName), ThirdPartyNotices.Write(manifest.Name, shipped));
        File.WriteAllText(Path.Combine(folder, BillOfMaterials.FileName), BillOfMaterials.Write(manifest, folder, shipped, release));
        return folder;
    }

    /// <summary>The folder that <see cref="Stage"/> has made.</summary>
    /// <exception cref="PackagingException">It has not.</exception>
    public static string Find(string root, string destination) => Require(Place(ModuleManifest.Read(Path.Combine(root, AtRoot[0])), destination));

    private static string Place(ModuleManifest manifest, string destination) => Path.GetFullPath(Path.Combine(destination, manifest.Name, manifest.FolderVersion));

    private static void Copy(IEnumerable<string> files, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in files)
        {
            File.Copy(Require(file), Path.Combine(folder, Path.GetFileName(file)));
        }
    }

    private static string Require(string path) => Path.Exists(path) ? path : throw new PackagingException($"There is no {path}: it is made by a step before this one (build, stage).");
}
