using System.Text.RegularExpressions;
using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Modules;

/// <summary>What the documents name exists.</summary>
public sealed partial class DocumentTests
{
    [SkippableFact]
    public async Task Cmdlets_and_their_parameters_exist()
    {
        var known = (await Pwsh.RunAsync("""
            foreach ($command in Get-Command -Module TenancyMigrate) {
                [pscustomobject]@{ Name = $command.Name; Parameters = [string[]] $command.Parameters.Keys }
            }
            """)).Clean().Objects.ToDictionary(
            static item => item.GetProperty("Name").GetString()!,
            static item => item.GetProperty("Parameters").EnumerateArray().Select(static name => name.GetString()!).ToHashSet(StringComparer.OrdinalIgnoreCase),
            StringComparer.OrdinalIgnoreCase);

        foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories).Append(Path.Combine(Repository.Root, "README.md")))
        {
            foreach (var code in Code().Matches(await File.ReadAllTextAsync(file)).Select(static match => match.Groups[1].Value.Replace("\\|", "|", StringComparison.Ordinal)))
            {
                foreach (var command in code.Split('|').Select(static part => Cmdlet().Match(part)).Where(static match => match.Success))
                {
                    var name = command.Groups["name"].Value;
                    Assert.True(known.TryGetValue(name, out var parameters), $"{Path.GetFileName(file)}: there is no {name}: `{code}`");
                    Assert.All(Parameter().Matches(command.Groups["rest"].Value).Select(static match => match.Groups[1].Value),
                        parameter => Assert.True(parameters.Contains(parameter), $"{Path.GetFileName(file)}: {name} has no -{parameter}: `{code}`"));
                }
            }
        }
    }

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"(?<name>\b[A-Z][a-z]+-Tenant[A-Za-z]*)(?<rest>.*)")]
    private static partial Regex Cmdlet();

    [GeneratedRegex(@"(?<=\s)-([A-Z][A-Za-z]+)")]
    private static partial Regex Parameter();
}
