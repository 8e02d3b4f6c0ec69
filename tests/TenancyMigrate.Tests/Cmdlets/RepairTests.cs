using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Cmdlets;

public sealed class RepairTests
{
    private const string Change = "(Get-Content manifests/b002.yaml -Raw) -replace 'description: Invoices', 'description: All invoices' | Set-Content manifests/b002.yaml -NoNewline\n";

    [SkippableFact]
    public async Task Repair_TenantMigration_reports_asks_and_mends_each_thing()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex", "gone");
        (await project.RunAsync("$null = Invoke-TenantMigration\n" + Change)).Clean();
        await project.Database.ExecuteAsync("DROP SCHEMA gone CASCADE");
        var before = await project.Database.DumpAsync();

        var found = (await project.RunAsync("Repair-TenantMigration -WhatIf")).Clean();
        Assert.Equal(["acme", "globex", "gone"], found.Values("Name"));
        Assert.Equal(["Found", "Found", "Found"], found.Values("Status"));
        Assert.Equal(["Checksum", "Checksum", "Orphan"], found.Values("Kind"));
        Assert.Equal(before, await project.Database.DumpAsync());

        var orphans = (await project.RunAsync("Repair-TenantMigration -Orphan -Verbose")).Clean();
        Assert.Equal(["gone Repaired"], orphans.Objects.Select(static item => $"{item.GetProperty("Name")} {item.GetProperty("Status")}"));
        Assert.Contains(orphans.Verbose, static line => line.Contains("Schema gone does not exist", StringComparison.Ordinal));

        var one = (await project.RunAsync("Get-TenantRevision | Where-Object Status -eq ChecksumMismatch | Where-Object Name -eq acme | Repair-TenantMigration")).Clean();
        Assert.Equal(["acme Repaired"], one.Objects.Select(static item => $"{item.GetProperty("Name")} {item.GetProperty("Status")}"));

        var rest = (await project.RunAsync("""
            Repair-TenantMigration -Checksum | Out-String -Width 80
            Get-TenantHistory | Where-Object Direction -eq repair
            Get-TenantRevision
            """)).Clean();
        Assert.Matches(@"Name +Problem +Status +Revision +Action", rest.Objects[0].GetString());
        Assert.Matches(@"globex +ChecksumMismatch +Repaired +b002", rest.Objects[0].GetString());
        Assert.All(rest.Objects[0].GetString()!.Split('\n'), static line => Assert.InRange(line.TrimEnd().Length, 0, 80));
        Assert.Equal(["gone ", "acme b002", "globex b002"], rest.Objects.Skip(1).Take(3).Select(static item => $"{item.GetProperty("Name")} {item.GetProperty("Revision")}"));
        Assert.Equal(["acme AtHead", "globex AtHead"], rest.Objects.Skip(4).Select(static item => $"{item.GetProperty("Name")} {item.GetProperty("Status")}"));
    }

    [SkippableFact]
    public async Task A_finding_that_is_declined_is_only_told_and_findings_pipe_back_in()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex");
        (await project.RunAsync("$null = Invoke-TenantMigration\n" + Change)).Clean();
        var answer = (await project.RunAsync("Repair-TenantMigration -WhatIf | Where-Object Name -eq globex | Repair-TenantMigration")).Clean();
        Assert.Equal(["globex"], answer.Values("Name"));
        Assert.Equal(["Repaired"], answer.Values("Status"));
        Assert.Equal(1L, await project.Database.ScalarAsync<long>("SELECT count(*) FROM tenancy.history WHERE direction = 'repair'"));
    }

    [SkippableFact]
    public async Task What_is_in_use_fails_with_an_error_and_stops_no_other()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex");
        await File.WriteAllTextAsync(Path.Combine(project.Folder, "tenancy.yaml"), "fleet: test\ntimeouts: {tenant_lock: 300ms}\n");
        (await project.RunAsync("$null = Invoke-TenantMigration\n" + Change)).Clean();
        await using var holder = await project.Database.DataSource.OpenConnectionAsync();
        await using (var command = holder.CreateCommand())
        {
            command.CommandText = "SELECT tenancy.try_lock_session('test', 'tenant', 'acme')";
            await command.ExecuteNonQueryAsync();
        }

        var answer = await project.RunAsync("Repair-TenantMigration");
        Assert.Equal(["acme Failed", "globex Repaired"], answer.Objects.Select(static item => $"{item.GetProperty("Name")} {item.GetProperty("Status")}"));
        Assert.Equal("TenantMigration.TenantInUse", answer.Error.Id.Split(',')[0]);
    }
}
