using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Cmdlets;

public sealed class RehearsalTests
{
    [SkippableFact]
    public async Task Rehearse_names_the_tenant_that_would_fail_and_the_others_pipe_into_the_run()
    {
        await using var project = await TestProject.CreateAsync("acme", "broken", "globex");
        (await project.RunAsync("Get-Tenant | Invoke-TenantMigration")).Clean();
        await project.Database.ExecuteAsync("INSERT INTO broken.orders (note) VALUES ('twice'), ('twice')");
        await project.WriteThirdAsync("ALTER TABLE orders ADD CONSTRAINT one_note UNIQUE (note)");

        var answer = await project.RunAsync("$rehearsed = Get-Tenant | Invoke-TenantMigration -Rehearse -ThrottleLimit 1; $rehearsed");

        Assert.Equal(["Rehearsed", "WouldFail", "Rehearsed"], answer.Values("Status"));
        Assert.Equal("broken", answer.Error.Target);
        Assert.StartsWith("TenantMigration.ConstraintViolated", answer.Error.Id, StringComparison.Ordinal);
        Assert.Equal("InvalidData", answer.Error.Category);
        Assert.Contains("c003.yaml:6", answer.Error.Message, StringComparison.Ordinal);
        Assert.Equal("""["b002"]""", answer.Objects[1].GetProperty("To").ToString());
        Assert.Contains("WouldFail", answer.Text, StringComparison.Ordinal);
        Assert.Contains("AccessExclusive orders", answer.Text, StringComparison.Ordinal);
        Assert.All(answer.Text.Split('\n'), static line => Assert.InRange(line.TrimEnd('\r').Length, 0, 120));
        Assert.Equal(0, await project.CountLeftoversAsync());

        var run = (await project.RunAsync("Get-Tenant | Invoke-TenantMigration -Rehearse -ErrorAction SilentlyContinue | Where-Object Status -eq Rehearsed | Invoke-TenantMigration")).Clean();
        Assert.Equal(["acme", "globex"], run.Values("Name"));
        Assert.Equal(["Migrated", "Migrated"], run.Values("Status"));
        Assert.Equal(["Rehearsed"], (await project.RunAsync("Undo-TenantMigration acme -Steps 1 -Rehearse")).Clean().Values("Status"));
    }

    [SkippableFact]
    public async Task A_sample_is_of_a_rehearsal_and_WhatIf_still_gives_plans()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex", "initech");
        Assert.Single((await project.RunAsync("Invoke-TenantMigration -Rehearse -Sample 1")).Clean().Objects);
        var wrong = await project.RunAsync("Invoke-TenantMigration -Sample 1");
        Assert.StartsWith("TenantMigration.SampleWithoutRehearse", wrong.Error.Id, StringComparison.Ordinal);
        Assert.Equal("", await project.TablesAsync("acme"));
        var plans = (await project.RunAsync("Invoke-TenantMigration -Rehearse -WhatIf")).Clean();
        Assert.Equal(3, plans.Objects.Count);
        Assert.True(plans.Objects[0].TryGetProperty("Steps", out _));
        var unknown = await project.RunAsync("Invoke-TenantMigration -Rehearse -Argument @{ nothing = 1 }");
        Assert.StartsWith("TenantMigration.UnknownArgument", unknown.Error.Id, StringComparison.Ordinal);
        var none = (await project.RunAsync("@() | Invoke-TenantMigration -Rehearse; @() | Measure-TenantMigration")).Clean();
        Assert.Empty(none.Objects);
    }

    [SkippableFact]
    public async Task Measure_gives_one_estimate_that_a_terminal_shows()
    {
        await using var project = await TestProject.CreateAsync("acme", "broken", "globex");
        (await project.RunAsync("Get-Tenant | Invoke-TenantMigration")).Clean();
        await project.Database.ExecuteAsync("INSERT INTO broken.orders (note) VALUES ('twice'), ('twice')");
        await project.WriteThirdAsync("ALTER TABLE orders ADD CONSTRAINT one_note UNIQUE (note)");

        var answer = await project.RunAsync("""
            $estimate = Measure-TenantMigration -ThrottleLimit 2
            $estimate
            $estimate | Out-String -Width 80
            $estimate.Plans | Out-String -Width 80
            $estimate.Plans | Format-List | Out-String -Width 80
            $estimate.Plans.Statements | Out-String -Width 120
            $estimate.Rehearsals | Format-List | Out-String -Width 80
            $estimate.Plans.Locks | Out-String -Width 120
            """);

        Assert.Equal("broken", answer.Error.Target);
        var estimate = answer.Objects[0];
        Assert.Equal("3 3 3 1 2", string.Join(' ', new[] { "Tenants", "Pending", "Sampled", "WouldFail", "ThrottleLimit" }.Select(name => estimate.GetProperty(name).ToString())));
        Assert.True(estimate.GetProperty("Seconds").GetDouble() > 0);
        var texts = answer.Objects.Skip(1).Select(static item => item.GetString()!).ToList();
        Assert.Contains("3, of which 1 would fail", texts[0], StringComparison.Ordinal);
        Assert.Contains("the mean of 2 measured", texts[0].ReplaceLineEndings(" ").Replace("                ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("b002 → c003", texts[1], StringComparison.Ordinal);
        Assert.Contains("AccessExclusive orders", texts[1], StringComparison.Ordinal);
        Assert.Contains("c003.yaml:6", texts[3], StringComparison.Ordinal);
        Assert.Contains("UTC", texts[4].Replace("Z", "UTC", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("AccessExclusive", texts[5], StringComparison.Ordinal);
        Assert.Equal(0, await project.CountLeftoversAsync());
    }

    [SkippableFact]
    public async Task A_rehearsal_keeps_its_values_through_json_and_clixml()
    {
        await using var project = await TestProject.CreateAsync("acme");
        var answer = (await project.RunAsync("""
            $results = Invoke-TenantMigration -Rehearse
            $results | Export-Clixml results.xml
            foreach ($again in ($results | ConvertTo-Json -Depth 6 | ConvertFrom-Json), (Import-Clixml results.xml)) {
                "$($again.Name) $($again.Status) $($again.Seconds -eq $results.Seconds) $($again.Statements[0].Line) $($again.LockCount -eq $results.LockCount)"
                ($again | Invoke-TenantMigration -To a001 -WhatIf).Name
            }
            """)).Clean();
        Assert.Equal(["acme Rehearsed True 5 True", "acme", "acme Rehearsed True 5 True", "acme"], answer.Objects.Select(static item => item.GetString()));
    }
}
