using System.Reflection;
using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Modules;

/// <summary>Another module in the same session has loaded an older YamlDotNet and Npgsql: neither breaks the other.</summary>
public sealed class IsolationTests
{
    private const string UseOther = """
        $yaml = [YamlDotNet.Serialization.DeserializerBuilder]::new().Build()
        $builder = [Npgsql.NpgsqlConnectionStringBuilder]::new('Host=elsewhere')
        "other: $($yaml.GetType().Assembly.GetName().Version) $($builder.GetType().Assembly.GetName().Version) $($builder.Host)"
        """;

    // Reads YAML and opens Npgsql: both of ours are loaded for certain, whatever the outcome.
    private static readonly string UseOurs = $$"""
        Import-Module {{PwshProcess.Quote(Repository.Manifest)}}
        $folder = (New-Item -ItemType Directory (Join-Path ([System.IO.Path]::GetTempPath()) ([guid]::NewGuid()))).FullName
        Set-Content (Join-Path $folder tenancy.yaml) 'fleet: a'
        $null = New-Item -ItemType Directory (Join-Path $folder migrations)
        Get-TenantMigration -Project $folder -ErrorAction SilentlyContinue
        Remove-Item -Recurse $folder
        try { Connect-TenantDatabase -Server 127.0.0.1 -Port 1 } catch { "ours: $($_.FullyQualifiedErrorId)" }
        [System.Runtime.Loader.AssemblyLoadContext]::All.Where({ $_.Name -eq 'TenancyMigrate' }).Assemblies.ForEach({ $_.GetName().Name }).Where({ $_ -in 'Npgsql', 'YamlDotNet' }) | Sort-Object
        """;

    [SkippableFact]
    public async Task The_module_works_after_an_older_copy() => Check(await PwshProcess.RunAsync($"{LoadOther()}; {UseOther}; {UseOurs}; {UseOther}", withModule: false), others: 2);

    [SkippableFact]
    public async Task An_older_copy_works_after_the_module() => Check(await PwshProcess.RunAsync($"{UseOurs}; {LoadOther()}; {UseOther}", withModule: false), others: 1);

    private static void Check(PwshEnd end, int others)
    {
        Assert.Equal("", end.Error);
        var lines = end.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal(others, lines.Count(static line => line == "other: 13.0.0.0 9.0.3.0 elsewhere"));
        Assert.Equal(["ours: TenantMigration.ConnectionFailed,TenancyMigrate.Cmdlets.ConnectTenantDatabaseCommand", "Npgsql", "YamlDotNet"], lines.Where(static line => !line.StartsWith("other", StringComparison.Ordinal)));
    }

    private static string LoadOther() =>
        string.Join("; ", Paths().Select(static path => $"$null = [System.Reflection.Assembly]::LoadFrom({PwshProcess.Quote(path)})"));

    private static IEnumerable<string> Paths() =>
        typeof(IsolationTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Where(static item => item.Key.StartsWith("Older", StringComparison.Ordinal)).Select(static item => item.Value!);
}
