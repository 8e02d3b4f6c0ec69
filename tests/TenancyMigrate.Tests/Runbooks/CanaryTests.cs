using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Runbooks;

/// <summary>With the rollout.yaml that lies beside the script.</summary>
public sealed class CanaryTests
{
    private const string Script = "Invoke-CanaryRollout.ps1";

    private static readonly string Rollout = Path.Combine(Runbook.Folder, "rollout.yaml");

    [SkippableFact]
    public async Task The_canary_soaks_its_query_stops_the_rollout_and_it_goes_on()
    {
        await using var project = await CreateAsync();
        using var runbook = new Runbook(project);

        var first = await runbook.RunAsync(Script, 3, "NOT DONE: 3 tenants are left", "-Rollout", Rollout, "-TimeBudget", "20min");
        Assert.Contains("Rehearsed ring 'canary': 1 Rehearsed.", first.Lines);
        Assert.Contains("  ring 'canary': 1 Migrated", first.Lines);
        Assert.Equal(("invoice orders", ""), (await project.TablesAsync("first"), await project.TablesAsync("small")));

        await project.Database.ExecuteAsync("UPDATE tenancy.ring SET soak_until = now(), ended_at = now() - interval '1 h'; INSERT INTO shared.alert VALUES (now())");
        var alarmed = await runbook.RunAsync(Script, 2, "FAILED: the rollout stopped", "-Rollout", Rollout);
        Assert.Contains(alarmed.Lines, static line => line.Contains("which came to ring 'canary'", StringComparison.Ordinal));
        Assert.Equal("", await project.TablesAsync("small"));

        await project.Database.ExecuteAsync("DELETE FROM shared.alert");
        await runbook.RunAsync(Script, 3, "NOT DONE: 2 tenants are left", "-Rollout", Rollout);
        await project.Database.ExecuteAsync("UPDATE tenancy.ring SET soak_until = now(), ended_at = now() - interval '3 h'");
        var last = await runbook.RunAsync(Script, 0, "OK: 2 Migrated, 2 UpToDate.", "-Rollout", Rollout);
        Assert.Contains("  ring 'rest': 2 Migrated", last.Lines);
        Assert.Equal("OK: nothing is pending.", (await runbook.RunAsync(Script, 0, "OK", "-Rollout", Rollout)).Lines[^1]);
    }

    [SkippableFact]
    public async Task What_the_rehearsal_or_the_checks_find_changes_nothing()
    {
        await using var project = await CreateAsync();
        using var runbook = new Runbook(project);
        await project.Database.ExecuteAsync("CREATE TABLE first.invoice (x int)");
        var end = await runbook.RunAsync(Script, 2, "FAILED: 1 of ring 'canary' would fail. Nothing was changed.", "-Rollout", Rollout);
        Assert.Contains(end.Lines, static line => line.StartsWith("  first: ", StringComparison.Ordinal) && line.Contains("already exists", StringComparison.Ordinal));
        Assert.Equal("invoice", await project.TablesAsync("first"));

        await project.WriteThirdAsync("INSERT INTO first.orders (note) VALUES ('of another')");
        var unsafeEnd = await runbook.RunAsync(Script, 2, "FAILED: the statements above are not safe. Nothing was changed.", "-Rollout", Rollout);
        Assert.Contains(unsafeEnd.Lines, static line => line.Contains("hard-coded-schema: first is a tenant's schema", StringComparison.Ordinal));
        Assert.DoesNotContain(unsafeEnd.Lines, static line => line.Contains("down-loses-data", StringComparison.Ordinal));
    }

    // One canary, one small tenant, two others.
    private static async Task<TestProject> CreateAsync()
    {
        var project = await TestProject.CreateAsync();
        await project.Database.ExecuteAsync("CREATE SCHEMA shared; CREATE TABLE shared.alert (raised_at timestamptz NOT NULL)");
        (await project.RunAsync("""
            'Name,Schema,ring,size', 'first,first,canary,small', 'small,small,,small', 'large,large,,large', 'other,other,,' | ConvertFrom-Csv | New-Tenant -To base
            """)).Clean();
        return project;
    }
}
