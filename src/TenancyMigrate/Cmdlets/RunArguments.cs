using System.Collections;
using System.Management.Automation;

namespace TenancyMigrate.Cmdlets;

/// <summary>Reads the arguments of a run.</summary>
internal static class RunArguments
{
    /// <summary>Keys and values as text, numbers and dates as PowerShell casts them: the same in every culture.</summary>
    /// <param name="argument">What the user gave; a null value is the empty text.</param>
    public static Dictionary<string, string> Read(Hashtable argument)
    {
        var arguments = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in argument)
        {
            arguments[entry.Key.ToString()!] = entry.Value is null ? "" : LanguagePrimitives.ConvertTo<string>(entry.Value);
        }

        return arguments;
    }
}
