using System.IO.Compression;
using System.Security.Cryptography;
using NuGet.Packaging;
using TenancyMigrate.Packaging;
using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Packaging;

public sealed class PackageFileTests(StagedModule staged) : IClassFixture<StagedModule>
{
    [Fact]
    public void It_has_the_folder_at_its_root_byte_by_byte()
    {
        using var archive = ZipFile.OpenRead(staged.Package);
        var entries = archive.Entries.ToDictionary(static entry => entry.FullName);
        string[] own = ["TenancyMigrate.nuspec", "[Content_Types].xml", "_rels/.rels"];
        Assert.Equal(staged.Files, entries.Keys.Except(own).Where(static name => !name.StartsWith("package/services/metadata/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.All(staged.Files, file =>
        {
            using var content = entries[file].Open();
            Assert.Equal(SHA256.HashData(File.ReadAllBytes(Path.Combine(staged.Folder, file))), SHA256.HashData(content));
        });
    }

    [Fact]
    public void It_says_of_itself_what_the_manifest_says()
    {
        using var reader = new PackageArchiveReader(staged.Package);
        var (nuspec, manifest) = (reader.NuspecReader, ModuleManifest.Read(Repository.Manifest));
        Assert.Equal(("TenancyMigrate", manifest.Version), (nuspec.GetId(), nuspec.GetVersion()));
        Assert.Equal(
            (manifest.Author, manifest.CompanyName, manifest.Description, manifest.Copyright, manifest.ReleaseNotes, manifest.LicenseUri),
            (nuspec.GetAuthors(), nuspec.GetOwners(), nuspec.GetDescription(), nuspec.GetCopyright(), nuspec.GetReleaseNotes(), nuspec.GetLicenseUrl()));
        Assert.Equal($"{nuspec.GetId()}.{manifest.Version}.nupkg", Path.GetFileName(staged.Package));
        Assert.Empty(nuspec.GetDependencyGroups());
    }

    [Fact]
    public void Repositories_find_the_module_and_its_cmdlets_by_tags()
    {
        using var reader = new PackageArchiveReader(staged.Package);
        var tags = reader.NuspecReader.GetTags().Split(' ');
        var manifest = ModuleManifest.Read(Repository.Manifest);
        Assert.All([.. manifest.Tags, "PSModule", "PSEdition_Core", "PSIncludes_Cmdlet", "PSCommand_Invoke-TenantMigration"], tag => Assert.Contains(tag, tags));
        Assert.Equal(manifest.Cmdlets.Order(StringComparer.Ordinal), tags.Where(static tag => tag.StartsWith("PSCmdlet_", StringComparison.Ordinal)).Select(static tag => tag["PSCmdlet_".Length..]).Order(StringComparer.Ordinal));
        // More than a gallery takes.
        Assert.InRange(reader.NuspecReader.GetTags().Length, 1, 4000);
    }

    [Fact]
    public void The_same_build_gives_the_same_bytes()
    {
        using var again = new StagedModule();
        // Times of files are those of copying, and must not matter.
        foreach (var file in again.Files)
        {
            File.SetLastWriteTimeUtc(Path.Combine(again.Folder, file), new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        }

        Assert.Equal(SHA256.HashData(File.ReadAllBytes(staged.Package)), SHA256.HashData(File.ReadAllBytes(PackageFile.Write(again.Folder, Path.GetDirectoryName(again.Package)!))));
    }

    [Fact]
    public void What_is_signed_after_staging_is_in_the_package()
    {
        using var signed = new StagedModule();
        File.AppendAllText(Path.Combine(signed.Folder, "TenancyMigrate.psd1"), "# SIG # Begin signature block\n");
        File.WriteAllText(Path.Combine(signed.Folder, "TenancyMigrate.cat"), "a catalog");
        using var archive = ZipFile.OpenRead(PackageFile.Write(signed.Folder, Path.GetDirectoryName(signed.Package)!));
        using var content = new StreamReader(archive.GetEntry("TenancyMigrate.psd1")!.Open());
        Assert.EndsWith("# SIG # Begin signature block\n", content.ReadToEnd(), StringComparison.Ordinal);
        Assert.NotNull(archive.GetEntry("TenancyMigrate.cat"));
    }
}
