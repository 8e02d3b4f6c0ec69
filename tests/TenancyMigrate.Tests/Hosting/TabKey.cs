namespace TenancyMigrate.Tests.Hosting;

/// <summary>The tab key.</summary>
internal static class TabKey
{
    /// <summary>A script that gives what completes a line. It presses until something does, as a person would: a completer waits less than a fifth of a second, which a busy machine may need many of.</summary>
    /// <param name="line">What is typed.</param>
    public static string Press(string line) => $$"""
        & {
            $deadline = (Get-Date).AddMinutes(2)
            do { $found = (TabExpansion2 {{PwshProcess.Quote(line)}}).CompletionMatches } until ($found.Count -or (Get-Date) -gt $deadline)
            $found
        } | Select-Object CompletionText, ListItemText, ToolTip
        """;
}
