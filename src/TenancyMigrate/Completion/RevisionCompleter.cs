using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Tenancy.Model;

namespace TenancyMigrate.Completion;

/// <summary>Completes revisions and branch labels from the manifests; where none begins as what is typed, revisions whose manifest is called or described so. Connects to nothing. Not for scripts.</summary>
public sealed class RevisionCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var start = Typed.Start(wordToComplete);
        var revisions = Question.Ask<Revision>(CandidateKind.Revision, fakeBoundParameters);
        var labels = revisions.Where(_ => parameterName != "Revision").SelectMany(static revision => revision.Labels).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

        // The latest first: that is where one goes.
        var latest = revisions.Reverse();
        var beginning = latest.Where(revision => IsMatch(revision.Id)).Select(Complete).Concat(labels.Where(IsMatch).Select(static label => Question.Answer(label, $"{label} (label)"))).ToList();
        return beginning.Count > 0 ? beginning : [.. latest.Where(IsManifest).Select(Complete)];

        static CompletionResult Complete(Revision revision) => Question.Answer(revision.Id, $"{revision.Id} ({revision.Scope}) {revision.Description}");

        bool IsManifest(Revision revision) =>
            Path.GetFileNameWithoutExtension(revision.Path).Contains(start, StringComparison.OrdinalIgnoreCase) || revision.Description.Contains(start, StringComparison.OrdinalIgnoreCase);

        bool IsMatch(string name) => name.StartsWith(start, StringComparison.OrdinalIgnoreCase);
    }
}
