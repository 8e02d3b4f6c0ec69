using System.Net;
using System.Net.Sockets;
using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Modules;

/// <summary>Completion of what only the server knows. It waits less than a fifth of a second, which a busy machine may need many of: so it is asked again, as a person would.</summary>
public sealed class ServerCompletionTests
{
    [SkippableTheory]
    [InlineData("Invoke-TenantMigration ", "acme|globex|'O''Brien & Sons'")]
    [InlineData("Invoke-TenantMigration acme, g", "globex")]
    [InlineData("Undo-TenantMigration -Tenant 'o", "'O''Brien & Sons'")]
    [InlineData("Get-Tenant AC", "acme")]
    [InlineData("Rename-Tenant ac", "acme")]
    [InlineData("Invoke-TenantMigration -RingLabel ", "ring")]
    public async Task Tenants_and_their_labels_complete(string line, string expected)
    {
        await using var project = await TestProject.CreateAsync("acme", "globex");
        var answer = (await project.RunAsync("New-Tenant @{ Name = \"O'Brien & Sons\"; Schema = 'obrien'; Labels = @{ ring = 'canary' } } -To base | Out-Null;" + TabKey.Press(line))).Clean();
        Assert.Equal(expected.Split('|').Order(StringComparer.Ordinal), answer.Values("CompletionText").Order(StringComparer.Ordinal));
    }

    /// <summary>Names that are wildcards, too: what completes them means them alone.</summary>
    [SkippableFact]
    public async Task A_name_of_wildcards_completes_to_itself_alone()
    {
        await using var project = await TestProject.CreateAsync("acme", "a", "*", "a?", "[a]", "`a");
        foreach (var (typed, name) in new[] { ("'*", "*"), ("a?", "a?"), ("[", "[a]"), ("'`[a", "[a]"), ("'``", "`a") })
        {
            var answer = (await project.RunAsync(TabKey.Press($"Get-Tenant {typed}"))).Clean();
            var text = Assert.Single(answer.Values("CompletionText"));
            var found = (await project.RunAsync($"Get-Tenant {text}; Invoke-TenantMigration {text} -WhatIf; Remove-Tenant {text} -WhatIf; Export-TenantMigrationScript {text} | Out-Null")).Clean();
            Assert.Equal([name, name], found.Values("Name"));
        }
    }

    [SkippableFact]
    public async Task Runs_complete_the_newest_first()
    {
        await using var project = await TestProject.CreateAsync("acme");
        var answer = (await project.RunAsync($$"""
            $one = (Invoke-TenantMigration -To a001).RunId
            $two = (Invoke-TenantMigration).RunId
            $down = (Undo-TenantMigration -Steps 1).RunId
            [pscustomobject]@{ CompletionText = "$down $two $one" }
            {{TabKey.Press("Get-TenantHistory -RunId ")}}
            {{TabKey.Press("Invoke-TenantMigration -Resume ")}}
            {{TabKey.Press("Undo-TenantMigration -Resume ")}}
            """)).Clean();
        var texts = answer.Values("CompletionText").ToArray();
        var runs = texts[0]!.Split(' ');
        Assert.Equal(string.Join(" ", [.. runs, .. runs[1..], runs[0]]), string.Join(" ", texts[1..]));
    }

    [SkippableFact]
    public async Task A_server_that_does_not_answer_is_not_waited_for()
    {
        // It takes connections, and says nothing.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var project = await TestProject.CreateAsync();
        var port = ((IPEndPoint)silent.LocalEndpoint).Port;
        var answer = (await Pwsh.RunAsync(
            $$"""
            foreach ($server in '127.0.0.1:{{port}}', '127.0.0.1:1') {
                foreach ($line in "Invoke-TenantMigration -Server $server -Tenant ", "Get-TenantHistory -Server $server -RunId ") {
                    $watch = [Diagnostics.Stopwatch]::StartNew()
                    $matches = (TabExpansion2 $line).CompletionMatches
                    [pscustomobject]@{ Text = "$($matches.Count) matches, $($error.Count) errors, $(if ($watch.Elapsed.TotalSeconds -lt 10) { 'soon' } else { $watch.Elapsed })" }
                }
            }
            """,
            project.Folder)).Clean();
        Assert.All(answer.Values("Text"), static text => Assert.Equal("0 matches, 0 errors, soon", text));
    }

    /// <summary>Enter runs what is typed, not the tab key.</summary>
    [SkippableFact]
    public async Task A_script_block_that_is_being_typed_is_not_run()
    {
        await using var project = await TestProject.CreateAsync("acme");
        var answer = (await project.RunAsync($$"""
            foreach ($time in 1..5) { $found = (TabExpansion2 'Get-Tenant -Server 127.0.0.1:{{project.Database.Server.Port}} -AccessToken { $null = New-Item ran -Force } -Name ').CompletionMatches; Start-Sleep -Milliseconds 200 }
            [pscustomobject]@{ Text = "$($found.Count) matches, $($Error.Count) errors, ran $(Test-Path ran)" }
            """)).Clean();
        Assert.Equal(["0 matches, 0 errors, ran False"], answer.Values("Text"));
    }

    /// <summary>No answer comes in time where a connection alone takes longer; but the read goes on, and its answer is there for the next tab, also when nothing answers any more.</summary>
    [SkippableTheory]
    [InlineData("Get-Tenant ac", "acme")]
    [InlineData("Invoke-TenantMigration -RingLabel ", "ring")]
    [InlineData("Get-TenantHistory -RunId ", null)]
    public async Task What_a_far_server_says_is_there_for_the_next_tab(string line, string? expected)
    {
        await using var project = await TestProject.CreateAsync("acme");
        expected ??= (await project.RunAsync("(Invoke-TenantMigration).RunId | ForEach-Object { [pscustomobject]@{ Id = \"$_\" } }")).Clean().Values("Id").Single();
        await project.Database.ExecuteAsync("UPDATE tenancy.tenant SET labels = '{\"ring\": \"canary\"}'");
        var silent = Path.Combine(project.Folder, "silent");
        using var far = new FarServer(project.Database.Server.Host, project.Database.Server.Port, () => File.Exists(silent) ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(100));
        var answer = (await Pwsh.RunAsync(
            $$"""
            $null = Connect-TenantDatabase -Server 'postgresql://postgres@127.0.0.1:{{far.Port}}/{{project.Database.Name}}' -SslMode Disable
            {{TabKey.Press(line)}}
            $null = New-Item silent
            $watch = [Diagnostics.Stopwatch]::StartNew()
            (TabExpansion2 '{{line}}').CompletionMatches | Select-Object CompletionText
            [pscustomobject]@{ CompletionText = if ($watch.Elapsed.TotalSeconds -lt 10) { 'soon' } else { $watch.Elapsed } }
            Disconnect-TenantDatabase
            (TabExpansion2 '{{line}}').CompletionMatches | Select-Object CompletionText
            """,
            project.Folder)).Clean();
        Assert.Equal([expected, expected, "soon"], answer.Values("CompletionText"));
    }
}
