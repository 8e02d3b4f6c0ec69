using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TenancyMigrate.Packaging;

/// <summary>What the module is made of, as CycloneDX 1.6: packages with their files, hashes, licences and what they need. https://cyclonedx.org/docs/1.6/json/</summary>
internal static class BillOfMaterials
{
    /// <summary>The file's name in the module.</summary>
    public const string FileName = "bom.cdx.json";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>The text of the file. Without what would differ from build to build (a serial number, the time of day).</summary>
    /// <param name="manifest">The module's manifest.</param>
    /// <param name="folder">The module's folder.</param>
    /// <param name="packages">The packages that it brings.</param>
    /// <param name="release">The day of the version.</param>
    public static string Write(ModuleManifest manifest, string folder, IReadOnlyList<ShippedPackage> packages, DateTimeOffset release)
    {
        var module = $"pkg:nuget/{manifest.Name}@{manifest.Version.ToNormalizedString()}";
        var needed = packages.SelectMany(static package => package.DependsOn).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return new JsonObject
        {
            ["$schema"] = "http://cyclonedx.org/schema/bom-1.6.schema.json",
            ["bomFormat"] = "CycloneDX",
            ["specVersion"] = "1.6",
            ["version"] = 1,
            ["metadata"] = new JsonObject
            {
                ["timestamp"] = release.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                ["component"] = new JsonObject
                {
                    ["type"] = "library",
                    ["bom-ref"] = module,
                    ["supplier"] = new JsonObject { ["name"] = manifest.CompanyName },
                    ["name"] = manifest.Name,
                    ["version"] = manifest.Version.ToNormalizedString(),
                    ["description"] = manifest.Description,
                    ["licenses"] = Licences("MIT"),
                    ["copyright"] = manifest.Copyright,
                    ["purl"] = module,
                },
            },
            ["components"] = List(packages.Select(package => Describe(package, folder))),
            ["dependencies"] = List(packages
                .Select(package => Needs(package.Purl, packages.Where(other => package.DependsOn.Contains(other.Name, StringComparer.OrdinalIgnoreCase))))
                .Prepend(Needs(module, packages.Where(package => !needed.Contains(package.Name))))),
        }.ToJsonString(Indented) + "\n";
    }

    private static JsonObject Describe(ShippedPackage package, string folder) => new()
    {
        ["type"] = "library",
        ["bom-ref"] = package.Purl,
        ["authors"] = List(package.Nuspec.GetAuthors().Split(',').Select(static name => new JsonObject { ["name"] = name.Trim() })),
        ["name"] = package.Name,
        ["version"] = package.Version,
        ["hashes"] = Hash("SHA-512", package.Hash),
        ["licenses"] = Licences(package.Licence),
        ["copyright"] = package.Nuspec.GetCopyright(),
        ["purl"] = package.Purl,
        ["externalReferences"] = List(new[] { ("website", package.Nuspec.GetProjectUrl()), ("vcs", package.Nuspec.GetRepositoryMetadata()?.Url) }
            .Where(static reference => !string.IsNullOrEmpty(reference.Item2))
            .Select(static reference => new JsonObject { ["type"] = reference.Item1, ["url"] = reference.Item2 })),
        ["components"] = List(package.Files.Select(file => new JsonObject
        {
            ["type"] = "file",
            ["bom-ref"] = file,
            ["name"] = file,
            ["hashes"] = Hash("SHA-256", SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, file)))),
        })),
    };

    private static JsonObject Needs(string reference, IEnumerable<ShippedPackage> packages) =>
        new() { ["ref"] = reference, ["dependsOn"] = List(packages.Select(static package => JsonValue.Create(package.Purl))) };

    private static JsonArray Licences(string expression) =>
        [expression.Contains(' ', StringComparison.Ordinal) ? new JsonObject { ["expression"] = expression } : new JsonObject { ["license"] = new JsonObject { ["id"] = expression } }];

    private static JsonArray Hash(string algorithm, byte[] value) => [new JsonObject { ["alg"] = algorithm, ["content"] = Convert.ToHexStringLower(value) }];

    private static JsonArray List(IEnumerable<JsonNode?> items) => [.. items];
}
