using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Modules;

public sealed class PackageTests
{
    [SkippableFact]
    public async Task The_package_is_found_by_name_and_migrates()
    {
        await using var project = await TestProject.CreateAsync("acme");
        var folder = Directory.CreateTempSubdirectory("tenancy package ").FullName;
        try
        {
            // Not built again: this process tests what lies there, and other tests have it loaded.
            var build = PwshProcess.Quote(Path.Combine(Repository.Root, "build.ps1"));
            var end = await PwshProcess.RunAsync(
                $$"""
                $ErrorActionPreference = 'Stop'
                "made $({{build}} | ForEach-Object { & $_ Package -NoBuild -Destination {{PwshProcess.Quote(folder)}} })"
                $env:PSModulePath = {{PwshProcess.Quote(folder)}} + [IO.Path]::PathSeparator + $env:PSModulePath
                {{project.Connect}}
                "from $((Get-Module TenancyMigrate).ModuleBase)"
                "status $((Invoke-TenantMigration).Status)"
                "help $((Get-Help New-Tenant).Synopsis)"
                "schemas $((Get-ChildItem "$((Get-Module TenancyMigrate).ModuleBase)/schemas").Count)"
                "topics $(@(Get-Help about_Tenan*).Name | Sort-Object)"
                """,
                withModule: false);
            Assert.Equal((0, ""), (end.ExitCode, end.Error));
            var made = Directory.GetDirectories(Path.Combine(folder, "TenancyMigrate"));
            Assert.Equal(
                [$"made {Assert.Single(made)}", $"from {made[0]}", "status Migrated", "help Makes new tenants: the schema, its place in the registry, and every revision up to the latest.", "schemas 3", "topics about_TenancyMigrate about_TenantErrors about_TenantManifest about_TenantRollout"],
                end.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.TrimEnd()));
            Assert.Empty(Directory.EnumerateFiles(folder, "*.pdb", SearchOption.AllDirectories));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
