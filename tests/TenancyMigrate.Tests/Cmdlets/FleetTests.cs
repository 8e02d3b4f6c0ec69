using System.Globalization;
using Tenancy.Core.Tests;
using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Cmdlets;

/// <summary>Runs over many tenants, databases and servers: limits, progress, the summary, and how an unattended job learns that a tenant failed.</summary>
public sealed class FleetTests
{
    [SkippableFact]
    public async Task Tenants_of_several_databases_run_in_one_pipeline_with_limits()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex");
        await using var other = await PostgresFixture.CreateDatabaseAsync();
        await other.ExecuteAsync("CREATE SCHEMA initech; CREATE SCHEMA umbrella");
        var answer = (await project.RunAsync($$"""
            $tenants = @(Get-Tenant) + @('initech', 'umbrella' | ForEach-Object { @{ Name = $_; Schema = $_; Database = '{{other.Name}}' } })
            $tenants | Invoke-TenantMigration -ThrottleLimit 2 -ServerThrottleLimit 3 | Sort-Object Name
            """)).Clean();
        Assert.Equal(["acme", "globex", "initech", "umbrella"], answer.Values("Name"));
        Assert.Equal(["Migrated"], answer.Values("Status").Distinct());
        Assert.Equal([project.Database.Name, other.Name], answer.Values("Database").Distinct());
    }

    [SkippableFact]
    public async Task What_the_run_takes_for_its_limit_is_told()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex");
        var answer = (await project.RunAsync("$PSDefaultParameterValues = @{}; Invoke-TenantMigration -Verbose")).Clean();
        Assert.Contains(answer.Verbose, static line => line.Contains("at once (two for each of the", StringComparison.Ordinal));
        Assert.Equal(2, answer.Objects.Count);

        var refused = await project.RunAsync("Invoke-TenantMigration -ServerThrottleLimit 0");
        Assert.Contains("ServerThrottleLimit", refused.Error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Bars_tell_the_run_with_its_rate_and_each_server()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex");
        var answer = (await project.RunAsync($$"""
            Get-Tenant | ForEach-Object { @{ Name = $_.Name; Schema = $_.Schema; Server = if ($_.Name -eq 'acme') { 'localhost:{{project.Database.Server.Port.ToString(CultureInfo.InvariantCulture)}}' } else { $_.Server } } } | Invoke-TenantMigration
            """)).Clean();
        Assert.Equal(2, answer.Progress.Where(static bar => bar.Parent > 0).Select(static bar => bar.Activity).Distinct().Count());
        var run = answer.Progress.Where(static bar => bar.Parent <= 0 && !bar.IsCompleted).ToList();
        Assert.Matches("^2 of 2 tenants, [0-9.]+ a second$", run[^1].Status);
        Assert.All(answer.Progress.GroupBy(static bar => bar.Id), static bar => Assert.True(bar.Last().IsCompleted));
    }

    [SkippableFact]
    public async Task A_summary_follows_the_results()
    {
        await using var project = await TestProject.CreateAsync("acme", "broken", "globex");
        await project.Database.ExecuteAsync("CREATE TABLE broken.invoice (x int)");
        var answer = await project.RunAsync("Get-Tenant | Invoke-TenantMigration -Summary -ErrorAction SilentlyContinue");
        Assert.Equal(4, answer.Objects.Count);
        var summary = answer.Objects[^1];
        Assert.Equal((3, 1), (summary.GetProperty("Count").GetInt32(), summary.GetProperty("FailedCount").GetInt32()));
        Assert.Equal(["2 Migrated", "1 Failed"], summary.GetProperty("Statuses").EnumerateArray().Select(static status => $"{status.GetProperty("Count")} {status.GetProperty("Status")}"));
        var failure = Assert.Single(summary.GetProperty("Failures").EnumerateArray());
        Assert.Equal("""["broken"]""", failure.GetProperty("Names").ToString());
        Assert.Equal(answer.Objects[1].GetProperty("Failure").GetProperty("ErrorId").ToString(), failure.GetProperty("ErrorId").ToString());
        Assert.Equal(answer.Objects[0].GetProperty("RunId").ToString(), summary.GetProperty("RunId").ToString());
        Assert.Equal(3, summary.GetProperty("Slowest").GetArrayLength());
        Assert.Contains("2 Migrated, 1 Failed", answer.Text, StringComparison.Ordinal);

        await project.Database.ExecuteAsync("DROP TABLE broken.invoice");
        var again = (await project.RunAsync("""
            $summary = Invoke-TenantMigration -Summary | Select-Object -Last 1
            $summary.IsSuccess
            "$summary"
            ($summary | ConvertTo-Json -Depth 5 | ConvertFrom-Json).Statuses.Count
            Undo-TenantMigration -Steps 1 -Summary | Select-Object -Last 1 -ExpandProperty Direction
            """)).Clean();
        Assert.Equal(["True", "2 UpToDate, 1 Migrated", "2", "down"], again.Objects.Select(static item => item.ToString()));
    }

    [SkippableTheory]
    [InlineData("Invoke-TenantMigration -Summary -FailOnError")]
    [InlineData("Get-Tenant | Invoke-TenantMigration -Summary -FailOnError")]
    public async Task A_fleet_without_tenants_has_a_summary_too(string command)
    {
        await using var project = await TestProject.CreateAsync();
        Assert.Equal(["0"], (await project.RunAsync(command)).Clean().Values("Count"));
    }

    [SkippableFact]
    public async Task FailOnError_ends_a_script_when_all_results_are_out()
    {
        await using var project = await TestProject.CreateAsync("acme", "broken", "globex");
        await project.Database.ExecuteAsync("CREATE TABLE broken.invoice (x int)");
        var script = Path.Combine(project.Folder, "job.ps1");
        await File.WriteAllTextAsync(script, $"""
            Import-Module {PwshProcess.Quote(Repository.Manifest)}
            {project.Connect}
            Invoke-TenantMigration -FailOnError -Summary 2>$null | ForEach-Object ToString
            'not reached'
            """);

        var failed = await PwshProcess.RunFileAsync(script);
        Assert.Equal(1, failed.ExitCode);
        Assert.Equal(["acme", "broken", "globex", "2 Migrated, 1 Failed"], failed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("1 of 3 failed", failed.Error, StringComparison.Ordinal);

        await project.Database.ExecuteAsync("DROP TABLE broken.invoice");
        var mended = await PwshProcess.RunFileAsync(script);
        Assert.Equal((0, ""), (mended.ExitCode, mended.Error));
        Assert.Contains("not reached", mended.Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task FailOnError_can_be_caught_and_tells_what_failed()
    {
        await using var project = await TestProject.CreateAsync("acme", "broken");
        await project.Database.ExecuteAsync("CREATE TABLE broken.orders (x int)");
        var answer = await project.RunAsync("""
            try { Invoke-TenantMigration -FailOnError -ErrorAction SilentlyContinue } catch { $_.FullyQualifiedErrorId; $_.Exception.Message; $_.TargetObject.FailedCount }
            'goes on'
            """);
        Assert.Equal(6, answer.Objects.Count);
        Assert.Equal("TenantMigration.TenantsFailed", answer.Objects[2].GetString()!.Split(',')[0]);
        Assert.Contains("(broken)", answer.Objects[3].GetString(), StringComparison.Ordinal);
        Assert.Equal(1, answer.Objects[4].GetInt32());
    }

    [SkippableFact]
    public async Task Listeners_of_the_process_hear_of_a_run()
    {
        // The engine's load context has a diagnostics library of its own; what it tells must not stay there.
        await using var project = await TestProject.CreateAsync("acme");
        var answer = (await project.RunAsync("""
            Add-Type -TypeDefinition @'
            using System.Collections.Concurrent;
            using System.Diagnostics;
            public static class Heard
            {
                public static readonly ConcurrentQueue<string> Spans = new();
                public static void Listen() => ActivitySource.AddActivityListener(new ActivityListener
                {
                    ShouldListenTo = source => source.Name == "TenancyMigrate",
                    Sample = (ref ActivityCreationOptions<ActivityContext> options) => ActivitySamplingResult.AllData,
                    ActivityStopped = span => Spans.Enqueue(span.OperationName + " " + span.GetTagItem("tenancy.tenant")),
                });
            }
            '@
            [Heard]::Listen()
            $null = Invoke-TenantMigration
            [Heard]::Spans.ToArray()
            """)).Clean();
        Assert.Equal(["tenancy.revision acme", "tenancy.revision acme", "tenancy.tenant acme", "tenancy.run "], answer.Objects.Select(static item => item.GetString()).Where(static name => name!.Contains("acme", StringComparison.Ordinal) || name.StartsWith("tenancy.run", StringComparison.Ordinal)));
    }

    [SkippableFact]
    public async Task A_rehearsal_and_an_estimate_have_the_same_limits_summary_and_end()
    {
        await using var project = await TestProject.CreateAsync("acme", "broken", "globex");
        await project.Database.ExecuteAsync("CREATE TABLE broken.invoice (x int)");
        var answer = await project.RunAsync("""
            $PSDefaultParameterValues = @{}
            Measure-TenantMigration acme | Select-Object -ExpandProperty ThrottleLimit
            try { Invoke-TenantMigration -Rehearse -Summary -FailOnError -ErrorAction SilentlyContinue -OutVariable results | Out-Null }  catch { $results[-1]; $_.Exception.Message }
            """);
        Assert.Equal(3, answer.Objects.Count);
        Assert.InRange(answer.Objects[0].GetInt32(), 1, 16);
        Assert.Equal((3, 1), (answer.Objects[1].GetProperty("Count").GetInt32(), answer.Objects[1].GetProperty("FailedCount").GetInt32()));
        Assert.StartsWith("1 of 3 failed", answer.Objects[2].GetString(), StringComparison.Ordinal);
    }
}
