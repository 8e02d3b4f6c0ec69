using System.Diagnostics;
using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Cmdlets;

/// <summary>Whatever stops the pipeline: no lock is left and no tenant is half done.</summary>
public sealed class StoppingTests
{
    private const int Interrupt = 2;
    private const int Terminate = 15;

    // More than can be ahead of whoever takes the results.
    private static readonly string[] Schemas = ["a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9"];

    private const string LongSql = "CREATE TABLE tenant_schema.slow AS SELECT 1 AS x FROM pg_sleep(120)";

    [SkippableTheory]
    [InlineData("Get-Tenant | Invoke-TenantMigration | Select-Object -First 1")]
    [InlineData("foreach ($x in 1) { Get-Tenant | Invoke-TenantMigration | ForEach-Object { $_; break } }")]
    [InlineData("try { Get-Tenant | Invoke-TenantMigration | ForEach-Object { $_; throw 'enough' } } catch { }")]
    public async Task Stopping_downstream_leaves_each_tenant_at_a_boundary(string script)
    {
        await using var project = await TestProject.CreateAsync(Schemas);
        await project.RunAsync(script);
        Assert.Equal("invoice orders", await project.TablesAsync("a1"));
        await AssertAtBoundariesAsync(project, Schemas);
        Assert.Equal("", await project.TablesAsync("a9"));
    }

    [SkippableFact]
    public async Task ErrorAction_Stop_ends_at_the_first_failing_tenant()
    {
        await using var project = await TestProject.CreateAsync(Schemas);
        await project.Database.ExecuteAsync("CREATE TABLE a1.invoice (x int)");
        var answer = await project.RunAsync("Get-Tenant | Invoke-TenantMigration -ErrorAction Stop");
        Assert.Equal(["Failed"], answer.Values("Status"));
        Assert.NotNull(answer.Ended);
        Assert.Equal("a1", answer.Ended.Target);
        Assert.Equal("", await project.TablesAsync("a9"));
        await AssertAtBoundariesAsync(project, Schemas[1..]);
    }

    [SkippableFact]
    public async Task A_throw_upstream_runs_nothing()
    {
        await using var project = await TestProject.CreateAsync("a1");
        var answer = await project.RunAsync("& { 'a1'; throw 'upstream' } | Invoke-TenantMigration");
        Assert.Contains("upstream", answer.Error.Message, StringComparison.Ordinal);
        Assert.Equal("", await project.TablesAsync("a1"));
        await AssertAtBoundariesAsync(project, "a1");
    }

    [SkippableTheory]
    [InlineData(Interrupt)]
    [InlineData(Terminate)]
    public async Task A_signal_in_the_middle_of_a_statement_rolls_back_and_lets_go(int signal)
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no signals to send.");
        Skip.If(signal == Interrupt && PwshProcess.IgnoresInterrupts(), "This process was started without interrupts, as a shell starts a job in the background, and so is every process of its.");
        await using var project = await TestProject.CreateAsync("a1", "a2");
        await project.WriteThirdAsync(LongSql);
        using var pwsh = PwshProcess.Start(project.Connect + "Get-Tenant | Invoke-TenantMigration; 'goes on'");
        await UntilAsync(async () => await project.Database.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'") == 1);
        var watch = Stopwatch.StartNew();
        pwsh.Signal(signal);
        var end = await pwsh.WaitAsync();
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Assert.DoesNotContain("goes on", end.Output, StringComparison.Ordinal);
        // At once: what the cmdlet held it has let go of before it returned.
        Assert.Equal(0, await project.CountLeftoversAsync());
        Assert.Equal("invoice orders", await project.TablesAsync("a1"));
        await AssertAtBoundariesAsync(project, "a1", "a2");
    }

    [SkippableFact]
    public async Task The_exit_code_of_a_job_with_a_failed_tenant_is_as_the_help_says()
    {
        await using var project = await TestProject.CreateAsync("a1");
        await project.Database.ExecuteAsync("CREATE TABLE a1.invoice (x int)");
        const string Run = "Get-Tenant | Invoke-TenantMigration";
        Assert.Equal(1, (await PwshProcess.RunAsync(project.Connect + Run)).ExitCode);
        Assert.Equal(0, (await PwshProcess.RunAsync($"{project.Connect}{Run}; 'goes on'")).ExitCode);
        Assert.Equal(1, (await PwshProcess.RunAsync($"{project.Connect}{Run} -ErrorAction Stop; 'goes on'")).ExitCode);
        Assert.Equal(1, (await PwshProcess.RunAsync($"{project.Connect}$results = {Run}; if ($results.Status -contains 'Failed') {{ throw 'Tenants failed.' }}")).ExitCode);
    }

    // Tables and history say the same: both revisions, one, or none.
    private static async Task AssertAtBoundariesAsync(TestProject project, params string[] schemas)
    {
        await UntilAsync(async () => await project.CountLeftoversAsync() == 0);
        var states = (await project.RunAsync("Get-TenantRevision | Where-Object Scope -eq tenant")).Clean();
        foreach (var schema in schemas)
        {
            var state = states.Objects.Single(item => item.GetProperty("Schema").GetString() == schema);
            var tables = await project.TablesAsync(schema);
            Assert.Equal(tables switch { "" => "[]", "orders" => """["a001"]""", "invoice orders" => """["b002"]""", _ => tables }, state.GetProperty("Heads").ToString());
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var limit = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(limit.Elapsed < TimeSpan.FromSeconds(60), "It did not happen within a minute.");
            await Task.Delay(50);
        }
    }
}
