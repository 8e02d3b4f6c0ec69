using System.Reflection;
using System.Text.RegularExpressions;
using TenancyMigrate.Help;
using TenancyMigrate.Packaging;
using TenancyMigrate.Tests.Hosting;
using Xunit;

namespace TenancyMigrate.Tests.Modules;

/// <summary>
/// The rules for names that PSScriptAnalyzer has, and those of Microsoft's guidelines for cmdlets, held without either and without PowerShell: from the built assembly's attributes.
/// </summary>
public sealed partial class NamingTests
{
    // Get-Verb of PowerShell 7.4; held against the pwsh that is there.
    private const string ApprovedVerbs =
        "Add Approve Assert Backup Block Build Checkpoint Clear Close Compare Complete Compress Confirm Connect Convert ConvertFrom ConvertTo Copy Debug Deny Deploy Disable Disconnect Dismount Edit Enable Enter Exit Expand Export "
        + "Find Format Get Grant Group Hide Import Initialize Install Invoke Join Limit Lock Measure Merge Mount Move New Open Optimize Out Ping Pop Protect Publish Push Read Receive Redo Register Remove Rename Repair Request Reset "
        + "Resize Resolve Restart Restore Resume Revoke Save Search Select Send Set Show Skip Split Start Step Stop Submit Suspend Switch Sync Test Trace Unblock Undo Uninstall Unlock Unprotect Unpublish Unregister Update Use Wait Watch Write";

    // What PowerShell gives every cmdlet, with its aliases; -WhatIf and -Confirm it gives by itself.
    private const string ReservedParameters =
        "Verbose Debug ErrorAction WarningAction InformationAction ProgressAction ErrorVariable WarningVariable InformationVariable OutVariable OutBuffer PipelineVariable UseTransaction "
        + "vb db ea wa infa proga ev wv iv ov ob pv usetx";

    // Verbs that only look, or touch nothing but the session.
    private const string ReadingVerbs = "Get Compare Measure Test Connect Disconnect";

    private static readonly IReadOnlyList<CmdletHelp> Cmdlets = CmdletReader.Read(
        Path.Combine(Repository.Root, "bin", "TenancyMigrate.dll"),
        typeof(NamingTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static item => item.Key == "PowerShellStandard").Value!,
        new Comments(Path.Combine(Repository.Root, "bin", "TenancyMigrate.xml")));

    public static TheoryData<string> Names => [.. Cmdlets.Select(static cmdlet => cmdlet.Name)];

    [Fact]
    public void The_manifest_exports_the_cmdlets_of_the_assembly_by_name() =>
        Assert.Equal(Cmdlets.Select(static cmdlet => cmdlet.Name).Order(StringComparer.Ordinal), ModuleManifest.Read(Repository.Manifest).Cmdlets);

    [Theory]
    [MemberData(nameof(Names))]
    public void The_verb_is_approved(string name) => Assert.Contains(Find(name).Verb, ApprovedVerbs.Split(' '));

