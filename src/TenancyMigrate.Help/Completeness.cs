namespace TenancyMigrate.Help;

/// <summary>What a cmdlet's help must have.</summary>
internal static class Completeness
{
    private const int FewestExamples = 2;

    /// <summary>What is missing, a sentence each.</summary>
    public static IEnumerable<string> FindGaps(CmdletHelp cmdlet)
    {
        if (cmdlet.Synopsis.Length == 0)
        {
            yield return $"{cmdlet.Name} has no <summary>.";
        }

        if (cmdlet.Examples.Count(static example => example.Text.Length > 0 && example.Code.Length > 0) < FewestExamples)
        {
            yield return $"{cmdlet.Name} has fewer than {FewestExamples} <example> elements with a <para> and a <code>.";
        }

        foreach (var parameter in cmdlet.Parameters.Where(static parameter => parameter.Description.Length == 0))
        {
            yield return $"{cmdlet.Name} -{parameter.Name} has no <summary>.";
        }
    }
}
