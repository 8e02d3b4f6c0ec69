using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.Json;
using System.Xml.Linq;
using TenancyMigrate.Packaging;
using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Modules;

/// <summary>What Test-ModuleManifest and galleries ask of a module manifest, held without PowerShell.</summary>
public sealed class ManifestFieldTests
{
    private static readonly ModuleManifest Manifest = ModuleManifest.Read(Repository.Manifest);

    [Theory]
    [InlineData("Author")]
    [InlineData("CompanyName")]
    [InlineData("Copyright")]
    [InlineData("Description")]
    [InlineData("GUID")]
    [InlineData("ModuleVersion")]
    [InlineData("PowerShellVersion")]
    [InlineData("RootModule")]
    public void A_field_that_galleries_need_is_there(string field) => Assert.NotEmpty(Assert.IsType<string>(Manifest.Fields[field]).Trim());

    [Theory]
    [InlineData("LicenseUri")]
    [InlineData("ReleaseNotes")]
    public void A_field_that_galleries_show_is_there(string field) => Assert.NotEmpty(Assert.IsType<string>(Manifest.Gallery[field]).Trim());

    [Fact]
    public void The_identity_is_well_formed()
    {
        Assert.True(Guid.TryParse((string)Manifest.Fields["GUID"]!, out var id) && id != Guid.Empty);
        Assert.True(Uri.TryCreate(Manifest.LicenseUri, UriKind.Absolute, out var licence) && licence.Scheme == "https");
        Assert.Equal(["Core"], (object?[])Manifest.Fields["CompatiblePSEditions"]!);
        Assert.Equal("7.4", Manifest.Fields["PowerShellVersion"]);
        Assert.Contains("PSEdition_Core", Manifest.Tags);
        Assert.All(Manifest.Tags, static tag => Assert.DoesNotContain(' ', tag));
    }

    [Fact]
    public void Files_that_it_names_exist()
    {
        string[] named = [(string)Manifest.Fields["RootModule"]!, .. ((object?[])Manifest.Fields["FormatsToProcess"]!).Cast<string>()];
        Assert.All(named, static file => Assert.True(File.Exists(Path.Combine(Repository.Root, file)), file));
    }

    [Fact]
    public void Exports_are_lists_and_no_wildcard()
    {
        foreach (var field in new[] { "CmdletsToExport", "FunctionsToExport", "AliasesToExport", "VariablesToExport" })
        {
            Assert.DoesNotContain(Assert.IsType<object?[]>(Manifest.Fields[field]), static name => name is not string text || text.Contains('*', StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Fields_are_those_that_PowerShell_knows()
    {
        string[] known = ["RootModule", "ModuleVersion", "GUID", "Author", "CompanyName", "Copyright", "Description", "CompatiblePSEditions", "PowerShellVersion", "FormatsToProcess", "CmdletsToExport", "FunctionsToExport", "AliasesToExport", "VariablesToExport", "PrivateData"];
        Assert.Equal(known.Order(StringComparer.Ordinal), Manifest.Fields.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_cmdlet_has_help()
    {
        XNamespace command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
        var written = XDocument.Load(Path.Combine(Repository.Root, "en-US", "TenancyMigrate.dll-Help.xml")).Descendants(command + "details").Select(details => details.Element(command + "name")!.Value);
        Assert.Equal(Manifest.Cmdlets, written.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_root_module_is_for_the_framework_of_the_oldest_PowerShell()
    {
        using var image = new PEReader(File.OpenRead(Path.Combine(Repository.Root, (string)Manifest.Fields["RootModule"]!)));
        var metadata = image.GetMetadataReader();
        Assert.Contains(metadata.AssemblyReferences.Select(metadata.GetAssemblyReference), reference => metadata.GetString(reference.Name) == "System.Runtime" && reference.Version == new Version(8, 0, 0, 0));
    }

    [SkippableFact]
    public async Task PowerShell_reads_the_same()
    {
        var answer = (await Pwsh.RunAsync($"Import-PowerShellDataFile {PwshProcess.Quote(Repository.Manifest)}")).Clean();
        Assert.Equal(Sorted(JsonSerializer.SerializeToElement(Manifest.Fields)), Sorted(Assert.Single(answer.Objects)));
    }

    // Hashtables have no order.
    private static string Sorted(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(",", value.EnumerateObject().OrderBy(static field => field.Name, StringComparer.Ordinal).Select(static field => $"{field.Name}:{Sorted(field.Value)}")) + "}",
        JsonValueKind.Array => "[" + string.Join(",", value.EnumerateArray().Select(Sorted)) + "]",
        _ => value.ToString(),
    };
}
