using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Cmdlets;

/// <summary>Rings of tenants, and runs that go on after they were stopped.</summary>
public sealed class RolloutTests
{
    [SkippableFact]
    public async Task A_rollout_stops_at_a_ring_that_fails_and_goes_on_with_Resume()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex", "initech");
        await File.WriteAllTextAsync(Path.Combine(project.Folder, "rollout.yaml"), "rings:\n  - {name: canary, match: {names: globex}, verify: SELECT true}\n  - {name: early, match: {names: ac*}}\n");
        await project.Database.ExecuteAsync("CREATE TABLE acme.invoice (x int)");
        var answer = await project.RunAsync("""
            Get-Tenant | Invoke-TenantMigration -Rollout rollout.yaml -WhatIf
            Get-Tenant | Invoke-TenantMigration -Rollout rollout.yaml -OutVariable results -ErrorAction SilentlyContinue
            "$($results[0].RunId)" > run.txt
            """);
        Assert.Null(answer.Ended);
        Assert.Equal(["canary globex", "early acme", "rest initech"], answer.Objects.Take(3).Select(static item => $"{item.GetProperty("Ring")} {item.GetProperty("Name")}"));
        Assert.Equal(["canary Migrated", "early Failed", "rest Incomplete"], answer.Objects.Skip(3).Select(static item => $"{item.GetProperty("Ring")} {item.GetProperty("Status")}"));

        await project.Database.ExecuteAsync("DROP TABLE acme.invoice");
        var again = (await project.RunAsync("Invoke-TenantMigration -Resume (Get-Content run.txt) -Rollout rollout.yaml -Verbose")).Clean();
        Assert.Equal(["UpToDate", "Migrated", "Migrated"], again.Values("Status"));
        Assert.Single(again.Values("RunId").Distinct());
        Assert.Contains(again.Verbose, static line => line.Contains("Ring 'canary', 1 tenant: was done before", StringComparison.Ordinal));

