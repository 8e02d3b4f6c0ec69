using Tenancy.LocalPostgres;
using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Security;

/// <summary>A password, a token and a secret argument, in everything that a session shows or keeps.</summary>
public sealed class LeakTests
{
    private const string Password = "hunter2-pa'ss\"word";
    private const string Argument = "s3cret-argument";

    [SkippableFact]
    public async Task No_secret_is_in_transcripts_objects_errors_history_reports_or_scripts()
    {
        await using var server = await LocalPostgresServer.StartAsync(new() { Password = Password });
        var folder = Directory.CreateTempSubdirectory("tenancy-leaks-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "manifests"));
            await File.WriteAllTextAsync(Path.Combine(folder, "tenancy.yaml"), "fleet: test\n");
            await File.WriteAllTextAsync(Path.Combine(folder, "manifests", "1.yaml"), "revision: a001\narguments: {key: {type: text, secret: true}}\nup:\n  - sql: CREATE TABLE tenant_schema.kept AS SELECT ${x.key} AS key\n    undo: DROP TABLE tenant_schema.kept\n");
            await File.WriteAllTextAsync(Path.Combine(folder, "manifests", "2.yaml"), "revision: b002\nparent: a001\narguments: {key: {type: text, secret: true}}\nup:\n  - sql: SELECT ${x.key}::integer\ndown: []\n");
            var uri = $"postgresql://postgres:{Uri.EscapeDataString(Password)}@{server.Host}:{server.Port}/postgres";
            var wrong = $"postgresql://postgres:{Uri.EscapeDataString(Password)}@{server.Host}:{server.Port}/nowhere?options=x";
            using var process = PwshProcess.Start($$"""
                Set-Location {{PwshProcess.Quote(folder)}}
                $uri, $key, $wrong = $env:LEAK_URI, $env:LEAK_KEY, $env:LEAK_WRONG
                $null = Start-Transcript -Path ./transcript.txt
                $VerbosePreference = $DebugPreference = 'Continue'
                $ErrorView = 'DetailedView'
                $connection = Connect-TenantDatabase -Server $uri -Project .
                $connection | Format-List * -Force; $connection | ConvertTo-Json -Depth 5
                'acme' | New-Tenant -To base
                Invoke-TenantMigration -Argument @{ key = $key } -WhatIf
                $results = Invoke-TenantMigration -Argument @{ key = $key } -OutVariable all
                $results | Format-List * -Force; $results | ConvertTo-Json -Depth 6; $results | Export-Clixml ./results.xml; $results | Export-Csv ./results.csv
                $results | Export-TenantReport -Path ./report.html -Drift -Argument @{ key = $key }
                Get-TenantHistory | Format-List * -Force; Get-TenantRun | Format-List * -Force
                Test-TenantMigration -Sarif ./safety.sarif
                Compare-TenantSchema -Argument @{ key = $key } | Format-List * -Force
                Connect-TenantDatabase -Server $wrong
                Connect-TenantDatabase -Server ($uri -replace 'postgres$', 'nowhere')
                Connect-TenantDatabase -Server ($uri -replace ':\d+/', ':1/')
                Connect-TenantDatabase -Server ($uri -replace '^postgresql:', 'postgres')
                Connect-TenantDatabase -Server "Host=x;Password=$($uri.Split(':')[2])"
                $Error | ForEach-Object { $_ | Format-List * -Force; $_.Exception | Format-List * -Force; $_.Exception.ToString() }
                $null = Stop-Transcript
                """.Replace("$env:LEAK_URI", PwshProcess.Quote(uri), StringComparison.Ordinal).Replace("$env:LEAK_KEY", PwshProcess.Quote(Argument), StringComparison.Ordinal).Replace("$env:LEAK_WRONG", PwshProcess.Quote(wrong), StringComparison.Ordinal));
            var end = await process.WaitAsync(TimeSpan.FromMinutes(5));

            // A transcript begins with how pwsh was started: the script of this test, with all of it.
            var transcript = await File.ReadAllTextAsync(Path.Combine(folder, "transcript.txt"));
            transcript = transcript[transcript.IndexOf("**********************", 30, StringComparison.Ordinal)..];
            Assert.All(["DatabaseNotFound", "ConnectionFailed", "InvalidConnection", "b002", "What if"], told => Assert.Contains(told, transcript, StringComparison.Ordinal));
            foreach (var file in Directory.GetFiles(folder).Where(static file => !file.EndsWith("transcript.txt", StringComparison.Ordinal)))
            {
                AssertHidden(file, await File.ReadAllTextAsync(file));
            }

            AssertHidden("transcript", transcript);
            AssertHidden("output", end.Output);
            AssertHidden("error", end.Error);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Any part of it that no escape changes would give it away.
    private static void AssertHidden(string where, string text)
    {
        foreach (var secret in new[] { "hunter2", Argument })
        {
            var at = text.IndexOf(secret, StringComparison.Ordinal);
            Assert.True(at < 0, at < 0 ? "" : $"{where}: …{text[Math.Max(0, at - 200)..Math.Min(text.Length, at + 60)]}…");
        }
    }
}
