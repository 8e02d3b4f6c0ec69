using System.Collections;
using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Language;
using Tenancy.Model;

namespace TenancyMigrate.Completion;

/// <summary>Completes revisions and branch labels from the manifests; connects to nothing. Not for scripts.</summary>
public sealed class RevisionCompleter : IArgumentCompleter
{
    private const string Project = "Project";

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        ArgumentNullException.ThrowIfNull(fakeBoundParameters);
        var start = (wordToComplete ?? "").Trim('\'', '"');
        var revisions = Read(fakeBoundParameters[Project] as string);
        var labels = revisions.Where(_ => parameterName != "Revision").SelectMany(static revision => revision.Labels).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

        // The latest first: that is where one goes.
        return
        [
            .. revisions.Reverse().Where(revision => IsMatch(revision.Id)).Select(static revision => Make(revision.Id, $"{revision.Id} ({revision.Scope}) {revision.Description}")),
            .. labels.Where(IsMatch).Select(static label => Make(label, $"{label} (label)")),
        ];

        bool IsMatch(string name) => name.StartsWith(start, StringComparison.OrdinalIgnoreCase);
    }

    private static CompletionResult Make(string text, string description) => new(text, text, CompletionResultType.ParameterValue, description);

    // Through the cmdlet, so that the project is the one that it would take. With errors in the manifests, or no project, there is
    // nothing to offer, and a prompt is no place to say so.
    private static Collection<Revision> Read(string? project)
    {
        const string Script = "param($by) try { TenancyMigrate\\Get-TenantMigration @by } catch { $global:Error.RemoveAt(0) }";
        var by = new Hashtable();
        if (project is not null)
        {
            by.Add(Project, project);
        }

        using var shell = PowerShell.Create(RunspaceMode.CurrentRunspace).AddScript(Script, useLocalScope: true).AddArgument(by);
        return shell.Invoke<Revision>();
    }
}
