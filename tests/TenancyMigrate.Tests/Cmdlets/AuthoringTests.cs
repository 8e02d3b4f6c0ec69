using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Cmdlets;

public sealed class AuthoringTests
{
    [SkippableFact]
    public async Task A_new_revision_follows_the_head_and_runs_once_it_is_written()
    {
        await using var project = await TestProject.CreateAsync("acme");
        var answer = (await Pwsh.RunAsync("""
            New-TenantMigration 'Loyalty points' -WhatIf
            New-TenantMigration 'Loyalty points' -Id c003 -Label loyalty
            New-TenantMigration 'Then this' -Id d004 -FileTemplate '{scope}/{slug}'
            """, project.Folder)).Clean();
        Assert.Equal(["c003", "d004"], answer.Values("Id"));
        Assert.Equal(["""["b002"]""", """["c003"]"""], answer.Values("Parents"));
        Assert.Equal(["True", "True"], answer.Values("IsDraft"));
        var files = Directory.GetFiles(project.Folder, "*.yaml", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(project.Folder, file).Replace('\\', '/')).Order(StringComparer.Ordinal);
        Assert.Equal(["manifests/a001.yaml", "manifests/b002.yaml", "manifests/c003_loyalty-points.yaml", "manifests/tenant/then-this.yaml", "tenancy.yaml"], files);

        var refused = (await project.RunAsync("Get-Tenant | Invoke-TenantMigration")).Error;
        Assert.Contains("c003_loyalty-points.yaml:8:5: The manifest has no operation in 'up'", refused.Message, StringComparison.Ordinal);
        Assert.Equal("", await project.TablesAsync("acme"));

        var run = (await project.RunAsync("""
            foreach ($draft in Get-TenantMigration | Where-Object IsDraft) {
                (Get-Content -Raw $draft.Path) -replace '(?m)^up: \[\]', "up: [{create_table: {name: t_$($draft.Id), columns: [{name: id, type: bigint}]}}]" | Set-Content -NoNewline $draft.Path
            }
            Get-Tenant | Invoke-TenantMigration
            """)).Clean();
        Assert.Equal("""["a001","b002","c003","d004"]""", run.Objects[0].GetProperty("Revisions").ToString());
        Assert.Equal("invoice orders t_c003 t_d004", await project.TablesAsync("acme"));
    }

    [SkippableFact]
    public async Task Branches_are_made_drawn_and_joined()
    {
        await using var project = await TestProject.CreateAsync("acme");
        var refused = (await Pwsh.RunAsync("New-TenantMigration Billing -Parent a001", project.Folder)).Error;
        Assert.StartsWith("TenantMigration.NotAHead,", refused.Id, StringComparison.Ordinal);
        Assert.Contains("-Splice", refused.Action, StringComparison.Ordinal);

        (await Pwsh.RunAsync("""
            $new = New-TenantMigration Billing -Parent a001 -Splice -Id c003 -Label billing -DependsOn b002
            (Get-Content -Raw $new.Path) -replace '(?m)^up: \[\]', 'up: [{create_table: {name: bill, columns: [{name: id, type: bigint}]}}]' | Set-Content -NoNewline $new.Path
            """, project.Folder)).Clean();
        var several = (await Pwsh.RunAsync("New-TenantMigration More", project.Folder)).Error;
        Assert.StartsWith("TenantMigration.MultipleHeads,", several.Id, StringComparison.Ordinal);
        Assert.Contains("'b002' (first), 'c003' (billing, first)", several.Message, StringComparison.Ordinal);

        var merged = (await Pwsh.RunAsync("""
            Get-TenantMigration -Head | Where-Object Id -eq none | Merge-TenantMigration
            Get-TenantMigration -Head | Merge-TenantMigration -Id d004 -WhatIf
            Merge-TenantMigration -Id d004
            """, project.Folder)).Clean();
        Assert.Equal(["""["b002","c003"]"""], merged.Values("Parents"));
        Assert.StartsWith("TenantMigration.NothingToMerge,", (await Pwsh.RunAsync("Merge-TenantMigration", project.Folder)).Error.Id, StringComparison.Ordinal);

        var drawn = (await Pwsh.RunAsync("Get-TenantMigration -Graph", project.Folder)).Clean();
        Assert.Equal(
            ["* d004 (head) Merge b002 and c003", "├─╮", "│ * c003 (billing) Billing [needs b002]", "* │ b002 Invoices", "├─╯", "* a001 (first) Orders"],
            drawn.Objects.Select(static line => line.GetString()));
        var run = (await project.RunAsync("Get-Tenant | Invoke-TenantMigration")).Clean();
        Assert.Equal("""["a001","b002","c003","d004"]""", run.Objects[0].GetProperty("Revisions").ToString());
    }

    [SkippableFact]
    public async Task Revisions_are_chosen_by_identifier_range_and_branch()
    {
        await using var project = await TestProject.CreateAsync();
        var answer = (await Pwsh.RunAsync("""
            Get-TenantMigration head
            Get-TenantMigration head-1
            Get-TenantMigration 'a001:'
            Get-TenantMigration -Base
            Get-TenantMigration -Branch first -Head
            """, project.Folder)).Clean();
        Assert.Equal(["b002", "a001", "a001", "b002", "a001", "b002"], answer.Values("Id"));
        var mermaid = (await Pwsh.RunAsync("Get-TenantMigration -Mermaid", project.Folder)).Clean();
        Assert.Equal(
            ["flowchart TD", "    subgraph tenant", "        r0[\"a001 (first) Orders\"]", "        r1([\"b002 (head) Invoices\"])", "    end", "    r0 --> r1"],
            mermaid.Objects.Select(static line => line.GetString()));
    }
}
