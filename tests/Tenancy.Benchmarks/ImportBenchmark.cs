using System.Diagnostics;

namespace Tenancy.Benchmarks;

/// <summary>What <c>Import-Module</c> and the first <c>Get-TenantMigration</c> add to the start of PowerShell, with the module in a folder as users have it.</summary>
internal static class ImportBenchmark
{
    /// <summary>Runs it; without pwsh, or outside the repository, says so.</summary>
    public static async Task RunAsync(BenchmarkRun run)
    {
        if (Child.Find("pwsh") is not { } pwsh || FindRepository() is not { } repository)
        {
            Console.WriteLine("Import of the module: left out, there is no pwsh on PATH or no repository above this program.");
            return;
        }

        var folder = Directory.CreateTempSubdirectory("tenancy-benchmark-module-").FullName;
        try
        {
            foreach (var project in new[] { "TenancyMigrate", "TenancyMigrate.Packaging" })
            {
                await Child.RunAsync(new("dotnet", ["build", Path.Combine(repository, "src", project), "--configuration", "Release", "--nologo", "-v", "quiet"]));
            }

            // The module's folder, then the package made of it.
            var module = (await Child.RunAsync(Pwsh("-File", Path.Combine(repository, "build.ps1"), "Package", "-NoBuild", "-Destination", folder))).Split('\n')[0].Trim();
            Console.WriteLine($"Import of the module, PowerShell {(await Child.RunAsync(Pwsh("-Command", "\"$($PSVersionTable.PSVersion)\""))).Trim()}");
            var sides = await Series.TakeInTurnAsync(
                run.Rounds * 2,
                () => TimeAsync("Import-Module '{0}'; $null = Get-TenantMigration -Project '{1}'"),
                () => TimeAsync("exit"),
                () => TimeAsync("Import-Module '{0}'"));
            var added = sides.Select(side => new Series([.. side.Values.Zip(sides[1].Values, static (with, bare) => with - bare)])).ToList();
            run.Add(new("`Import-Module` and the first `Get-TenantMigration`", sides[0].ToString(), sides[1].ToString(), "", added[0].Text("0.000", " s more than a bare `pwsh`"), "0.4 s more"));
            run.Add(new("`Import-Module` alone", sides[2].ToString(), sides[1].ToString(), "", added[2].Text("0.000", " s more"), ""));

            async Task<double> TimeAsync(string command)
            {
                var start = Pwsh("-Command", string.Format(null, command, Path.Combine(module, "TenancyMigrate.psd1"), Workload.Whole.Project));
                var clock = Stopwatch.StartNew();
                await Child.RunAsync(start);
                return clock.Elapsed.TotalSeconds;
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        ProcessStartInfo Pwsh(params string[] arguments)
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
