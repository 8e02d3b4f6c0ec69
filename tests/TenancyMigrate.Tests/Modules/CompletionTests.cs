using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Modules;

public sealed class CompletionTests
{
    [SkippableTheory]
    [InlineData("Invoke-TenantMigration acme -To ", "b002 a001 first")]
    [InlineData("Invoke-TenantMigration acme -To b", "b002")]
    [InlineData("Undo-TenantMigration -To f", "first")]
    [InlineData("New-Tenant acme -To a", "a001")]
    [InlineData("Get-TenantMigration ", "b002 a001")]
    [InlineData("Invoke-TenantMigration -Transaction ", "AllTenants PerRevision PerTenant")]
    public async Task Revisions_complete_without_a_database(string line, string expected)
    {
        await using var project = await TestProject.CreateAsync();
        var answer = (await Pwsh.RunAsync(Complete(line), project.Folder)).Clean();
        Assert.Equal(expected.Split(' '), answer.Values("CompletionText"));
    }

    [SkippableFact]
    public async Task Manifests_with_errors_offer_nothing_and_say_nothing()
    {
        await using var project = await TestProject.CreateAsync();
        await project.WriteAsync("c003", "revision: [");
        var answer = (await Pwsh.RunAsync(Complete("Invoke-TenantMigration -To b") + "; [pscustomobject]@{ CompletionText = \"errors $($error.Count)\" }", project.Folder)).Clean();
        Assert.Equal(["errors 0"], answer.Values("CompletionText"));
    }

    private static string Complete(string line) => $"(TabExpansion2 {PwshProcess.Quote(line)}).CompletionMatches | Select-Object CompletionText";
}