        var wrong = await project.RunAsync("Undo-TenantMigration -Resume (Get-Content run.txt)");
        Assert.Equal("TenantMigration.RunNotResumable,TenancyMigrate.Cmdlets.UndoTenantMigrationCommand", wrong.Error.Id);
    }

    [SkippableFact]
    public async Task A_label_gives_the_rings_and_an_undo_that_was_stopped_goes_on()
    {
        await using var project = await TestProject.CreateAsync();
        var answer = await project.RunAsync("""
            [pscustomobject]@{ Name = 'a'; Schema = 'a'; Wave = '10' }, [pscustomobject]@{ Name = 'b'; Schema = 'b'; Wave = '2' }, [pscustomobject]@{ Name = 'c'; Schema = 'c'; Wave = '' } | New-Tenant -To base
            $tenants = Get-Tenant
            $tenants | Invoke-TenantMigration -RingLabel wave
            """);
        answer.Clean();
        Assert.Equal(["2 b", "10 a", "rest c"], answer.Objects.Skip(3).Select(static item => $"{item.GetProperty("Ring")} {item.GetProperty("Name")}"));

        await project.Database.ExecuteAsync("CREATE TABLE a.keeps (id bigint REFERENCES a.invoice)");
        var undone = await project.RunAsync("Get-Tenant | Undo-TenantMigration -To base -RingLabel wave -OutVariable results -ErrorAction SilentlyContinue; \"$($results[0].RunId)\" > run.txt");
        Assert.Equal(["Migrated", "Failed", "Incomplete"], undone.Values("Status"));
        await project.Database.ExecuteAsync("DROP TABLE a.keeps");
        Assert.Equal(["UpToDate", "Migrated", "Migrated"], (await project.RunAsync("Undo-TenantMigration -Resume (Get-Content run.txt)")).Clean().Values("Status"));
    }

    [SkippableFact]
    public async Task A_run_tells_how_it_ended_also_when_it_was_gone_on_with()
    {
        await using var project = await TestProject.CreateAsync("acme", "broken", "globex");
        await project.Database.ExecuteAsync("CREATE TABLE broken.invoice (x int)");
        var failed = await project.RunAsync("""
            $null = Invoke-TenantMigration -ErrorAction SilentlyContinue -OutVariable results; "$($results[0].RunId)" > run.txt
            Get-TenantRun -Last 1
            """);
        Assert.Equal(["2 done, 1 failed"], failed.Values("Outcome"));
        Assert.Matches(@"Z up head +2 done, 1 failed", failed.Text);

        await project.Database.ExecuteAsync("DROP TABLE broken.invoice");
        var mended = (await project.RunAsync("$null = Invoke-TenantMigration -Resume (Get-Content run.txt); Get-TenantRun; Get-TenantRun -SkipCount")).Clean();
        Assert.Equal(["3 done", null], mended.Values("Outcome"));
        Assert.Equal([("3", "0", "0")], mended.Objects.Take(1).Select(static run => (run.GetProperty("Done").ToString(), run.GetProperty("Failed").ToString(), run.GetProperty("InProgress").ToString())));
    }

    [SkippableFact]
    public async Task A_summary_is_of_the_run_that_was_gone_on_with_and_comes_before_what_ends_it()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex");
        await File.WriteAllTextAsync(Path.Combine(project.Folder, "rollout.yaml"), "rings:\n  - {name: canary, match: {names: acme}, verify: SELECT false}\n  - {name: all, verify: SELECT false}\n");
        var first = await project.RunAsync("Invoke-TenantMigration -Rollout rollout.yaml -Summary -ErrorAction SilentlyContinue -OutVariable results; \"$($results[0].RunId)\" > run.txt");
        Assert.Equal(3, first.Objects.Count);

        await File.WriteAllTextAsync(Path.Combine(project.Folder, "rollout.yaml"), "rings:\n  - {name: canary, match: {names: acme}, verify: SELECT true}\n  - {name: all, verify: SELECT false}\n");
        var again = await project.RunAsync("Invoke-TenantMigration -Resume (Get-Content run.txt) -Rollout rollout.yaml -Summary");

        Assert.StartsWith("TenantMigration.RingNotVerified", again.Error.Id, StringComparison.Ordinal);
        Assert.Equal(3, again.Objects.Count);
        Assert.Single(again.Values("RunId").Concat(first.Values("RunId")).Distinct());
        Assert.Equal(2, again.Objects[2].GetProperty("Count").GetInt32());
    }

    [SkippableFact]
    public async Task The_rollout_of_the_project_is_used_where_nothing_else_is_said()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex");
        await File.AppendAllTextAsync(Path.Combine(project.Folder, "tenancy.yaml"), "rollout: _rings/rollout.yaml\n");
        Directory.CreateDirectory(Path.Combine(project.Folder, "_rings"));
        await File.WriteAllTextAsync(Path.Combine(project.Folder, "_rings", "rollout.yaml"), "rings:\n  - {name: canary, match: {names: globex}}\n");
        await File.WriteAllTextAsync(Path.Combine(project.Folder, "_rings", "other.yaml"), "rings:\n  - {name: all}\n");

        var plans = await project.RunAsync("""
            Push-Location (Split-Path $PWD)
            $own = Invoke-TenantMigration -WhatIf -Verbose
            Pop-Location
            $none = Invoke-TenantMigration -WhatIf -NoRollout
            $given = Invoke-TenantMigration -WhatIf -Rollout _rings/other.yaml
            $together = Invoke-TenantMigration -WhatIf -Transaction AllTenants
            $tried = Invoke-TenantMigration -Rehearse
            foreach ($some in $own, $none, $given, $together, $tried) { (@($some).ForEach({ "$($_.Ring)/$($_.Name)" }) | Sort-Object) -join ' ' }
            """);
        Assert.Null(plans.Ended);
        Assert.Equal(["canary/globex rest/acme", "/acme /globex", "all/acme all/globex", "/acme /globex"], plans.Objects.Take(4).Select(static item => item.GetString()));
        Assert.Equal("/acme /globex", plans.Objects[^1].GetString());
        Assert.Contains(plans.Verbose, line => line.Contains($"In the rings of {Path.Combine(project.Folder, "_rings", "rollout.yaml")}", StringComparison.Ordinal));

        Assert.Equal(["canary", "rest"], (await project.RunAsync("Invoke-TenantMigration")).Clean().Values("Ring"));
        var undone = (await project.RunAsync("Undo-TenantMigration -To base")).Clean();
        Assert.Equal(2, undone.Objects.Count);
        Assert.All(undone.Values("Ring"), Assert.Null);

        File.Delete(Path.Combine(project.Folder, "_rings", "rollout.yaml"));
        var missing = await project.RunAsync("Invoke-TenantMigration");
        Assert.StartsWith("TenantMigration.InvalidManifest", missing.Error.Id, StringComparison.Ordinal);
        Assert.Equal(2, (await project.RunAsync("Invoke-TenantMigration -NoRollout")).Clean().Objects.Count);
    }

    [SkippableFact]
    public async Task The_rollout_of_the_project_has_no_say_in_a_run_that_goes_on_nor_over_the_shared_schema()
    {
        await using var project = await TestProject.CreateAsync("acme", "globex");
        await project.Database.ExecuteAsync("CREATE SCHEMA shared");
        await project.WriteAsync("s1", "revision: d001\nscope: shared\nup: [create_table: {name: kind, columns: [{name: id, type: bigint}]}]\n");
        await File.AppendAllTextAsync(Path.Combine(project.Folder, "tenancy.yaml"), "rollout: rings.yaml\n");
        var rings = Path.Combine(project.Folder, "rings.yaml");
        await File.WriteAllTextAsync(rings, "rings:\n  - {name: canary, match: {names: globex}, verify: SELECT to_regclass('shared.checked') IS NOT NULL}\n");

        // The file is not even read.
        File.Move(rings, rings + ".away");
        await project.Database.ExecuteAsync("CREATE TABLE acme.orders ()");
        Assert.Equal(["Migrated"], (await project.RunAsync("Invoke-TenantMigration -Scope Shared")).Clean().Values("Status"));
        var stopped = await project.RunAsync("Invoke-TenantMigration -NoRollout -To a001 -MaxFailures 0 -ErrorAction SilentlyContinue");
        Assert.Equal(["Failed", "Incomplete"], stopped.Values("Status"));
        await project.Database.ExecuteAsync("DROP TABLE acme.orders");
        var all = (await project.RunAsync("Invoke-TenantMigration -Resume (Get-TenantRun -Resumable).RunId")).Clean();
        Assert.Equal(["Migrated", "Migrated"], all.Values("Status"));
        Assert.All(all.Values("Ring"), Assert.Null);

        // A run in rings goes on in those that it began with.
        File.Move(rings + ".away", rings);
        var first = await project.RunAsync("Invoke-TenantMigration -ErrorAction SilentlyContinue");
        Assert.Equal(["canary Migrated", "rest Incomplete"], first.Values("Ring").Zip(first.Values("Status"), static (ring, status) => $"{ring} {status}"));
        await File.WriteAllTextAsync(rings, "rings:\n  - {name: other, match: {names: acme}}\n");
        await project.Database.ExecuteAsync("CREATE TABLE shared.checked ()");
        var then = (await project.RunAsync("Invoke-TenantMigration -Resume (Get-TenantRun -Resumable).RunId")).Clean();
        Assert.Equal(["canary UpToDate", "rest Migrated"], then.Values("Ring").Zip(then.Values("Status"), static (ring, status) => $"{ring} {status}"));
    }

    [SkippableTheory]
    [InlineData("Invoke-TenantMigration -Rollout nowhere.yaml", "TenantMigration.InvalidManifest")]
    [InlineData("Invoke-TenantMigration -Rollout bad.yaml", "TenantMigration.InvalidManifest")]
    [InlineData("Invoke-TenantMigration -RingLabel ring", "TenantMigration.RingLabelNotFound")]
    [InlineData("Invoke-TenantMigration -RingLabel ring -Rollout good.yaml", "TenantMigration.InvalidPolicy")]
    [InlineData("Invoke-TenantMigration -Rollout good.yaml -Transaction AllTenants", "TenantMigration.InvalidPolicy")]
    [InlineData("Invoke-TenantMigration -NoRollout -Rollout good.yaml", "TenantMigration.InvalidPolicy")]
    [InlineData("Invoke-TenantMigration -Resume 3f2504e0-4f89-11d3-9a0c-0305e82c3301", "TenantMigration.RunNotFound")]
    [InlineData("Invoke-TenantMigration -Resume 3f2504e0-4f89-11d3-9a0c-0305e82c3301 -To a001", "TenantMigration.InvalidPolicy")]
    [InlineData("Invoke-TenantMigration acme -Resume 3f2504e0-4f89-11d3-9a0c-0305e82c3301", "TenantMigration.InvalidPolicy")]
    public async Task What_cannot_be_is_refused_before_anything_is_touched(string command, string id)
    {
        await using var project = await TestProject.CreateAsync("acme");
        await File.WriteAllTextAsync(Path.Combine(project.Folder, "good.yaml"), "rings:\n  - {name: one}\n");
        await File.WriteAllTextAsync(Path.Combine(project.Folder, "bad.yaml"), "rings:\n  - {nam: one}\n");
        var answer = await project.RunAsync(command);
        Assert.Empty(answer.Objects);
        Assert.StartsWith(id, answer.Error.Id, StringComparison.Ordinal);
        Assert.Equal("", await project.TablesAsync("acme"));
    }
}
