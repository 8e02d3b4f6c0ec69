using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Modules;

/// <summary>Completion of what the files say.</summary>
public sealed class CompletionTests
{
    [SkippableTheory]
    [InlineData("Invoke-TenantMigration acme -To ", "b002 a001 first")]
    [InlineData("Invoke-TenantMigration acme -To b", "b002")]
    [InlineData("Undo-TenantMigration -To f", "first")]
    [InlineData("New-Tenant acme -To a", "a001")]
    [InlineData("Get-TenantMigration ", "b002 a001")]
    [InlineData("Invoke-TenantMigration -To invoi", "b002")]
    [InlineData("Get-TenantMigration 2", "b002")]
    [InlineData("Invoke-TenantMigration -Transaction ", "AllTenants PerRevision PerTenant")]
    public async Task Revisions_complete_without_a_database(string line, string expected)
    {
        await using var project = await TestProject.CreateAsync();
        var answer = (await Pwsh.RunAsync(TabKey.Press(line), project.Folder)).Clean();
        Assert.Equal(expected.Split(' '), answer.Values("CompletionText"));
    }

    [SkippableTheory]
    [InlineData("Connect-TenantDatabase -Project ", "manifests tenancy.yaml")]
    [InlineData("Get-TenantMigration -Project ./tenan", "tenancy.yaml")]
    [InlineData("Invoke-TenantMigration -Rollout ./m", "manifests")]
    public async Task Paths_of_projects_and_manifests_complete(string line, string expected)
    {
        await using var project = await TestProject.CreateAsync();
        var answer = (await Pwsh.RunAsync(TabKey.Press(line), project.Folder)).Clean();
        Assert.Equal(expected.Split(' '), answer.Values("CompletionText").Select(static path => Path.GetFileName(path)));
    }

    [SkippableFact]
    public async Task Manifests_with_errors_offer_nothing_and_say_nothing()
    {
        await using var project = await TestProject.CreateAsync();
        await project.WriteAsync("c003", "revision: [");
        var answer = (await Pwsh.RunAsync("foreach ($time in 1..5) { (TabExpansion2 'Invoke-TenantMigration -To b').CompletionMatches; Start-Sleep -Milliseconds 300 } [pscustomobject]@{ CompletionText = \"errors $($error.Count)\" }", project.Folder)).Clean();
        Assert.Equal(["errors 0"], answer.Values("CompletionText"));
    }
}
