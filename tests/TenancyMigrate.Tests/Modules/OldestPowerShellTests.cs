using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Modules;

/// <summary>The module in PowerShell 7.4, whose .NET is 8. All other tests run in the pwsh on PATH.</summary>
public sealed class OldestPowerShellTests
{
    private static readonly string Import = $"$ErrorActionPreference = 'Stop'; Import-Module {PwshProcess.Quote(Repository.Manifest)} -WarningVariable warnings";

    [SkippableFact]
    public async Task It_is_imported_with_its_cmdlets_help_and_completion()
    {
        await using var project = await TestProject.CreateAsync();
        var lines = await RunAsync($$"""
            {{Import}}
            "PowerShell $($PSVersionTable.PSVersion.Major).$($PSVersionTable.PSVersion.Minor) on .NET $([Environment]::Version.Major)"
            "warnings $($warnings.Count)"
            "manifest $((Test-ModuleManifest {{PwshProcess.Quote(Repository.Manifest)}}).Name)"
            "cmdlets $(@(Get-Command -Module TenancyMigrate).Count)"
            "unapproved $(@(Get-Command -Module TenancyMigrate | Where-Object { -not (Get-Verb $_.Verb) }).Count)"
            "helped $(@(Get-Command -Module TenancyMigrate | Where-Object { @((Get-Help $_.Name).examples.example).Count -ge 2 }).Count)"
            "topics $(@(Get-Help about_Tenan*).Count)"
            Set-Location {{PwshProcess.Quote(project.Folder)}}
            "revisions $(({{TabKey.Press("Invoke-TenantMigration -To ")}}).CompletionText)"
            """);
        var cmdlets = Directory.GetFiles(Path.Combine(Repository.Root, "src", "TenancyMigrate", "Cmdlets"), "*Command.cs").Length;
        Assert.Equal(
            ["PowerShell 7.4 on .NET 8", "warnings 0", "manifest TenancyMigrate", $"cmdlets {cmdlets}", "unapproved 0", $"helped {cmdlets}", "topics 4", "revisions b002 a001 first"],
            lines);
    }

    [SkippableFact]
    public async Task It_migrates_fails_undoes_and_reports()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex", "initech");
        await project.Database.ExecuteAsync("CREATE TABLE globex.invoice (id int)");
        var report = Path.Combine(project.Folder, "report.html");
        var lines = await RunAsync($$"""
            {{Import}}
            {{project.Connect}}
            "whatif $(@(Invoke-TenantMigration -WhatIf).Count)"
            $results = Get-Tenant | Invoke-TenantMigration -ErrorAction SilentlyContinue -ErrorVariable failures
            "results $(($results | Sort-Object Name | ForEach-Object { "$($_.Name) $($_.Status)" }) -join ', ')"
            "error $($failures[0].FullyQualifiedErrorId) $($failures[0].CategoryInfo.Category) $($failures[0].TargetObject)"
            "undone $((Undo-TenantMigration acme -Steps 1).Status)"
            "where $((Get-TenantRevision | Where-Object Scope -eq tenant | Sort-Object Name | ForEach-Object { "$($_.Name) $($_.BehindBy)" }) -join ', ')"
            "drift $(@(Compare-TenantSchema -WarningAction Ignore).Count -gt 0)"
            "safety $(@(Test-TenantMigration -FailOn None -WarningAction Ignore).Count -ge 0)"
            $null = Export-TenantReport -Path {{PwshProcess.Quote(report)}}
            "report $((Get-Content -Raw {{PwshProcess.Quote(report)}}) -match 'globex')"
            "table $(($results | Format-Table | Out-String) -match 'Status')"
            try { Connect-TenantDatabase -Server 127.0.0.1 -Port 1 } catch { "setup $($_.FullyQualifiedErrorId.Split(',')[0])" }
            """);
        Assert.Equal(
            [
                "whatif 3",
                "results acme Migrated, globex Failed, initech Migrated",
                "error TenantMigration.StatementFailed,TenancyMigrate.Cmdlets.InvokeTenantMigrationCommand InvalidOperation globex",
                "undone Migrated",
                "where acme 1, globex 1, initech 0",
                "drift True",
                "safety True",
                "report True",
                "table True",
                "setup TenantMigration.ConnectionFailed",
            ],
            lines.SkipWhile(static line => line.StartsWith("What if: ", StringComparison.Ordinal)));
    }

    [SkippableFact]
    public async Task Tenants_complete_from_the_server()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex");
        var lines = await RunAsync($$"""
            {{Import}}
            {{project.Connect}}
            "$(({{TabKey.Press("Invoke-TenantMigration ")}}).CompletionText | Sort-Object)"
            """);
        Assert.Equal(["acme globex"], lines);
    }

    private static async Task<string[]> RunAsync(string script)
    {
        var program = PwshProgram.Oldest;
        Skip.If(program is null, "There is no pwsh-7.4 on PATH, and TENANCY_PWSH_OLDEST names none: this test runs the module in PowerShell 7.4.");
        var end = await PwshProcess.RunWithAsync(program, script);
        Assert.Equal((0, ""), (end.ExitCode, end.Error));
        return end.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
