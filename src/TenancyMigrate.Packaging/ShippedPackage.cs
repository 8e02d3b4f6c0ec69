using System.Text.Json;
using NuGet.Configuration;
using NuGet.Packaging;

namespace TenancyMigrate.Packaging;

/// <summary>A NuGet package that files of the module come from.</summary>
/// <param name="Folder">Where it was restored to.</param>
/// <param name="Nuspec">What it says of itself.</param>
/// <param name="Hash">SHA-512 of the .nupkg as it was downloaded, as bytes.</param>
/// <param name="Files">Its files in the module, relative to the module's folder.</param>
/// <param name="DependsOn">Names of the packages that it needs.</param>
internal sealed record ShippedPackage(string Folder, NuspecReader Nuspec, byte[] Hash, IReadOnlyList<string> Files, IReadOnlyList<string> DependsOn)
{
    private const string Dependencies = "bin/deps";

    public string Name => Nuspec.GetId();

    public string Version => Nuspec.GetVersion().ToNormalizedString();

    /// <summary>Its address in inventories of packages.</summary>
    public string Purl => $"pkg:nuget/{Name}@{Version}";

    /// <summary>Its licence as an SPDX expression.</summary>
    public string Licence => Nuspec.GetLicenseMetadata() is { Type: LicenseType.Expression } licence ? licence.License : throw new PackagingException($"{Name} {Version} does not say its licence as an SPDX expression.");

    /// <summary>The folder that the packages of a repository are restored to.</summary>
    public static string FindRestored(string root) => SettingsUtility.GetGlobalPackagesFolder(Settings.LoadDefaultSettings(root));

    /// <summary>The packages of a module's folder, by name: from the engine's .deps.json, which lies beside them.</summary>
    /// <param name="module">The module's folder.</param>
    /// <param name="packages">The folder that packages were restored to.</param>
    /// <exception cref="PackagingException">A package was not restored, or a file has no package.</exception>
    public static IReadOnlyList<ShippedPackage> Find(string module, string packages)
    {
        var folder = Path.Combine(module, Dependencies);
        using var description = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "Tenancy.Core.deps.json")));
        var libraries = description.RootElement.GetProperty("libraries");
        var found = description.RootElement.GetProperty("targets").EnumerateObject().Single().Value.EnumerateObject()
            .Where(library => libraries.GetProperty(library.Name).GetProperty("type").GetString() == "package" && library.Value.TryGetProperty("runtime", out _))
            .Select(library => Read(library, libraries.GetProperty(library.Name), packages))
            .OrderBy(static package => package.Name, StringComparer.OrdinalIgnoreCase)
            .ToList();
        var there = Directory.GetFiles(folder, "*.dll").Select(static file => $"{Dependencies}/{Path.GetFileName(file)}").Where(static file => !file.EndsWith("/Tenancy.Core.dll", StringComparison.Ordinal));
        return there.Except(found.SelectMany(static package => package.Files)).FirstOrDefault() is { } stray
            ? throw new PackagingException($"{stray} comes from no package that Tenancy.Core.deps.json names.")
            : found;
    }

    private static ShippedPackage Read(JsonProperty library, JsonElement origin, string packages)
    {
        var folder = Path.Combine(packages, origin.GetProperty("path").GetString()!);
        var nuspec = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.nuspec").Single() : throw new PackagingException($"{library.Name} is not in {packages}: restore the solution first.");
        return new(
            folder,
            new NuspecReader(nuspec),
            // That in .deps.json leaves out the package's signature, so nobody could compare it with a download.
            Convert.FromBase64String(File.ReadAllText(Directory.GetFiles(folder, "*.nupkg.sha512").Single())),
            [.. library.Value.GetProperty("runtime").EnumerateObject().Select(static file => $"{Dependencies}/{Path.GetFileName(file.Name)}")],
            library.Value.TryGetProperty("dependencies", out var needs) ? [.. needs.EnumerateObject().Select(static need => need.Name)] : []);
    }
}
