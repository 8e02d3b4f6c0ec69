using System.Text.RegularExpressions;
using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Runbooks;

/// <summary>The pages say of the scripts what is so: their parameters, their exit codes.</summary>
public sealed partial class PageTests
{
    [SkippableFact]
    public async Task Command_lines_have_parameters_of_the_script()
    {
        var known = (await Pwsh.RunAsync($"Get-ChildItem {PwshProcess.Quote(Path.Combine(Runbook.Folder, "*.ps1"))} | ForEach-Object {{ [pscustomobject]@{{ Name = $_.Name; Parameters = [string[]] (Get-Command $_.FullName).Parameters.Keys }} }}"))
            .Clean().Objects.ToDictionary(static script => script.GetProperty("Name").GetString()!, static script => script.GetProperty("Parameters").EnumerateArray().Select(static name => name.GetString()!).ToList());
        var lines = Files("*.md").Concat(Files("*.ps1")).SelectMany(File.ReadAllLines).Select(static line => Call().Match(line)).Where(static match => match.Success).ToList();
        Assert.True(lines.Count >= known.Count);
        Assert.All(lines, line => Assert.All(Parameter().Matches(line.Groups["rest"].Value), name => Assert.Contains(name.Groups[1].Value, known[line.Groups["name"].Value])));
    }

    [Fact]
    public void Exit_codes_on_a_page_are_those_that_the_script_has()
    {
        foreach (var script in Files("*.ps1"))
        {
            var text = File.ReadAllText(script);
            // 0 is the end, 1 whatever throws.
            var codes = Exit().Matches(text).Select(static match => match.Groups[1].Value).Concat(["0", "1"]).Distinct().Order(StringComparer.Ordinal).ToList();
            var page = Files("*.md").Single(page => Path.GetFileName(page) != "README.md" && File.ReadAllText(page).Contains($"[{Path.GetFileName(script)}]", StringComparison.Ordinal) && !page.EndsWith("github-actions.md", StringComparison.Ordinal) && !page.EndsWith("kubernetes.md", StringComparison.Ordinal));
            var said = Help().Match(text).Groups[1].Value;
            if (said.Length > 0)
            {
                Assert.Equal(codes, Code().Matches(said).Select(static match => match.Groups[1].Value));
            }

            var rows = Row().Matches(File.ReadAllText(page)).Select(static match => match.Groups[1].Value).ToList();
            Assert.True(rows.Count == 0 || rows.SequenceEqual(codes), $"{page}: {string.Join(' ', codes)}");
        }
    }

    private static string[] Files(string pattern) => Directory.GetFiles(Runbook.Folder, pattern);

    [GeneratedRegex(@"(?<name>[A-Z][a-z]+-[A-Za-z]+\.ps1) (?<rest>-.*)$")]
    private static partial Regex Call();

    [GeneratedRegex(@"(?<=\s|^)-([A-Z][A-Za-z]+)")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\bexit (\d)")]
    private static partial Regex Exit();

    [GeneratedRegex("Exit codes: (.*)")]
    private static partial Regex Help();

    [GeneratedRegex(@"(?:^|; )(\d) ")]
    private static partial Regex Code();

    [GeneratedRegex(@"^\| (\d) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
