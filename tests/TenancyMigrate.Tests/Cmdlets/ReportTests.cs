using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Cmdlets;

/// <summary>The report, as a person asks for it.</summary>
public sealed class ReportTests
{
    [SkippableFact]
    public async Task It_is_written_once_and_over_what_is_there_only_with_force()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex");
        var answer = (await project.RunAsync($$"""
            $null = Invoke-TenantMigration acme
            Export-TenantReport -Path ./none.html -WhatIf
            Export-TenantReport -Path ./sub/fleet.html | ForEach-Object { $_.GetType().Name; $_.Name; $shown = $_ | Format-Table | Out-String; $shown -match "\b$($_.Length)\b" }
            Set-Location Env:
            Export-TenantReport -Path (Join-Path {{PwshProcess.Quote(project.Folder)}} sub fleet.html) -Force | ForEach-Object Name
            """)).Clean();

        // With its size in the table, as Get-Item has it.
        Assert.Equal(["FileInfo", "fleet.html", "True", "fleet.html"], answer.Objects.Select(static item => item.ToString()));
        Assert.False(File.Exists(Path.Combine(project.Folder, "none.html")));
        var page = await File.ReadAllTextAsync(Path.Combine(project.Folder, "sub", "fleet.html"));
        Assert.StartsWith("<!DOCTYPE html>", page, StringComparison.Ordinal);
        Assert.Contains("<dd id=\"count-at-head\">1</dd>", page, StringComparison.Ordinal);
        Assert.Contains("<section id=\"run\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<section id=\"drift\"", page, StringComparison.Ordinal);

        Assert.StartsWith("TenantMigration.FileExists", (await project.RunAsync("Export-TenantReport -Path ./sub/fleet.html")).Error.Id, StringComparison.Ordinal);
        Assert.StartsWith("TenantMigration.FileNotWritten", (await project.RunAsync("Export-TenantReport -Path ./sub")).Error.Id, StringComparison.Ordinal);
        Assert.StartsWith("TenantMigration.RunNotFound", (await project.RunAsync("Export-TenantReport -Path ./other.html -RunId (New-Guid)")).Error.Id, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Results_and_comparisons_are_piped_in()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex");
        (await project.RunAsync("""
            $results = Invoke-TenantMigration -Summary
            $results | Export-TenantReport -Path ./run.html
            Compare-TenantSchema acme | Export-TenantReport -Path ./drift.html
            @() | Export-TenantReport -Path ./empty.html
            """)).Clean();

        var (run, drift) = (await File.ReadAllTextAsync(Path.Combine(project.Folder, "run.html")), await File.ReadAllTextAsync(Path.Combine(project.Folder, "drift.html")));
        Assert.Contains("<tr><th scope=\"row\">Migrated</th><td class=\"number\">2</td></tr>", run, StringComparison.Ordinal);
        Assert.DoesNotContain("From history", run, StringComparison.Ordinal);
        Assert.Contains("<dd id=\"count-drifted\">0</dd>", drift, StringComparison.Ordinal);
        Assert.Contains("<dd id=\"count-tenants\">1</dd>", drift, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(project.Folder, "empty.html")));
    }
}
