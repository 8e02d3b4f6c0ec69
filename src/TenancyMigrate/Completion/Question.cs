using System.Collections;
using System.Management.Automation;

namespace TenancyMigrate.Completion;

/// <summary>
/// What a completer asks, with project and connection of the command being typed. A prompt is no place for errors, nor one to wait at: what goes wrong is no answer, and what
/// takes longer than <see cref="Patience"/> is answered with what was read last.
/// </summary>
internal static class Question
{
    // With it, a person waits less than 200 ms for any answer.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(140);

    // What runs on the pipeline's thread, such as a token's script block, is stopped then.
    private static readonly TimeSpan LongestPatience = TimeSpan.FromMilliseconds(160);

    private static readonly CmdletInfo Command = new("Get-TenantCandidate", typeof(CandidateCommand));

    private static readonly string[] ProjectParameters = ["Project"];

    private static readonly string[] ConnectionParameters = [.. ProjectParameters, "Server", "Port", "Database", "Credential", "AccessToken", "SslMode"];

    /// <summary>Asks.</summary>
    /// <typeparam name="T">What candidates of the kind are.</typeparam>
    /// <param name="kind">What is asked for.</param>
    /// <param name="typed">The parameters that stand in the command being typed.</param>
    public static IReadOnlyList<T> Ask<T>(CandidateKind kind, IDictionary typed)
    {
        if (kind != CandidateKind.Revision && !CanConnect(typed))
        {
            return [];
        }

        var request = new CandidateRequest(kind, Patience);
        using var shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        shell.AddCommand(Command).AddParameter("Request", request);
        foreach (var name in (kind == CandidateKind.Revision ? ProjectParameters : ConnectionParameters).Where(name => typed[name] is not null))
        {
            shell.AddParameter(name, typed[name]);
        }

        using var impatient = new Timer(_ => shell.BeginStop(null, null), null, LongestPatience, Timeout.InfiniteTimeSpan);
        try
        {
            shell.Invoke();
        }
        catch (RuntimeException)
        {
            // Parameters that do not fit, no project, or stopped.
        }

        return [.. request.Reading?.Take().Cast<T>() ?? []];
    }

    /// <summary>A text as what completes an argument: quoted where PowerShell needs that.</summary>
    /// <param name="text">The text.</param>
    /// <param name="description">What the menu tells of it.</param>
    /// <param name="shown">What the menu shows; default: the text.</param>
    public static CompletionResult Answer(string text, string description, string? shown = null) =>
        new(IsPlain(text) ? text : Typed.Quote(text), shown ?? text, CompletionResultType.ParameterValue, description);

    // Who is only named would be asked for a password; and what is being typed is not run before Enter.
    private static bool CanConnect(IDictionary typed) =>
        Base(typed["Credential"]) is null or PSCredential && Base(typed["AccessToken"]) is not ScriptBlock;

    private static object? Base(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;

    private static bool IsPlain(string text) => text.Length > 0 && text.All(static letter => char.IsLetterOrDigit(letter) || letter is '_' or '-' or '.') && text[0] is not ('-' or '.');
}
