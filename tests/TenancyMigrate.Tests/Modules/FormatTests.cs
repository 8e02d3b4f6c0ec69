using System.Text.RegularExpressions;
using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Modules;

/// <summary>What a person sees in a terminal of 80 columns.</summary>
public sealed class FormatTests
{
    [SkippableFact]
    public async Task A_table_of_results_shows_the_whole_error()
    {
        await using var project = await TestProject.CreateAsync("acme", "a_tenant_of_a_longer_name");
        await project.WriteThirdAsync("SELECT 1/(SELECT count(*) FROM orders)");
        var answer = (await project.RunAsync("Invoke-TenantMigration -ErrorAction SilentlyContinue | Out-String -Width 80")).Clean();
        var lines = Lines(answer);
        Assert.All(lines, static line => Assert.InRange(line.Length, 0, 80));

        // Each column is wrapped by itself, so the error is read from where its column begins.
        var from = lines.First(static line => line.StartsWith("Name", StringComparison.Ordinal)).IndexOf("Error", StringComparison.Ordinal);
        var column = string.Concat(lines.Select(line => line.Length > from ? line[from..] : ""));
        Assert.Equal(2, Regex.Count(column.Replace(" ", "", StringComparison.Ordinal), Regex.Escape("c003.yaml:6:divisionbyzero(22012).")));
        Assert.DoesNotContain("…", string.Concat(lines), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_list_has_all_revisions_and_a_summary_behind_a_table_has_its_own_view()
    {
        await using var project = await TestProject.CreateAsync("acme");
        foreach (var (revision, parent) in new[] { ("c003", "b002"), ("d004", "c003"), ("e005", "d004") })
        {
            await project.WriteAsync(revision, $"revision: {revision}\nparent: {parent}\nup:\n  - sql: SELECT 1\n    undo: SELECT 1\n");
        }

        var answer = (await project.RunAsync("Invoke-TenantMigration -WhatIf | Format-List | Out-String; Invoke-TenantMigration -Summary | Out-String; New-Tenant acme -ErrorAction SilentlyContinue | Out-String")).Clean();
        Assert.Contains("Revisions : a001, b002, c003, d004, e005", answer.Objects[0].GetString(), StringComparison.Ordinal);
        Assert.Matches(@"(?s)Name .*acme +Migrated.*RunId +: .*Started +: \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ.*Statuses +: 1 Migrated", answer.Objects[1].GetString());
        // Nobody looked where it is.
        Assert.Matches("acme +Failed +0", answer.Objects[2].GetString());
    }

    [SkippableFact]
    public async Task Times_say_that_they_are_UTC()
    {
        await using var project = await TestProject.CreateAsync("acme");
        var answer = (await project.RunAsync("""
            $results = Invoke-TenantMigration
            foreach ($objects in $results, (Get-TenantRevision), (Get-TenantHistory)) { $objects | Format-List | Out-String -Width 80 }
            foreach ($objects in (Get-TenantRevision), (Get-TenantHistory)) { $objects | Out-String -Width 80 }
            """)).Clean();
        Assert.Equal(5, answer.Objects.Count);
        Assert.All(answer.Objects, static text => Assert.Matches(@"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", text.GetString()));
    }

    [SkippableFact]
    public async Task A_table_of_history_tells_steps_from_revisions()
    {
        await using var project = await TestProject.CreateAsync("acme");
        await project.WriteThirdAsync("CREATE INDEX CONCURRENTLY orders_again ON tenant_schema.orders (id)");
        var answer = (await project.RunAsync("$null = Invoke-TenantMigration; Get-TenantHistory | Out-String -Width 80")).Clean();
        var lines = Lines(answer);
        Assert.All(lines, static line => Assert.InRange(line.Length, 0, 80));
        Assert.Single(lines, static line => line.Contains("Z c003, step 1: CREATE", StringComparison.Ordinal));
        Assert.Single(lines, static line => line.EndsWith("Z c003", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task WhatIf_says_one_line_for_all_tenants()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex", "initech");
        var end = await PwshProcess.RunAsync(project.Connect + """
            Invoke-TenantMigration -WhatIf | Out-Null
            Get-Tenant acme | Invoke-TenantMigration -WhatIf | Out-Null
            $WhatIfPreference = $true
            Set-TenantRevision -To a001 | Out-Null
            (Invoke-TenantMigration -WarningAction SilentlyContinue).Count
            """);
        Assert.Equal(
            ["What if: Migrate each of 3 tenants", "What if: Migrate tenant 'acme'", "What if: Say that each of 3 tenants is at a001", "What if: Migrate each of 3 tenants", "3"],
            end.Lines.Where(static line => !line.StartsWith("WARNING", StringComparison.Ordinal)));
        Assert.Equal("", await project.TablesAsync("acme"));
    }

    private static string[] Lines(PwshAnswer answer) =>
        Assert.Single(answer.Objects).GetString()!.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.TrimEnd()).ToArray();
}
