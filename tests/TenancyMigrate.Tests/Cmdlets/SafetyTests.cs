using System.Text.Json;
using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Cmdlets;

/// <summary>Statements judged before they run.</summary>
public sealed class SafetyTests
{
    [SkippableFact]
    public async Task What_is_pending_is_judged_and_shown()
    {
        await using var project = await ProjectAsync();

        var answer = await project.RunAsync("Test-TenantMigration");

        var finding = Assert.Single(answer.Objects, static item => item.GetProperty("Rule").GetString() == "index-not-concurrent");
        Assert.Equal(("Note", "orders", "Share"), (finding.GetProperty("Severity").GetString(), finding.GetProperty("Table").GetString(), finding.GetProperty("Lock").GetString()));
        Assert.Empty(answer.Errors);
        Assert.Contains("c003.yaml:", answer.Text, StringComparison.Ordinal);
        Assert.All(answer.Text.Split('\n'), static line => Assert.InRange(line.TrimEnd('\r').Length, 0, 120));
        Assert.Contains("concurrently: true", (await project.RunAsync("Test-TenantMigration | Format-List")).Text, StringComparison.Ordinal);
        Assert.Empty((await project.RunAsync("@() | Test-TenantMigration")).Clean().Objects);
    }

    [SkippableFact]
    public async Task As_grave_as_asked_it_is_an_error_and_a_review_gets_a_file()
    {
        await using var project = await ProjectAsync();

        var answer = await project.RunAsync($"Test-TenantMigration -FailOn Note -Sarif {PwshProcess.Quote(Path.Combine(project.Folder, "safety.sarif"))}");

        Assert.Equal("TenantMigration.UnsafeMigration", answer.Error.Id.Split(',')[0]);
        Assert.Contains("index-not-concurrent (c003.yaml:", answer.Error.Message, StringComparison.Ordinal);
        Assert.Null(answer.Ended);
        using var sarif = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(project.Folder, "safety.sarif")));
        Assert.Contains("index-not-concurrent", sarif.RootElement.GetProperty("runs")[0].GetProperty("results").EnumerateArray().Select(static result => result.GetProperty("ruleId").GetString()));
    }

    [SkippableFact]
    public async Task Offline_no_database_is_asked()
    {
        await using var project = await ProjectAsync();

        var answer = await project.RunAsync("Test-TenantMigration -Revision c003 -Offline -Server nowhere.invalid -FailOn Warning");

        Assert.Equal("Warning", Assert.Single(answer.Objects, static item => item.GetProperty("Rule").GetString() == "index-not-concurrent").GetProperty("Severity").GetString());
        Assert.Equal("TenantMigration.UnsafeMigration", answer.Error.Id.Split(',')[0]);
        Assert.Equal("TenantMigration.UnknownRevision", (await project.RunAsync("Test-TenantMigration -Revision nowhere -Offline")).Error.Id.Split(',')[0]);
    }

    [SkippableFact]
    public async Task WhatIf_warns_in_a_line_each()
    {
        await using var project = await ProjectAsync();
        await project.Database.ExecuteAsync("INSERT INTO acme.orders (note) SELECT repeat('x', 1000) FROM generate_series(1, 15000)");

        var answer = await project.RunAsync("Invoke-TenantMigration -WhatIf");

        Assert.Equal(2, answer.Objects.Count);
        var warning = Assert.Single(answer.Warnings, static text => text.Contains("index-not-concurrent", StringComparison.Ordinal));
        Assert.Contains("c003.yaml:", warning, StringComparison.Ordinal);
        Assert.Contains("in acme.", warning, StringComparison.Ordinal);
        Assert.DoesNotContain("index-not-concurrent", string.Concat((await project.RunAsync("Invoke-TenantMigration globex -WhatIf")).Warnings), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Trace_gives_what_each_statement_locked_on_the_specimen()
    {
        await using var project = await ProjectAsync();

        var unknown = await project.RunAsync("Test-TenantMigration -Trace");
        Assert.Equal("TenantMigration.SpecimenUnknown", unknown.Error.Id.Split(',')[0]);
        var answer = (await project.RunAsync("Test-TenantMigration acme -Trace | Where-Object Locks")).Clean();

        Assert.Contains("Share orders", Assert.Single(answer.Objects).GetProperty("Locks").EnumerateArray().Select(static held => held.GetString()));
        Assert.Contains("c003.yaml:", answer.Text, StringComparison.Ordinal);
        Assert.All(answer.Text.Split('\n'), static line => Assert.InRange(line.TrimEnd('\r').Length, 0, 120));
        Assert.Equal(2, (await project.RunAsync("Invoke-TenantMigration")).Clean().Objects.Count);
        Assert.Contains("Nothing is pending", Assert.Single((await project.RunAsync("Test-TenantMigration acme -Trace")).Clean().Warnings), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Prove_gives_each_revision_and_an_error_for_what_does_not_come_back()
    {
        await using var project = await TestProject.CreateAsync();
        await project.WriteThirdAsync("CREATE INDEX IF NOT EXISTS orders_note ON tenant_schema.orders (note)");

        var answer = await project.RunAsync("Test-TenantMigration -Prove");

        Assert.Equal(["Proved", "Proved", "Differs"], answer.Values("Status"));
        Assert.Equal("TenantMigration.ProofFailed", answer.Error.Id.Split(',')[0]);
        Assert.Contains("orders_note", answer.Error.Message, StringComparison.Ordinal);
        Assert.All(answer.Text.Split('\n'), static line => Assert.InRange(line.TrimEnd('\r').Length, 0, 120));
        Assert.Equal(["b002"], (await project.RunAsync("Test-TenantMigration -Prove -Revision b002")).Clean().Values("Revision"));
    }

    [SkippableTheory]
    [InlineData("-Command", "Test-TenantMigration -FailOn Note", 1)]
    [InlineData("-Command", "Test-TenantMigration", 0)]
    [InlineData("-File", "Test-TenantMigration -FailOn Note -ErrorAction Stop", 1)]
    public async Task Pwsh_ends_as_the_help_says(string how, string script, int code)
    {
        await using var project = await ProjectAsync();
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

    private static async Task<TestProject> ProjectAsync()
    {
        var project = await TestProject.CreateAsync("acme", "globex");
        (await project.RunAsync("Get-Tenant | Invoke-TenantMigration")).Clean();
        await project.WriteThirdAsync("CREATE INDEX orders_note ON tenant_schema.orders (note)");
        return project;
    }
}
