using System.Management.Automation.Language;

namespace TenancyMigrate.Completion;

/// <summary>The word that is being typed.</summary>
internal static class Typed
{
    /// <summary>What stands there, without the quote that it begins with, and that it may end with.</summary>
    public static string Start(string? word) => (word ?? "").Trim('\'', '"');

    /// <summary>A text as PowerShell's literal.</summary>
    public static string Quote(string text) => $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";
}
