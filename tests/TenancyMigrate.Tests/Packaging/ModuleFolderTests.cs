using TenancyMigrate.Packaging;
using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Packaging;

public sealed class ModuleFolderTests(StagedModule staged) : IClassFixture<StagedModule>
{
    private static readonly string[] Ours = ["TenancyMigrate.Format.ps1xml", "TenancyMigrate.psd1", "bin/Tenancy.Model.dll", "bin/TenancyMigrate.dll", "bin/deps/Tenancy.Core.dll"];

    [Fact]
    public void It_has_what_the_module_needs_and_nothing_else()
    {
        var dependencies = staged.Files.Where(static file => file.StartsWith("bin/deps/", StringComparison.Ordinal) && file.EndsWith(".dll", StringComparison.Ordinal));
        Assert.Contains("bin/deps/Npgsql.dll", dependencies);
        string[] rest =
        [
            "CHANGELOG.md", "LICENSE", "THIRD-PARTY-NOTICES.txt", "TenancyMigrate.Format.ps1xml", "TenancyMigrate.psd1", "bin/Tenancy.Model.dll", "bin/TenancyMigrate.dll", "bin/deps/Tenancy.Core.deps.json", "bom.cdx.json",
            "en-US/TenancyMigrate.dll-Help.xml", "en-US/about_TenancyMigrate.help.txt", "en-US/about_TenantErrors.help.txt", "en-US/about_TenantManifest.help.txt", "en-US/about_TenantRollout.help.txt",
            "schemas/manifest.schema.json", "schemas/rollout.schema.json", "schemas/tenancy.schema.json",
        ];
        Assert.Equal(rest, staged.Files.Except(dependencies));
    }

    [Fact]
    public void It_is_named_as_PowerShell_looks_for_it() =>
        Assert.EndsWith(Path.Combine("TenancyMigrate", ModuleManifest.Read(Repository.Manifest).FolderVersion), staged.Folder, StringComparison.Ordinal);

    [Fact]
    public void What_is_to_be_signed_is_ours_and_can_be()
    {
        Assert.Equal(Ours, File.ReadAllLines(staged.List));
        Assert.All(Ours, file => Assert.Contains(file, staged.Files));
    }

    [Fact]
    public void What_is_staged_again_has_nothing_of_before()
    {
        var destination = Directory.CreateTempSubdirectory("tenancy-staged-").FullName;
        try
        {
            var folder = ModuleFolder.Stage(Repository.Root, destination, ShippedPackage.FindRestored(Repository.Root));
            File.WriteAllText(Path.Combine(folder, "stray.txt"), "");
            Assert.Equal(folder, ModuleFolder.Stage(Repository.Root, destination, ShippedPackage.FindRestored(Repository.Root)));
            Assert.Equal(staged.Files.Count, Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Length);
        }
        finally
        {
            Directory.Delete(destination, recursive: true);
        }
    }

    [Fact]
    public void What_was_not_restored_or_staged_is_said()
    {
        var nowhere = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString());
        Assert.Contains("restore the solution first", Assert.Throws<PackagingException>(() => ShippedPackage.Find(staged.Folder, nowhere)).Message, StringComparison.Ordinal);
        Assert.Contains(nowhere, Assert.Throws<PackagingException>(() => ModuleFolder.Find(Repository.Root, nowhere)).Message, StringComparison.Ordinal);
    }
}
