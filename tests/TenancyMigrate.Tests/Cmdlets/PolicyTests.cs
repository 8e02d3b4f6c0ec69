using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Cmdlets;

/// <summary>When a run stops before its end, and what becomes of the tenants that it did not reach.</summary>
public sealed class PolicyTests
{
    [SkippableFact]
    public async Task Stop_gives_every_tenant_a_result_and_failed_ones_are_retried_alone()
    {
        await using var project = await TestProject.CreateAsync("acme", "broken", "globex", "initech");
        await project.Database.ExecuteAsync("CREATE TABLE broken.invoice (x int)");
        var answer = await project.RunAsync("""
            $results = Get-Tenant | Invoke-TenantMigration -FailurePolicy Stop -ErrorAction SilentlyContinue
            $results
            $results | Where-Object Status -eq Failed | Invoke-TenantMigration -ErrorAction SilentlyContinue
            $results | Where-Object Status -eq Incomplete | Invoke-TenantMigration
            """);
        Assert.Null(answer.Ended);
        Assert.Equal(["acme", "broken", "globex", "initech", "broken", "globex", "initech"], answer.Values("Name"));
        Assert.Equal(["Migrated", "Failed", "Incomplete", "Incomplete", "Failed", "Migrated", "Migrated"], answer.Values("Status"));
        Assert.Equal("NotReached", answer.Objects[2].GetProperty("Failure").GetProperty("ErrorId").GetString());
        Assert.Contains("tenant 'broken'", answer.Objects[2].GetProperty("Error").GetString(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Failed_and_incomplete_results_of_a_limit_are_piped_back_in_with_a_limit()
    {
        await using var project = await TestProject.CreateAsync("a1", "a2", "a3", "a4", "a5");
        await project.Database.ExecuteAsync("CREATE TABLE a1.orders (x int); CREATE TABLE a2.orders (x int); CREATE TABLE a3.orders (x int)");
        var answer = await project.RunAsync("""
            $results = Get-Tenant | Invoke-TenantMigration -MaxFailures 20% -ErrorAction SilentlyContinue
            $results | Export-Clixml results.xml
            $results
            """);
        Assert.Equal(["Failed", "Failed", "Incomplete", "Incomplete", "Incomplete"], answer.Values("Status"));
        Assert.Contains("2 tenants of the run failed, more than the 20% that may", answer.Objects[2].GetProperty("Error").GetString(), StringComparison.Ordinal);

        await project.Database.ExecuteAsync("DROP TABLE a1.orders; DROP TABLE a2.orders");
        var again = await project.RunAsync("""
            Import-Clixml results.xml | Where-Object Status -in Failed, Incomplete | Invoke-TenantMigration -MaxFailures 1 -ErrorVariable problems -ErrorAction SilentlyContinue
            $problems.Count
            """);
        Assert.Equal(["Migrated", "Migrated", "Failed", "Migrated", "Migrated"], again.Objects.Take(5).Select(static item => item.GetProperty("Status").GetString()));
        Assert.Equal(1, again.Objects[5].GetInt32());

        await project.Database.ExecuteAsync("DROP TABLE a3.orders");
        Assert.Equal("down", (await project.RunAsync("Get-Tenant | Undo-TenantMigration -To base -MaxFailures 0 | Select-Object -First 1")).Values("Direction").Single());
    }

    [SkippableFact]
    public async Task Time_and_lag_are_lengths_of_time()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex");
        var answer = (await project.RunAsync("""
            Invoke-TenantMigration acme -TimeBudget 1d -MaxReplicaLag 10s
            Invoke-TenantMigration globex -TimeBudget 0:30 -Until (Get-Date).AddDays(2) -MaxReplicaLag ([timespan]::FromSeconds(5))
            """)).Clean();
        Assert.Equal(["Migrated", "Migrated"], answer.Values("Status"));
        Assert.Contains("No standby is connected", answer.Warnings[0], StringComparison.Ordinal);

        var late = await project.RunAsync("""Get-Tenant | Undo-TenantMigration -To base -TimeBudget 1ms""");
        Assert.Matches(@"^2 tenants were not reached \(acme, globex\): all is to end by \S+ \S+Z\.$", late.Error.Message);
        Assert.Equal(["Incomplete", "Incomplete"], late.Values("Status"));
        Assert.Equal("OutOfTime", late.Objects[0].GetProperty("Failure").GetProperty("ErrorId").GetString());
    }

    [SkippableTheory]
    [InlineData("-MaxFailures five", "TenantMigration.InvalidFailureLimit")]
    [InlineData("-MaxFailures 200%", "TenantMigration.InvalidFailureLimit")]
    [InlineData("-MaxFailures 2 -FailurePolicy Stop", "TenantMigration.InvalidPolicy")]
    [InlineData("-Until (Get-Date).AddHours(-1)", "TenantMigration.InvalidPolicy")]
    [InlineData("-TimeBudget 30", "ParameterArgumentTransformationError")]
    [InlineData("-TimeBudget 0s", "ParameterArgumentTransformationError")]
    [InlineData("-MaxReplicaLag -5", "ParameterArgumentTransformationError")]
    [InlineData("-Transaction AllTenants -MaxFailures 1", "TenantMigration.InvalidPolicy")]
    [InlineData("-Rehearse -MaxFailures 1", "TenantMigration.InvalidPolicy")]
    [InlineData("-Transaction AllTenants -TimeBudget 1h", "TenantMigration.InvalidPolicy")]
    public async Task A_bad_value_is_refused_before_anything_is_touched(string parameters, string id)
    {
        await using var project = await TestProject.CreateAsync("acme");
        var answer = await project.RunAsync($"Get-Tenant | Invoke-TenantMigration {parameters}");
        Assert.Empty(answer.Objects);
        Assert.StartsWith(id, answer.Error.Id, StringComparison.Ordinal);
        Assert.Equal("", await project.TablesAsync("acme"));
    }

    [SkippableFact]
    public async Task An_empty_id_begins_no_run_and_a_plan_that_cannot_be_made_fails_a_job()
    {
        await using var project = await TestProject.CreateAsync("acme");
        var none = await project.RunAsync("Invoke-TenantMigration -Resume ([guid]::Empty)");
        Assert.Empty(none.Objects);
        Assert.StartsWith("TenantMigration.RunNotFound", none.Error.Id, StringComparison.Ordinal);
        Assert.Equal("", await project.TablesAsync("acme"));

        Assert.Null((await project.RunAsync("Get-Tenant | Invoke-TenantMigration -WhatIf -FailOnError")).Ended);
        var planned = await project.RunAsync("Get-Tenant | ForEach-Object { $_; @{Name = 'gone'; Schema = 'gone'} } | Invoke-TenantMigration -WhatIf -FailOnError -ErrorAction SilentlyContinue");
        Assert.Equal(["acme", "gone"], planned.Values("Name"));
        Assert.Contains("1 of 2 failed", planned.Ended!.Message, StringComparison.Ordinal);
    }
}
