using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Tenancy.Core;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Benchmarks;

/// <summary>What a person waits for at the tab key: sessions of pwsh with the module imported and connected, 10,000 tenants, 200 manifests; each session completes one thing, for the first time and again. PowerShell's own first completion of a session, which compiles what completes, is measured beside it and is not in it.</summary>
internal static class CompletionBenchmark
{
    private const string Database = "completion";

    private const int Manifests = 200;

    private const int Runs = 20;

    // What is typed, behind which the tab key is pressed, and the least that must come.
    private static readonly (string Name, string Line, int AtLeast)[] Kinds =
    [
        ("tenants", "Invoke-TenantMigration t0", 1),
        ("labels of tenants", "Invoke-TenantMigration -RingLabel ", 1),
        ("revisions", "Invoke-TenantMigration -To r", Manifests),
        ("labels of revisions", "Invoke-TenantMigration -To bill", 1),
        ("manifests", "Get-TenantMigration adds_table_7", 1),
        ("runs", "Get-TenantHistory -RunId ", Runs),
    ];

    /// <summary>Runs it; without pwsh, or outside the repository, says so.</summary>
    public static async Task RunAsync(BenchmarkRun run)
    {
        var tenants = run.Scale(10_000);
        using var module = await ModuleSession.BuildAsync();
        if (module is null)
        {
            Console.WriteLine("Completion: left out, there is no pwsh on PATH or no repository above this program.");
            return;
        }

        await using var server = await TenantServer.StartAsync();
        var project = Directory.CreateTempSubdirectory("tenancy-benchmark-").FullName;
        try
        {
            Console.WriteLine($"Completion, PowerShell {await module.RunAsync("\"$($PSVersionTable.PSVersion)\"")}, PostgreSQL {server.Version}");
            Write(project);
            var settings = server.Settings(Database);
            await server.PrepareAsync(() => PrepareAsync(server, project, tenants));
            await server.AnalyzeAsync(Database);
            var choice = string.Create(CultureInfo.InvariantCulture, $"-Server '{settings.Host}' -Port {settings.Port} -Database {Database} -Credential ([pscredential]::new('{settings.Username}', [securestring]::new())) -Project '{project}'");
            var bare = await TakeAsync(module, run.Rounds, null, "Get-Item -", 1);
            foreach (var (name, line, least) in Kinds)
            {
                run.Add(Row($"completion of {name}, {tenants:N0} tenants, {Manifests} manifests", await TakeAsync(module, run.Rounds, $"$null = Connect-TenantDatabase {choice}", line, least), bare));
            }

            await server.DisposeAsync();
            foreach (var (name, line, _) in Kinds.Where(static kind => kind.Name is "tenants" or "runs"))
            {
                var away = line.Insert(line.IndexOf(' ', StringComparison.Ordinal), $" -Server '{settings.Host}' -Port {settings.Port} -Project '{project}'");
                run.Add(Row($"the same, {name}, with the server stopped", await TakeAsync(module, run.Rounds, "", away, 0), bare));
            }
        }
        finally
        {
            Directory.Delete(project, recursive: true);
        }
    }

    private static BenchmarkRow Row(string work, Taken ours, Taken bare) => new(
        work,
        $"first in the session {ours.First}; later {ours.Later}",
        $"PowerShell's own: first {bare.First}; later {bare.Later}",
        "",
        ours.Empty == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"no answer {ours.Empty} times of {ours.Asked}"),
        "0.2 s");

    // Each round is a session of its own: its first, and the median of ten more. PowerShell's own first is behind it: whoever types a command's name completes that first, and nobody has typed it within the second after connecting.
    private static async Task<Taken> TakeAsync(ModuleSession module, int rounds, string? before, string line, int least)
    {
        List<double> first = [], later = [];
        var empty = 0;
        for (var round = 0; round < rounds; round++)
        {
            var text = await module.AskAsync($$"""
                {{(before is null ? "" : before + "; $null = TabExpansion2 'Get-Item -'; Start-Sleep 1")}}
                $answers = foreach ($time in 0..10) {
                    $clock = [Diagnostics.Stopwatch]::StartNew()
                    $found = (TabExpansion2 '{{line.Replace("'", "''", StringComparison.Ordinal)}}').CompletionMatches.Count
                    , @($clock.Elapsed.TotalSeconds, $found)
                }
                if ($Error.Count) { throw $Error[0] }
                ConvertTo-Json $answers -Compress
                """);
            var answers = JsonSerializer.Deserialize<double[][]>(text)!;
            first.Add(answers[0][0]);
            later.Add(new Series([.. answers.Skip(1).Select(static answer => answer[0])]).Median);
            empty += answers.Count(answer => answer[1] < least);
        }

        return new(new(first), new(later), empty, rounds * 11);
    }

    private static async Task PrepareAsync(TenantServer server, string project, int tenants)
    {
        await server.CreateAsync(Database, 0, "");
        await using var fleet = Fleet.Open(project, server.Settings(Database));
        Tenant[] all = [.. TenantServer.Tenants(tenants).Select(static (tenant, number) => tenant with { Labels = new TenantLabels { ["ring"] = number % 100 == 0 ? "canary" : "rest" } })];
        await foreach (var result in fleet.CreateTenantsAsync(all, new() { To = "base" }, Engine.Log))
        {
            _ = result.Status == MigrationStatus.Migrated ? 0 : throw new InvalidOperationException($"{result.Name}: {result.Error}");
        }

        for (var number = 0; number < Runs; number++)
        {
            await Engine.MigrateAsync(fleet, [all[number]], new() { To = "r000" });
        }
    }

    private static void Write(string project)
    {
        File.WriteAllText(Path.Combine(project, "tenancy.yaml"), "fleet: benchmark");
        var folder = Directory.CreateDirectory(Path.Combine(project, "manifests")).FullName;
        for (var number = 0; number < Manifests; number++)
        {
            File.WriteAllText(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{number:000}-adds_table_{number}.yaml")), string.Create(CultureInfo.InvariantCulture, $$"""
                revision: r{{number:000}}
                {{(number == 0 ? "labels: [billing]" : $"parent: r{number - 1:000}")}}
                up:
                  - create_table:
                      name: t{{number}}
                      columns:
                        - {name: id, type: bigint, primary_key: true}
                        - {name: title, type: text}
                  - create_index: {name: t{{number}}_title_idx, table: t{{number}}, columns: [title]}
                """));
        }
    }

    private sealed record Taken(Series First, Series Later, int Empty, int Asked);
}
