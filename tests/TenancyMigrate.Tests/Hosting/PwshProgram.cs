using System.Diagnostics;
using System.Text;
using Xunit;

namespace TenancyMigrate.Tests.Hosting;

/// <summary>The pwsh on PATH. Without one a test is skipped.</summary>
internal static class PwshProgram
{
    private static readonly string Name = OperatingSystem.IsWindows() ? "pwsh.exe" : "pwsh";

    private static readonly string? Found = Find(Name);

    /// <summary>Its folders for settings, caches and what is temporary, so nothing of the user's is read or written, and what a killed one leaves goes too.</summary>
    public static readonly string Home = Directory.CreateTempSubdirectory("tenancy-pwsh-").FullName;

    static PwshProgram() => AppDomain.CurrentDomain.ProcessExit += static (_, _) => RemoveHome();

    /// <summary>A PowerShell 7.4, the oldest that the module is for: TENANCY_PWSH_OLDEST, else pwsh-7.4 on PATH; null where there is none.</summary>
    public static string? Oldest => Environment.GetEnvironmentVariable("TENANCY_PWSH_OLDEST") is { Length: > 0 } chosen ? chosen : Find("pwsh-7.4");

    /// <summary>How to start it, in an environment of its own.</summary>
    /// <param name="arguments">Its arguments.</param>
    public static ProcessStartInfo Describe(params string[] arguments)
    {
        Skip.If(Found is null, "There is no pwsh on PATH: install PowerShell 7.4 or later to run this test.");
        return Describe(Found, arguments);
    }

    /// <summary>How to start another one, in the same environment.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="arguments">Its arguments.</param>
    public static ProcessStartInfo Describe(string program, string[] arguments)
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var start = new ProcessStartInfo(program, ["-NoProfile", "-NonInteractive", "-NoLogo", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = utf8,
            StandardOutputEncoding = utf8,
            StandardErrorEncoding = utf8,
            WorkingDirectory = Home,
        };
        foreach (var name in start.Environment.Keys.Where(static name => name == "PSModulePath" || name.StartsWith("PG", StringComparison.Ordinal) || name.StartsWith("CORECLR_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["NO_COLOR"] = "1";
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        start.Environment["POWERSHELL_UPDATECHECK"] = "Off";
        foreach (var name in (string[])["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"])
        {
            start.Environment[name] = Path.Combine(Home, name);
        }

        if (!OperatingSystem.IsWindows())
        {
            start.Environment["TMPDIR"] = Home;
        }

        return start;
    }

    private static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(File.Exists);

    /// <summary>Removes its folders; when this process ends, and again when the last pwsh has.</summary>
    public static void RemoveHome()
    {
        try
        {
            if (Directory.Exists(Home))
            {
                Directory.Delete(Home, recursive: true);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A pwsh that is just ending still writes there; what throws here would keep the next handler from ending it.
        }
    }
}
