using System.Collections;
using System.Collections.ObjectModel;
using System.Management.Automation;

namespace TenancyMigrate.Completion;

/// <summary>
/// What a completer asks a cmdlet of this module, so that project and connection are those that the command being typed would take. A prompt is
/// no place for errors, nor one to wait at: what goes wrong, or takes longer than <see cref="Patience"/>, is no answer.
/// </summary>
internal static class Question
{
    // With it, a person waits less than 200 ms for any answer.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(150);

    private static readonly string[] ProjectParameters = ["Project"];

    private static readonly string[] ConnectionParameters = [.. ProjectParameters, "Server", "Port", "Database", "Credential", "AccessToken", "SslMode"];

    /// <summary>Asks what needs no connection, and waits for it.</summary>
    /// <param name="command">A cmdlet, with <c>@by</c> where its parameters go.</param>
    /// <param name="typed">The parameters that stand in the command being typed.</param>
    public static Collection<T> AskProject<T>(string command, IDictionary typed) => Ask<T>(command, Choose(typed, ProjectParameters), Timeout.InfiniteTimeSpan);

    /// <summary>Asks what needs a connection.</summary>
    /// <param name="command">A cmdlet, with <c>@by</c> where its parameters go.</param>
    /// <param name="typed">The parameters that stand in the command being typed.</param>
    public static Collection<T> AskServer<T>(string command, IDictionary typed) => Ask<T>(command, Choose(typed, ConnectionParameters), Patience);

    /// <summary>A text as what completes an argument: quoted where PowerShell needs that.</summary>
    /// <param name="text">The text.</param>
    /// <param name="description">What the menu tells of it.</param>
    /// <param name="shown">What the menu shows; default: the text.</param>
    public static CompletionResult Answer(string text, string description, string? shown = null) =>
        new(IsPlain(text) ? text : Typed.Quote(text), shown ?? text, CompletionResultType.ParameterValue, description);

    private static bool IsPlain(string text) => text.Length > 0 && text.All(static letter => char.IsLetterOrDigit(letter) || letter is '_' or '-' or '.') && text[0] is not ('-' or '.');

    private static Hashtable Choose(IDictionary typed, string[] names)
    {
        var chosen = new Hashtable();
        foreach (var name in names.Where(name => typed[name] is not null))
        {
            chosen.Add(name, typed[name]);
        }

        return chosen;
    }

    private static Collection<T> Ask<T>(string command, Hashtable by, TimeSpan patience)
    {
        using var shell = PowerShell.Create(RunspaceMode.CurrentRunspace)
            .AddScript($"param($by) $before = $global:Error.Count; try {{ {command} }} catch {{ }} finally {{ while ($global:Error.Count -gt $before) {{ $global:Error.RemoveAt(0) }} }}", useLocalScope: true)
            .AddArgument(by);
        var isLate = false;
        using var impatient = new Timer(
            _ =>
            {
                Volatile.Write(ref isLate, true);
                shell.BeginStop(null, null);
            },
            null,
            patience,
            Timeout.InfiniteTimeSpan);
        try
        {
            // A part of the answer would look like all of it.
            var answer = shell.Invoke<T>();
            return Volatile.Read(ref isLate) ? [] : answer;
        }
        catch (PipelineStoppedException)
        {
            return [];
        }
    }
}
