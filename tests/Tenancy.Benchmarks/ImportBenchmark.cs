using System.Diagnostics;

namespace Tenancy.Benchmarks;

/// <summary>What <c>Import-Module</c> and the first <c>Get-TenantMigration</c> add to the start of PowerShell, with the module in a folder as users have it.</summary>
internal static class ImportBenchmark
{
    /// <summary>Runs it; without pwsh, or outside the repository, says so.</summary>
    public static async Task RunAsync(BenchmarkRun run)
    {
        using var module = await ModuleSession.BuildAsync();
        if (module is null)
        {
            Console.WriteLine("Import of the module: left out, there is no pwsh on PATH or no repository above this program.");
            return;
        }

        Console.WriteLine($"Import of the module, PowerShell {await module.RunAsync("\"$($PSVersionTable.PSVersion)\"")}");
        var sides = await Series.TakeInTurnAsync(
            run.Rounds * 2,
            () => TimeAsync($"Import-Module '{module.Manifest}'; $null = Get-TenantMigration -Project '{Workload.Whole.Project}'"),
            () => TimeAsync("exit"),
            () => TimeAsync($"Import-Module '{module.Manifest}'"));
        var added = sides.Select(side => new Series([.. side.Values.Zip(sides[1].Values, static (with, bare) => with - bare)])).ToList();
        run.Add(new("`Import-Module` and the first `Get-TenantMigration`", sides[0].ToString(), sides[1].ToString(), "", added[0].Text("0.000", " s more than a bare `pwsh`"), "0.4 s more"));
        run.Add(new("`Import-Module` alone", sides[2].ToString(), sides[1].ToString(), "", added[2].Text("0.000", " s more"), ""));

        async Task<double> TimeAsync(string script)
        {
            var clock = Stopwatch.StartNew();
            await module.RunAsync(script);
            return clock.Elapsed.TotalSeconds;
        }
    }
}
