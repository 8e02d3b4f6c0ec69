using System.IO.Compression;
using TenancyMigrate.Packaging;
using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Packaging;

/// <summary>What is published, as people get it into their PowerShell.</summary>
public sealed class InstallTests(StagedModule staged) : IClassFixture<StagedModule>
{
#if DEBUG
    private const string Configuration = "Debug";
#else
    private const string Configuration = "Release";
#endif

    private const string ModuleInfo = "module $(Get-Module TenancyMigrate | ForEach-Object { \"$($_.Version) $($_.Guid) $($_.Author) $($_.ExportedCmdlets.Count)\" })";

    [SkippableFact]
    public async Task The_folder_that_the_build_makes_is_found_by_name_and_migrates()
    {
        await using var project = await TestProject.CreateAsync("acme");
        var folder = Directory.CreateTempSubdirectory("tenancy package ").FullName;
        try
        {
            // Not built again: this process tests what lies there, and other tests have it loaded.
            var lines = await RunAsync($$"""
                $made = & {{PwshProcess.Quote(Path.Combine(Repository.Root, "build.ps1"))}} Package -NoBuild -Configuration {{Configuration}} -Destination {{PwshProcess.Quote(folder)}} -Sign {
                    param($Files, $Folder)
                    foreach ($file in $Files) { Add-Content -LiteralPath "$Folder/signed.txt" ([IO.Path]::GetRelativePath($Folder, $file)) }
                }
                "made $(($made | ForEach-Object { [IO.Path]::GetRelativePath({{PwshProcess.Quote(folder)}}, $_) }) -join ' ')"
                "signed $((Get-Content "$($made[0])/signed.txt").Count)"
                $env:PSModulePath = {{PwshProcess.Quote(folder)}} + [IO.Path]::PathSeparator + $env:PSModulePath
                {{project.Connect}}
                "{{ModuleInfo}}"
                "status $((Invoke-TenantMigration).Status)"
                "help $((Get-Help New-Tenant).Synopsis)"
                "schemas $((Get-ChildItem "$((Get-Module TenancyMigrate).ModuleBase)/schemas").Count)"
                "topics $(@(Get-Help about_Tenan*).Name | Sort-Object)"
                """);
            var manifest = ModuleManifest.Read(Repository.Manifest);
            Assert.Equal(
                [
                    $"made {Path.Combine("TenancyMigrate", manifest.FolderVersion)} TenancyMigrate.{manifest.Version}.nupkg",
                    $"signed {SigningList.Find(staged.Folder).Count}",
                    $"module {manifest.FolderVersion} {manifest.Fields["GUID"]} {manifest.Author} {manifest.Cmdlets.Count}",
                    "status Migrated",
                    "help Makes new tenants: the schema, its place in the registry, and every revision up to the latest.",
                    "schemas 3",
                    "topics about_TenancyMigrate about_TenantErrors about_TenantManifest about_TenantRollout",
                ],
                lines);
            using var package = ZipFile.OpenRead(Assert.Single(Directory.GetFiles(folder, "*.nupkg")));
            Assert.NotNull(package.GetEntry("signed.txt"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [SkippableFact]
    public async Task The_package_is_installed_from_a_repository()
    {
        // Of a folder as a repository: as Install-PSResource does where PowerShell has it, else by hand as it does, without what is NuGet's own.
        var to = Directory.CreateTempSubdirectory("tenancy-modules-").FullName;
        try
        {
            var manifest = ModuleManifest.Read(Repository.Manifest);
            var lines = await RunAsync($$"""
                $place = Join-Path {{PwshProcess.Quote(to)}} TenancyMigrate {{PwshProcess.Quote(manifest.FolderVersion)}}
                if (Get-Command Install-PSResource -ErrorAction Ignore) {
                    Register-PSResourceRepository -Name Local -Uri {{PwshProcess.Quote(Path.GetDirectoryName(staged.Package)!)}} -Trusted
                    "found $((Find-PSResource TenancyMigrate -Repository Local).Version)"
                    Save-PSResource TenancyMigrate -Repository Local -Path {{PwshProcess.Quote(to)}} -TrustRepository
                }
                else {
                    [IO.Compression.ZipFile]::ExtractToDirectory({{PwshProcess.Quote(staged.Package)}}, $place)
                    Remove-Item -Recurse -Force -LiteralPath "$place/_rels", "$place/package", "$place/[Content_Types].xml", "$place/TenancyMigrate.nuspec"
                    "found {{manifest.FolderVersion}}"
                }
                "files $(@(Get-ChildItem -Recurse -File $place -Exclude PSGetModuleInfo.xml).Count)"
                $env:PSModulePath = {{PwshProcess.Quote(to)}} + [IO.Path]::PathSeparator + $env:PSModulePath
                Import-Module TenancyMigrate -WarningVariable warnings
                "{{ModuleInfo}}"
                "warnings $($warnings.Count)"
                "manifest $((Test-ModuleManifest "$place/TenancyMigrate.psd1").Version)"
                "autoload $((Get-Command Invoke-TenantMigration).Version)"
                """);
            Assert.Equal(
                [
                    $"found {manifest.FolderVersion}",
                    $"files {staged.Files.Count}",
                    $"module {manifest.FolderVersion} {manifest.Fields["GUID"]} {manifest.Author} {manifest.Cmdlets.Count}",
                    "warnings 0",
                    $"manifest {manifest.FolderVersion}",
                    $"autoload {manifest.FolderVersion}",
                ],
                lines);
        }
        finally
        {
            Directory.Delete(to, recursive: true);
        }
    }

    private static async Task<string[]> RunAsync(string script)
    {
        var end = await PwshProcess.RunAsync("$ErrorActionPreference = 'Stop'\n" + script, withModule: false);
        Assert.Equal((0, ""), (end.ExitCode, end.Error));
        return end.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
