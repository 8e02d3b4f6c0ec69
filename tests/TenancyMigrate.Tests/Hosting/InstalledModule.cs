using Xunit;

namespace TenancyMigrate.Tests.Hosting;

/// <summary>The module as a person installs it: packaged from this checkout, in a folder of a module path.</summary>
internal static class InstalledModule
{
    private static readonly Lazy<Task<string>> Made = new(MakeAsync);

    /// <summary>The environment of a pwsh that finds it by name.</summary>
    public static async Task<Dictionary<string, string?>> EnvironmentAsync() => new() { ["PSModulePath"] = await Made.Value };

    private static async Task<string> MakeAsync()
    {
        var folder = Directory.CreateTempSubdirectory("tenancy-modules-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        // Not built again: this process tests what lies there, and other tests have it loaded.
        var end = await PwshProcess.RunAsync($"& {PwshProcess.Quote(Path.Combine(Repository.Root, "build.ps1"))} Package -NoBuild -Destination {PwshProcess.Quote(folder)}", withModule: false);
        Assert.True(end.ExitCode == 0, end.Error);
        return folder;
    }
}
