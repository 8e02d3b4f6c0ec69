using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Modules;

/// <summary>What the shipped assemblies ask for: only what every PowerShell from 7.4 has, or what is shipped.</summary>
public sealed class ReferenceTests
{
    private static readonly string Bin = Path.Combine(Repository.Root, "bin");
    private static readonly string[] OwnInDefaultContext = ["TenancyMigrate", "Tenancy.Model"];

    [Fact]
    public void Assemblies_of_the_default_context_ask_for_PowerShell_the_framework_and_our_own()
    {
        foreach (var (name, version) in References(Path.Combine(Bin, "TenancyMigrate.dll")).Concat(References(Path.Combine(Bin, "Tenancy.Model.dll"))))
        {
            Assert.True(
                OwnInDefaultContext.Contains(name) || name == "Tenancy.Core" || IsPowerShell(name, version) || IsFramework(name, version),
                $"{name} {version} is asked for in PowerShell's own load context.");
        }
    }

    [Fact]
    public void Assemblies_of_the_private_context_ask_for_the_framework_and_what_is_beside_them()
    {
        var shipped = Directory.GetFiles(Path.Combine(Bin, "deps"), "*.dll");
        Assert.Contains(shipped, static file => Path.GetFileName(file) == "Tenancy.Core.dll");
        var names = shipped.Select(static file => Path.GetFileNameWithoutExtension(file)).ToHashSet(StringComparer.Ordinal);
        foreach (var file in shipped)
        {
            foreach (var (name, version) in References(file))
            {
                Assert.True(names.Contains(name) || name == "Tenancy.Model" || IsFramework(name, version), $"{Path.GetFileName(file)} asks for {name} {version}.");
            }
        }
    }

    [Fact]
    public void The_private_context_has_no_second_copy_of_what_travels() =>
        Assert.Empty(Directory.GetFiles(Path.Combine(Bin, "deps")).Select(static file => Path.GetFileName(file)).Intersect(["Tenancy.Model.dll", "TenancyMigrate.dll", "System.Management.Automation.dll"]));

    [Fact]
    public void The_default_context_gets_no_dependency() =>
        Assert.Equal(["Tenancy.Model.dll", "TenancyMigrate.dll"], Directory.GetFiles(Bin, "*.dll").Select(static file => Path.GetFileName(file)).Order(StringComparer.Ordinal));

    private static bool IsPowerShell(string name, Version version) => name == "System.Management.Automation" && version == new Version(3, 0, 0, 0);

    // Names of the framework: System.*, but not those that packages bring, which would be beside the engine.
    private static bool IsFramework(string name, Version version) =>
        version <= new Version(8, 0, 0, 0) && name != "System.Management.Automation"
        && (name.StartsWith("System.", StringComparison.Ordinal) || name is "netstandard" or "mscorlib" or "Microsoft.CSharp" or "Microsoft.Win32.Registry" or "Microsoft.Win32.Primitives");

    private static List<(string Name, Version Version)> References(string file)
    {
        using var image = new PEReader(File.OpenRead(file));
        var metadata = image.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(metadata.GetAssemblyReference).Select(reference => (metadata.GetString(reference.Name), reference.Version))];
    }
}
