using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Security;

/// <summary>Names, labels, messages of a server and manifests command no terminal, whatever way they come there.</summary>
public sealed class TerminalTests
{
    [SkippableFact]
    public async Task Nothing_that_a_cmdlet_shows_commands_the_terminal()
    {
        await using var project = await TestProject.CreateAsync("acme");
        await project.WriteAsync("c003", "revision: c003\nparent: b002\ndescription: \"\\e[2Jthird\"\nup:\n  - sql: \"DO $$ BEGIN RAISE EXCEPTION E'\\\\x1b]0;owned\\\\x07 %', '${tenant.name}'; END $$\"\ndown: [{sql: SELECT 1}]\n");
        var answer = await project.RunAsync($$"""
            # Of the whole process, which other tests use too.
            $rendering, $PSStyle.OutputRendering = $PSStyle.OutputRendering, 'Ansi'
            try {
                $name = "$([char] 27)]0;owned$([char] 7)$([char] 0x9b)2J$([char] 0x202e)x"
                $tenant = [pscustomobject]@{ Name = $name; Schema = $name; Region = "$([char] 27)[31m" }
                $null = $tenant | New-Tenant -To base
                $ErrorActionPreference = 'Continue'
                $shown = & {
                    $results = $tenant | Invoke-TenantMigration -Verbose -Debug 4>&1 5>&1
                    $results | Out-String -Width 200
                    $results | Where-Object { $_ -is [Tenancy.Model.MigrationResult] } | Format-List | Out-String
                    $tenant | Invoke-TenantMigration -WhatIf | Out-String -Width 200
                    foreach ($object in (Get-Tenant), (Get-TenantRevision), (Get-TenantHistory), (Compare-TenantSchema -Summary), (Get-TenantRevision -Summary), (Test-TenantMigration)) {
                        $object | Format-Table | Out-String -Width 200
                        $object | Format-List | Out-String -Width 200
                    }
                    $Error | Out-String -Width 200
                    $null = [pscustomobject]@{ Name = 'plain'; Schema = "$name 2" } | New-Tenant -To base
                    {{TabKey.Press("Invoke-TenantMigration ")}} | ForEach-Object { $_.CompletionText; $_.ListItemText; $_.ToolTip }
                } 2>&1 3>&1 | Out-String -Width 200
                # Colours are the views' own.
                $left = $shown -replace "$([char] 27)\[[0-9;]*m", ''
                [regex]::Matches($left, '[^\n\r\t\P{C}]') | ForEach-Object { 'U+{0:x4} in {1}' -f [int] [char] $_.Value, $left.Substring([Math]::Max(0, $_.Index - 60), [Math]::Min(80, $left.Length - [Math]::Max(0, $_.Index - 60))) }
            }
            finally { $PSStyle.OutputRendering = $rendering }
            "shown: $($shown.Contains('\u001b]0;owned\u0007'))"
            """);

        Assert.Null(answer.Ended);
        Assert.Equal(["shown: True"], answer.Objects.Select(static item => item.GetString()));
        Assert.All(answer.Errors.Select(static error => error.Message + error.Action).Concat(answer.Warnings).Concat(answer.Verbose).Concat(answer.Debug).Concat(answer.Progress.Select(static progress => progress.Activity + progress.Status)), static text => Assert.DoesNotContain(text, static character => character is '\u001b' or '\u009b' or '\a' or '\u202e'));
    }
}
