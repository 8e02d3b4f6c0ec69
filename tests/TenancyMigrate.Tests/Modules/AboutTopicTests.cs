using System.Text.RegularExpressions;
using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Modules;

/// <summary>The about topics are found, fit a terminal, and name what exists.</summary>
public sealed partial class AboutTopicTests
{
    private static readonly string[] Files = Directory.GetFiles(Path.Combine(Repository.Root, "src", "TenancyMigrate", "Help"), "about_*.help.txt");

    [SkippableFact]
    public async Task Get_Help_finds_each()
    {
        var answer = (await Pwsh.RunAsync("""
            foreach ($name in 'about_TenancyMigrate', 'about_TenantManifest', 'about_TenantRollout', 'about_TenantErrors') {
                [pscustomobject]@{ Name = $name; Text = Get-Help $name | Out-String -Width 200 }
            }
            """)).Clean();
        Assert.Equal(Files.Length, answer.Objects.Count);
        Assert.All(answer.Objects, static topic =>
            Assert.Equal(
                File.ReadAllText(Files.Single(file => Path.GetFileName(file) == topic.GetProperty("Name").GetString() + ".help.txt")).ReplaceLineEndings("\n").Trim(),
                topic.GetProperty("Text").GetString()!.ReplaceLineEndings("\n").Trim()));
    }

    [Fact]
    public void Each_fits_eighty_columns() =>
        Assert.All(Files, static file => Assert.DoesNotContain(File.ReadAllLines(file), static line => line.Length > 80 || line.Contains('\t', StringComparison.Ordinal)));

    [SkippableFact]
    public async Task What_each_names_exists()
    {
        var answer = (await Pwsh.RunAsync("""
            $commands = Get-Command -Module TenancyMigrate
            [pscustomobject]@{ Commands = [string[]] $commands.Name; Parameters = [string[]] ($commands.Parameters.Keys | Sort-Object -Unique) }
            """)).Clean();
        var known = Assert.Single(answer.Objects);
        var commands = known.GetProperty("Commands").EnumerateArray().Select(static name => name.GetString()!).ToHashSet();
        var parameters = known.GetProperty("Parameters").EnumerateArray().Select(static name => name.GetString()!).ToHashSet();
        foreach (var file in Files)
        {
            var text = await File.ReadAllTextAsync(file);
            Assert.All(Cmdlet().Matches(text), name => Assert.True(commands.Contains(name.Value), $"{Path.GetFileName(file)}: there is no {name.Value}"));
            var lines = text.Split('\n').Where(static line => !line.Contains("pwsh", StringComparison.Ordinal) && !OtherCmdlet().IsMatch(line));
            Assert.All(lines.SelectMany(static line => Parameter().Matches(line)), name =>
                Assert.True(parameters.Contains(name.Groups[1].Value), $"{Path.GetFileName(file)}: no cmdlet has -{name.Groups[1].Value}"));
            Assert.All(Topic().Matches(text), topic => Assert.Contains(Files, other => Path.GetFileName(other) == topic.Value + ".help.txt"));
        }
    }

    [GeneratedRegex(@"\b[A-Z][a-z]+-Tenant[A-Za-z]*")]
    private static partial Regex Cmdlet();

    // Lines of PowerShell's own cmdlets and operators, with parameters of theirs.
    [GeneratedRegex(@"\b(Where|Group|Select|ForEach)-Object\b|tenant is 0 for")]
    private static partial Regex OtherCmdlet();

    [GeneratedRegex(@"(?<=\s|\()-([A-Z][A-Za-z]+)")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\babout_\w+")]
    private static partial Regex Topic();
}
