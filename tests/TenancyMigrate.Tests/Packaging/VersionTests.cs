using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using NuGet.Versioning;
using TenancyMigrate.Packaging;
using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Packaging;

/// <summary>The version stands in the module manifest; all else follows.</summary>
public sealed partial class VersionTests
{
    private static readonly string Changelog = Path.Combine(Repository.Root, "CHANGELOG.md");

    [Fact]
    public void Assemblies_have_the_version_of_the_manifest()
    {
        var version = ModuleManifest.Read(Repository.Manifest).Version;
        foreach (var file in new[] { "bin/TenancyMigrate.dll", "bin/Tenancy.Model.dll", "bin/deps/Tenancy.Core.dll" })
        {
            var info = FileVersionInfo.GetVersionInfo(Path.Combine(Repository.Root, file));
            Assert.Equal((version.ToNormalizedString(), $"{version.Version}"), (info.ProductVersion, info.FileVersion));
        }
    }

    [Fact]
    public void No_other_file_says_the_version() =>
        Assert.All(
            Directory.GetFiles(Repository.Root, "*.props").Concat(Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories)),
            static file => Assert.DoesNotMatch(@"<(Version|VersionPrefix|AssemblyVersion|FileVersion|PackageVersion)>\d", File.ReadAllText(file)));

    [Fact]
    public void The_manifest_has_a_semantic_version_of_three_numbers() => Assert.Matches(@"^\d+\.\d+\.\d+$", ModuleManifest.Read(Repository.Manifest).FolderVersion);

    [Fact]
    public void The_changelog_has_a_section_of_the_version_with_its_day()
    {
        var day = ModuleManifest.Read(Repository.Manifest).FindRelease(Changelog);
        Assert.InRange(day, new DateTimeOffset(2026, 11, 27, 0, 0, 0, TimeSpan.Zero), DateTimeOffset.UtcNow.AddDays(1));
    }

    [Fact]
    public void Sections_of_the_changelog_go_from_what_is_not_released_to_the_oldest()
    {
        var sections = Section().Matches(File.ReadAllText(Changelog)).Select(static section => section.Groups).ToList();
        Assert.Equal(("Unreleased", ""), (sections[0]["version"].Value, sections[0]["day"].Value));
        var released = sections[1..].ConvertAll(static section => (
            Version: SemanticVersion.Parse(section["version"].Value),
            Day: DateOnly.ParseExact(section["day"].Value, "yyyy-MM-dd", CultureInfo.InvariantCulture)));
        Assert.NotEmpty(released);
        Assert.Equal(released.OrderByDescending(static release => release.Version), released);
        Assert.Equal(released.OrderByDescending(static release => release.Day), released);
        Assert.Equal(ModuleManifest.Read(Repository.Manifest).Version.ToNormalizedString(), released[0].Version.ToNormalizedString());
    }

    [Fact]
    public void A_version_without_a_section_makes_no_package()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "## [Unreleased]\n\n## [0.0.1] - 2020-01-01\n");
            var error = Assert.Throws<PackagingException>(() => ModuleManifest.Read(Repository.Manifest).FindRelease(path));
            Assert.StartsWith($"{path}: there is no section \"## [", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [GeneratedRegex(@"^## \[(?<version>[^\]]+)\](?: - (?<day>.+?))?\s*$", RegexOptions.Multiline)]
    private static partial Regex Section();
}
