using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Cmdlets;

/// <summary>Where tenants are: told, counted, tested.</summary>
public sealed class RevisionTests
{
    [SkippableFact]
    public async Task A_summary_counts_tenants_by_state()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex", "initech");
        var answer = (await project.RunAsync("$null = Invoke-TenantMigration acme, globex -To a001; Get-TenantRevision -Summary; Get-TenantRevision -Summary | Out-String -Width 80")).Clean();

        Assert.Equal(["Behind", "Behind"], answer.Objects.Take(2).Select(static item => item.GetProperty("Status").GetString()));
        Assert.Equal("""2 1 ["a001"] ["acme","globex"]""", Show(answer, 0));
        Assert.Equal("""1 2 [] ["initech"]""", Show(answer, 1));
        var table = answer.Objects[2].GetString()!;
        Assert.Matches(@"Status +Count +Behind +Heads +Names", table);
        Assert.Matches(@"Behind +2 +1 +a001 +acme globex", table);
        Assert.Contains("Scope: tenant", table, StringComparison.Ordinal);

        static string Show(PwshAnswer answer, int index)
        {
            var group = answer.Objects[index];
            return $"{group.GetProperty("Count")} {group.GetProperty("BehindBy")} {group.GetProperty("Heads")} {group.GetProperty("Names")}";
        }
    }

    [SkippableFact]
    public async Task The_table_of_revisions_has_the_count_behind_and_none_where_nobody_can_say()
    {
        await using var project = await TestProject.CreateAsync("acme", "gone");
        await project.Database.ExecuteAsync("DROP SCHEMA gone");
        var table = (await project.RunAsync("$null = Invoke-TenantMigration acme -To a001; Get-TenantRevision | Out-String -Width 80")).Clean().Objects[0].GetString()!;
        Assert.Matches(@"Name +Status +Heads +Behind +Changed", table);
        Assert.Matches(@"acme +Behind +a001 +1 +\d{4}-", table);
        Assert.Matches(@"gone +Missing +base\s*$", table.TrimEnd());
    }

    [SkippableFact]
    public async Task Test_TenantMigration_gives_the_tenants_that_are_not_at_head_and_one_error()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex", "initech");
        var answer = await project.RunAsync("$null = Invoke-TenantMigration globex; Test-TenantMigration -Head");
        Assert.Equal(["acme", "initech"], answer.Values("Name"));
        Assert.Null(answer.Ended);
        Assert.Equal("TenantMigration.NotAtHead", answer.Error.Id.Split(',')[0]);
        Assert.Contains("2 of 3 are not at head: acme, initech.", answer.Error.Message, StringComparison.Ordinal);

        var mended = (await project.RunAsync("""
            Test-TenantMigration -Head -ErrorAction SilentlyContinue | Invoke-TenantMigration
            Test-TenantMigration -Head
            """)).Clean();
        Assert.Equal(["Migrated", "Migrated"], mended.Values("Status"));
    }

    [SkippableFact]
    public async Task Quiet_gives_true_or_false()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex");
        var answer = (await project.RunAsync("""
            Test-TenantMigration -Head -Quiet
            $null = Invoke-TenantMigration acme
            Test-TenantMigration acme -Head -Quiet
            Get-Tenant | Test-TenantMigration -Head -Quiet
            @() | Test-TenantMigration -Head -Quiet
            """)).Clean();
        Assert.Equal(["False", "True", "False", "True"], answer.Objects.Select(static item => item.ToString()));
    }

    [SkippableFact]
    public async Task Without_history_all_are_at_base_and_nothing_is_written()
    {
        await using var project = await TestProject.CreateAsync();
        await project.Database.ExecuteAsync("CREATE SCHEMA acme");
        var before = await project.Database.DumpAsync();
        var answer = await project.RunAsync("Test-TenantMigration acme -Head; Test-TenantMigration acme -Head -Quiet; Get-TenantRevision acme -Summary");
        Assert.Equal("TenantMigration.NotAtHead", answer.Error.Id.Split(',')[0]);
        Assert.Equal(3, answer.Objects.Count);
        Assert.Equal(before, await project.Database.DumpAsync());
    }

    [SkippableTheory]
    [InlineData("-Command", "Test-TenantMigration -Head", 1)]
    [InlineData("-Command", "Test-TenantMigration -Head -ErrorAction Stop", 1)]
    [InlineData("-Command", "Invoke-TenantMigration; Test-TenantMigration -Head", 0)]
    [InlineData("-File", "Test-TenantMigration -Head", 0)]
    [InlineData("-File", "Test-TenantMigration -Head -ErrorAction Stop", 1)]
    [InlineData("-File", "if (-not (Test-TenantMigration -Head -Quiet)) { exit 1 }", 1)]
    [InlineData("-File", "Invoke-TenantMigration; Test-TenantMigration -Head -ErrorAction Stop", 0)]
    public async Task Pwsh_ends_as_the_help_says(string how, string script, int code)
    {
        await using var project = await TestProject.CreateAsync("acme");
        script = project.Connect + script;
        if (how == "-File")
        {
            var file = Path.Combine(project.Folder, "job.ps1");
            await File.WriteAllTextAsync(file, $"Import-Module {PwshProcess.Quote(Repository.Manifest)}\n{script}\n");
            Assert.Equal(code, (await PwshProcess.RunFileAsync(file)).ExitCode);
        }
        else
        {
            Assert.Equal(code, (await PwshProcess.RunAsync(script)).ExitCode);
        }
    }
}
