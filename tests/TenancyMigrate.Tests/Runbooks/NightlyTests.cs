using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Runbooks;

public sealed class NightlyTests
{
    private const string Script = "Invoke-NightlyMigration.ps1";

    [SkippableFact]
    public async Task A_night_with_a_failure_and_the_night_after()
    {
        await using var project = await TestProject.CreateAsync("acme", "broken", "globex");
        using var runbook = new Runbook(project);
        await project.Database.ExecuteAsync("CREATE TABLE broken.invoice (x int)");

        var first = await runbook.RunAsync(Script, 2, "FAILED: 1 of 3 failed (2 Migrated, 1 Failed).", "-MaxFailures", "1");
        Assert.Contains(first.Lines, static line => line.StartsWith("  1 StatementFailed: broken: ", StringComparison.Ordinal) || line.Contains(": broken: ", StringComparison.Ordinal));
        Assert.Equal(("invoice orders", "invoice orders"), (await project.TablesAsync("acme"), await project.TablesAsync("globex")));
        Assert.Contains("already exists", await File.ReadAllTextAsync(Assert.Single(runbook.ReportFiles)), StringComparison.Ordinal);

        await project.Database.ExecuteAsync("DROP TABLE broken.invoice");
        await runbook.RunAsync(Script, 0, "OK: 2 UpToDate, 1 Migrated.");
        await runbook.RunAsync(Script, 0, "OK: 3 UpToDate.");
        Assert.Equal(3, runbook.ReportFiles.Length);
    }

    [SkippableFact]
    public async Task A_night_that_was_killed_goes_on_and_one_without_time_says_so()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex", "zed");
        using var runbook = new Runbook(project);
        (await project.RunAsync("Invoke-TenantMigration -To a001")).Clean();

        await using (var blocker = await project.Database.DataSource.OpenConnectionAsync())
        {
            await using var transaction = await blocker.BeginTransactionAsync();
            await using var command = blocker.CreateCommand();
            command.CommandText = "LOCK TABLE zed.orders";
            await command.ExecuteNonQueryAsync();
            using var process = runbook.Start(Script);
            await project.UntilAsync("SELECT (SELECT count(*) = 2 FROM tenancy.head WHERE revision = 'b002') AND EXISTS (SELECT FROM pg_locks WHERE relation = 'zed.orders'::regclass AND NOT granted)");
            process.Signal(9);
            await process.WaitAsync();
            // On the server it would wait until it noticed that nobody listens any more.
            await project.EndSessionsAsync();
        }

        var late = await runbook.RunAsync(Script, 3, "NOT DONE: 3 of 3 were not reached (3 Incomplete).", "-TimeBudget", "1ms");
        var again = await runbook.RunAsync(Script, 0, "OK: 2 UpToDate, 1 Migrated.");
        Assert.Equal(late.Lines[1], again.Lines[1]);
        Assert.StartsWith("Goes on with run ", again.Lines[1], StringComparison.Ordinal);
        Assert.DoesNotContain((await runbook.RunAsync(Script, 0, "OK: 3 UpToDate.")).Lines, static line => line.StartsWith("Goes on", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task A_job_that_cannot_run_ends_with_1_and_says_why()
    {
        await using var project = await TestProject.CreateAsync("acme");
        using var runbook = new Runbook(project);
        await project.WriteAsync("c003", "revision: c003\nparent: nowhere\nup: [{sql: SELECT 1, undo: SELECT 1}]\n");

        using var process = runbook.Start(Script);
        var end = await process.WaitAsync();

        Assert.Equal(1, end.ExitCode);
        Assert.True(end.Error.Contains("nowhere", StringComparison.Ordinal), end.Error);
    }

    [SkippableTheory]
    [InlineData(Script)]
    [InlineData("Find-Drift.ps1")]
    public async Task A_database_without_tenants_is_not_taken_for_a_success(string script)
    {
        await using var project = await TestProject.CreateAsync();
        using var runbook = new Runbook(project);

        using var process = runbook.Start(script);
        var end = await process.WaitAsync();

        Assert.Equal(1, end.ExitCode);
        Assert.Contains("Is it the right database?", end.ErrorText, StringComparison.Ordinal);
    }
}
