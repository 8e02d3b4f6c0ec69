using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Modules;

public sealed class HelpTests
{
    [SkippableFact]
    public async Task Every_cmdlet_has_a_synopsis_all_parameters_and_two_examples_that_parse()
    {
        var answer = await Pwsh.RunAsync("""
            $common = [System.Management.Automation.PSCmdlet]::CommonParameters
            foreach ($command in Get-Command -Module TenancyMigrate) {
                $help = Get-Help $command.Name -Full
                $described = @($help.parameters.parameter | Where-Object { "$($_.description.Text)".Trim() } | ForEach-Object name)
                $wrong = foreach ($example in $help.examples.example) {
                    $errors = $null
                    $null = [System.Management.Automation.Language.Parser]::ParseInput($example.code, [ref] $null, [ref] $errors)
                    $errors.Message
                }
                [pscustomobject]@{
                    Name = $command.Name
                    HasSynopsis = $help.Synopsis.Length -gt 10 -and $help.Synopsis -notlike "*$($command.Name) *"
                    Undescribed = "$($command.Parameters.Keys | Where-Object { $_ -notin $common -and $_ -notin $described })"
                    Examples = @($help.examples.example | Where-Object { $_.code -like "*$($command.Name)*" -and "$($_.remarks.Text)".Trim() }).Count
                    Wrong = "$wrong".Trim()
                }
            }
            """);
        Assert.NotEmpty(answer.Clean().Objects);
        Assert.Equal(Directory.GetFiles(Path.Combine(Repository.Root, "src", "TenancyMigrate", "Cmdlets"), "*Command.cs").Length, answer.Objects.Count);
        Assert.All(answer.Values("HasSynopsis"), static value => Assert.Equal("True", value));
        Assert.All(answer.Values("Undescribed"), static value => Assert.Equal("", value));
        Assert.All(answer.Values("Wrong"), static value => Assert.Equal("", value));
        Assert.All(answer.Objects, static item => Assert.True(item.GetProperty("Examples").GetInt32() >= 2, item.ToString()));
    }

    [SkippableFact]
    public async Task Parameters_of_the_examples_exist()
    {
        var answer = await Pwsh.RunAsync("""
            foreach ($command in Get-Command -Module TenancyMigrate) {
                foreach ($example in (Get-Help $command.Name -Full).examples.example) {
                    $tree = [System.Management.Automation.Language.Parser]::ParseInput($example.code, [ref] $null, [ref] $null)
                    foreach ($call in $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)) {
                        $known = Get-Command $call.GetCommandName() -Module TenancyMigrate -ErrorAction Ignore
                        if (-not $known) { continue }
                        foreach ($parameter in $call.CommandElements.Where({ $_ -is [System.Management.Automation.Language.CommandParameterAst] })) {
                            [pscustomobject]@{ Example = $example.code; Parameter = $parameter.ParameterName; Exists = $known.Parameters.ContainsKey($parameter.ParameterName) }
                        }
                    }
                }
            }
            """);
        Assert.NotEmpty(answer.Clean().Objects);
        Assert.All(answer.Objects, static item => Assert.True(item.GetProperty("Exists").GetBoolean(), item.ToString()));
    }

    [SkippableFact]
    public async Task Links_lead_to_what_there_is()
    {
        var answer = await Pwsh.RunAsync("""
            foreach ($command in Get-Command -Module TenancyMigrate) {
                foreach ($link in (Get-Help $command.Name -Full).relatedLinks.navigationLink.linkText) {
                    [pscustomobject]@{ Name = $command.Name; Link = $link; Found = [bool] ($link -like 'about_*' ? (Get-Help $link -ErrorAction Ignore) : (Get-Command $link -ErrorAction Ignore)) }
                }
            }
            """);
        Assert.All(answer.Clean().Objects, static link => Assert.True(link.GetProperty("Found").GetBoolean(), link.ToString()));
        var links = answer.Objects.ToLookup(static link => link.GetProperty("Name").GetString(), static link => link.GetProperty("Link").GetString());
        Assert.Equal(Directory.GetFiles(Path.Combine(Repository.Root, "src", "TenancyMigrate", "Cmdlets"), "*Command.cs").Length, links.Count);
        Assert.Contains("Undo-TenantMigration", links["Invoke-TenantMigration"]);
        Assert.Contains("about_TenantRollout", links["Invoke-TenantMigration"]);
        Assert.DoesNotContain(links, static own => own.Contains(own.Key));
    }

    [SkippableFact]
    public async Task It_reads_well_in_a_terminal_of_120_columns()
    {
        var answer = await Pwsh.RunAsync("""
            [cultureinfo]::CurrentCulture = 'en-US'
            foreach ($command in Get-Command -Module TenancyMigrate) {
                [pscustomobject]@{ Name = $command.Name; Text = Get-Help $command.Name -Full | Out-String -Width 120 }
            }
            """);
        Assert.NotEmpty(answer.Clean().Objects);
        Assert.All(answer.Objects, static help =>
        {
            var lines = help.GetProperty("Text").GetString()!.ReplaceLineEndings("\n").Split('\n');
            Assert.All(lines, line => Assert.True(line.Length <= 120, $"{help.GetProperty("Name")}: {line}"));

            // Each example has a line to itself before and after.
            var titles = Enumerable.Range(0, lines.Length).Where(number => lines[number].Contains("---------- Example", StringComparison.Ordinal)).ToList();
            Assert.True(titles.Count >= 2);
            Assert.All(titles, number => Assert.Equal(("", ""), (lines[number - 1].Trim(), lines[number + 1].Trim())));
            Assert.Contains(lines, static line => line.Trim() == "about_TenancyMigrate");
        });
    }
}
