using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using Tenancy.Model;

namespace TenancyMigrate.Completion;

/// <summary>Completes ids of runs, the newest first; for <c>-Resume</c> those that can be gone on with. Not for scripts.</summary>
public sealed class RunCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var start = Typed.Start(wordToComplete);
        var isResume = parameterName == "Resume";
        var direction = commandName.StartsWith("Undo", StringComparison.OrdinalIgnoreCase) ? "down" : "up";
        return
        [
            .. Question.Ask<TenantRun>(CandidateKind.Run, fakeBoundParameters)
                .Where(run => run.RunId.ToString().StartsWith(start, StringComparison.OrdinalIgnoreCase) && (!isResume || (run.IsKept && run.Direction == direction)))
                .Select(static run => Question.Answer(run.RunId.ToString(), string.Create(CultureInfo.InvariantCulture, $"{run.Started:u} {run.Direction} to {run.Target} by {run.Who}"))),
        ];
    }
}