    [Theory]
    [MemberData(nameof(Names))]
    public void The_noun_is_singular_and_has_the_prefix(string name)
    {
        var noun = Find(name).Noun;
        Assert.Matches("^Tenant([A-Z][a-z]+)*$", noun);
        Assert.All(Words(noun), static word => Assert.False(IsPlural(word), $"{word} is plural."));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Parameters_are_named_by_the_rules(string name)
    {
        foreach (var parameter in Find(name).Parameters)
        {
            Assert.Matches("^[A-Z][A-Za-z0-9]*$", parameter.Name);
            Assert.DoesNotContain(parameter.Name, ReservedParameters.Split(' '), StringComparer.OrdinalIgnoreCase);
            Assert.True(!IsPlural(Words(parameter.Name)[^1]) || IsCount(parameter), $"-{parameter.Name} is plural: a parameter that takes several is named for one.");
            Assert.True(parameter.Type?.Name != nameof(Boolean), $"-{parameter.Name} is a truth value where a switch is expected.");
            Assert.False(
                parameter.Type?.Name == nameof(String) && Secret().IsMatch(parameter.Name), $"-{parameter.Name} is a secret as plain text.");
            Assert.True(parameter.Name != "Credential" || parameter.Type?.Name == "PSCredential", "-Credential takes a PSCredential.");
            Assert.DoesNotMatch("^(User|UserName|Login)$", parameter.Name);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void No_two_parameters_answer_to_the_same_name(string name)
    {
        var names = Find(name).Parameters.SelectMany(static parameter => parameter.Aliases.Prepend(parameter.Name)).Concat(ReservedParameters.Split(' '));
        Assert.Empty(names.GroupBy(static one => one, StringComparer.OrdinalIgnoreCase).Where(static same => same.Count() > 1).Select(static same => same.Key));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void In_each_parameter_set_one_parameter_has_a_position_and_one_takes_the_pipeline(string name) =>
        Assert.All(Find(name).Syntax, static set =>
        {
            var positions = set.Where(static parameter => parameter.Position is not null).Select(static parameter => parameter.Position!.Value).Order().ToList();
            Assert.Equal(Enumerable.Range(0, positions.Count), positions);
            Assert.InRange(set.Count(static parameter => parameter.ByValue), 0, 1);
        });

    [Theory]
    [MemberData(nameof(Names))]
    public void What_changes_something_can_be_asked_what_it_would_do(string name)
    {
        var cmdlet = Find(name);
        Assert.True(ReadingVerbs.Split(' ').Contains(cmdlet.Verb) || cmdlet.Parameters.Any(static parameter => parameter.Name == "WhatIf"), $"{name} has no SupportsShouldProcess.");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_it_gives_is_declared(string name)
    {
        var cmdlet = Find(name);
        Assert.True(cmdlet.Outputs.Count > 0 || cmdlet.Verb is "Disconnect" or "Remove", $"{name} has no [OutputType].");
    }

    // An Object is what takes several types.
    [Fact]
    public void The_same_parameter_has_the_same_type_everywhere()
    {
        var several = Cmdlets.SelectMany(static cmdlet => cmdlet.Parameters).GroupBy(static parameter => parameter.Name)
            .Select(static same => (same.Key, Types: string.Join(", ", same.Select(static parameter => parameter.TypeName.TrimEnd('[', ']')).Where(static type => type != nameof(Object)).Distinct())))
            .Where(static same => same.Types.Contains(',', StringComparison.Ordinal));
        Assert.Empty(several);
    }

    [SkippableFact]
    public async Task The_list_of_verbs_is_PowerShells()
    {
        var answer = await Pwsh.RunAsync("(Get-Verb).Verb | Sort-Object");
        Assert.Equal(ApprovedVerbs.Split(' ').Order(StringComparer.OrdinalIgnoreCase), answer.Clean().Objects.Select(static verb => verb.GetString()!).Order(StringComparer.OrdinalIgnoreCase));
    }

    private static CmdletHelp Find(string name) => Cmdlets.Single(cmdlet => cmdlet.Name == name);

    private static string[] Words(string name) => [.. Word().Matches(name).Select(static word => word.Value)];

    private static bool IsPlural(string word) => word.EndsWith('s') && !word.EndsWith("ss", StringComparison.Ordinal) && word is not ("Status" or "Canvas" or "Alias" or "Bias");

    // How many of something is named for what it counts.
    private static bool IsCount(ParameterHelp parameter) => parameter.Type?.Name is nameof(Int32) or nameof(Int64) || parameter.Name.StartsWith("Max", StringComparison.Ordinal);

    [GeneratedRegex("[A-Z][a-z0-9]*|[A-Z]+(?![a-z])")]
    private static partial Regex Word();

    [GeneratedRegex("(Password|Passphrase|Secret|Token|ApiKey)$", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();
}
