using TenancyMigrate.Packaging;

namespace TenancyMigrate.Tests.Hosting;

/// <summary>The module as a person installs it: the folder that is packaged of what was built, in a folder of a module path.</summary>
internal static class InstalledModule
{
    private static readonly Lazy<string> Made = new(Make);

    /// <summary>The folder of modules that it is in.</summary>
    public static string Folder => Made.Value;

    /// <summary>The environment of a pwsh that finds it by name.</summary>
    public static Dictionary<string, string?> Environment() => new() { ["PSModulePath"] = Folder };

    private static string Make()
    {
        var folder = Directory.CreateDirectory(Path.Combine(PwshProgram.Home, "modules")).FullName;
        ModuleFolder.Stage(Repository.Root, folder, ShippedPackage.FindRestored(Repository.Root));
        return folder;
    }
}
