using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Tenancy.Model;

namespace TenancyMigrate.Completion;

/// <summary>Completes revisions and branch labels from the manifests; connects to nothing. Not for scripts.</summary>
public sealed class RevisionCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var start = Typed.Start(wordToComplete);
        var revisions = Question.AskProject<Revision>("TenancyMigrate\\Get-TenantMigration @by", fakeBoundParameters);
        var labels = revisions.Where(_ => parameterName != "Revision").SelectMany(static revision => revision.Labels).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

        // The latest first: that is where one goes.
        return
        [
            .. revisions.Reverse().Where(revision => IsMatch(revision.Id)).Select(static revision => Question.Answer(revision.Id, $"{revision.Id} ({revision.Scope}) {revision.Description}")),
            .. labels.Where(IsMatch).Select(static label => Question.Answer(label, $"{label} (label)")),
        ];

        bool IsMatch(string name) => name.StartsWith(start, StringComparison.OrdinalIgnoreCase);
    }
}
