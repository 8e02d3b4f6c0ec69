using System.Globalization;
using NuGet.Packaging;

namespace TenancyMigrate.Packaging;

/// <summary>The .nupkg for a PowerShell repository: the module's folder, with what Find-PSResource and Find-Module look for.</summary>
internal static class PackageFile
{
    /// <summary>Makes a package of a module's folder. What was signed in it, or a catalog laid into it, is in the package as it is.</summary>
    /// <param name="folder">The module's folder.</param>
    /// <param name="destination">The folder that the package goes to.</param>
    /// <returns>The package's path.</returns>
    public static string Write(string folder, string destination)
    {
        var manifest = ModuleManifest.Read(Directory.GetFiles(folder, "*.psd1").Single());
        var builder = new PackageBuilder(deterministic: true)
        {
            DeterministicTimestamp = manifest.FindRelease(Path.Combine(folder, "CHANGELOG.md")).ToString("O", CultureInfo.InvariantCulture),
            Id = manifest.Name,
            Version = manifest.Version,
            Description = manifest.Description,
            Copyright = manifest.Copyright,
            ReleaseNotes = manifest.ReleaseNotes,
            LicenseUrl = new Uri(manifest.LicenseUri),
        };
        builder.Authors.Add(manifest.Author);
        builder.Owners.Add(manifest.CompanyName);
        builder.Tags.UnionWith(Tags(manifest));
        foreach (var file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            builder.Files.Add(new PhysicalPackageFile { SourcePath = file, TargetPath = Path.GetRelativePath(folder, file) });
        }

        Directory.CreateDirectory(destination);
        var path = Path.GetFullPath(Path.Combine(destination, $"{manifest.Name}.{manifest.Version.ToNormalizedString()}.nupkg"));
        using var stream = File.Create(path);
        builder.Save(stream);
        return path;
    }

    // As Publish-PSResource and Publish-Module write them.
    private static IEnumerable<string> Tags(ModuleManifest manifest) =>
        [.. manifest.Tags, "PSModule", "PSIncludes_Cmdlet", .. manifest.Cmdlets.SelectMany(static name => new[] { $"PSCmdlet_{name}", $"PSCommand_{name}" })];
}
