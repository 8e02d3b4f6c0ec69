using System.Text.RegularExpressions;

namespace TenancyMigrate.Help;

/// <summary>What the help of a cmdlet leads to: the cmdlets that it names, those of its noun, and the about topics of what it does.</summary>
internal static partial class RelatedLinks
{
    /// <summary>The cmdlets, each with its links: cmdlets by name, then topics.</summary>
    public static IEnumerable<CmdletHelp> Add(IReadOnlyList<CmdletHelp> cmdlets) =>
        cmdlets.Select(cmdlet => cmdlet with { Related = [.. FindCmdlets(cmdlet, cmdlets), .. FindTopics(cmdlet)] });

    private static IEnumerable<string> FindCmdlets(CmdletHelp cmdlet, IReadOnlyList<CmdletHelp> all)
    {
        var named = Name().Matches(string.Join(' ', [cmdlet.Synopsis, .. cmdlet.Description, .. cmdlet.Examples.Select(static example => $"{example.Text} {example.Code}")])).Select(static name => name.Value).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return all.Where(other => other.Name != cmdlet.Name && (other.Noun == cmdlet.Noun || named.Contains(other.Name))).Select(static other => other.Name);
    }

    private static IEnumerable<string> FindTopics(CmdletHelp cmdlet)
    {
        yield return "about_TenancyMigrate";
        if (cmdlet.Noun == "TenantMigration")
        {
            yield return "about_TenantManifest";
        }

        if (cmdlet.Parameters.Any(static parameter => parameter.Name == "Rollout"))
        {
            yield return "about_TenantRollout";
        }

        yield return "about_TenantErrors";
    }

    [GeneratedRegex("[A-Z][a-z]+-Tenant[A-Za-z]*")]
    private static partial Regex Name();
}
