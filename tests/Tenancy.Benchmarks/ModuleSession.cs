using System.Diagnostics;

namespace Tenancy.Benchmarks;

/// <summary>The module in a folder as users have it, and sessions of PowerShell that use it.</summary>
internal sealed class ModuleSession : IDisposable
{
    private readonly string pwsh;
    private readonly string folder;
    private readonly string module;

    private ModuleSession(string pwsh, string folder, string module) => (this.pwsh, this.folder, this.module) = (pwsh, folder, module);

    /// <summary>The module's manifest.</summary>
    public string Manifest => Path.Combine(module, "TenancyMigrate.psd1");

    /// <summary>Builds and packages the module.</summary>
    /// <returns>Null where there is no pwsh on PATH, or no repository above this program.</returns>
    public static async Task<ModuleSession?> BuildAsync()
    {
        if (Child.Find("pwsh") is not { } pwsh || FindRepository() is not { } repository)
        {
            return null;
        }

        var folder = Directory.CreateTempSubdirectory("tenancy-benchmark-module-").FullName;
        try
        {
            foreach (var project in new[] { "TenancyMigrate", "TenancyMigrate.Packaging" })
            {
                await Child.RunAsync(new("dotnet", ["build", Path.Combine(repository, "src", project), "--configuration", "Release", "--nologo", "-v", "quiet"]));
            }

            // The module's folder, then the package made of it.
            var made = await Child.RunAsync(Describe(pwsh, folder, "-File", Path.Combine(repository, "build.ps1"), "Package", "-NoBuild", "-Destination", folder));
            return new(pwsh, folder, made.Split('\n')[0].Trim());
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    /// <summary>Runs a script in a session of its own, without the module.</summary>
    /// <returns>What it printed.</returns>
    public async Task<string> RunAsync(string script) => (await Child.RunAsync(Describe(pwsh, folder, "-Command", script))).Trim();

    /// <summary>Runs a script in a session of its own that has imported the module.</summary>
    /// <returns>What it printed.</returns>
    public Task<string> AskAsync(string script) => RunAsync($"Import-Module '{Manifest}'; {script}");

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static ProcessStartInfo Describe(string pwsh, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(pwsh, ["-NoProfile", "-NonInteractive", "-NoLogo", .. arguments]);
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        start.Environment["POWERSHELL_UPDATECHECK"] = "Off";
        // So that nothing is read or written that is the user's: a cache of modules speeds up whoever has imported it before.
        foreach (var name in (string[])["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"])
        {
            start.Environment[name] = Path.Combine(folder, name);
        }

        return start;
    }

    private static string? FindRepository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "TenancyMigrate.psd1")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName;
    }
}
