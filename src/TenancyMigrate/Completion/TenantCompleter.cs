using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace TenancyMigrate.Completion;

/// <summary>Completes names of tenants from where the project finds them; offers none while the server does not answer. Not for scripts.</summary>
public sealed class TenantCompleter : IArgumentCompleter
{
    // More than anybody reads; of ten thousand, a letter more helps.
    private const int Most = 1000;

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var start = WildcardPattern.Unescape(Typed.Start(wordToComplete));
        return
        [
            .. Question.Ask<Tenant>(CandidateKind.Tenant, fakeBoundParameters)
                .Where(tenant => tenant.Name.StartsWith(start, StringComparison.OrdinalIgnoreCase))
                // A name that could command the terminal is none that anybody types.
                .Where(static tenant => PrintableText.Line(tenant.Name) == tenant.Name)
                .Take(Most)
                // The cmdlets take names for patterns.
                .Select(static tenant => Question.Answer(NamePattern.Escape(tenant.Name), PrintableText.Line($"{tenant.Name} (schema {tenant.Schema} in {tenant.Database})"), tenant.Name)),
        ];
    }
}

/// <summary>Completes keys of the labels that tenants have. Not for scripts.</summary>
public sealed class TenantLabelCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var start = Typed.Start(wordToComplete);
        return
        [
            .. Question.Ask<Tenant>(CandidateKind.Tenant, fakeBoundParameters)
                .SelectMany(static tenant => tenant.Labels)
                .Where(label => label.Key.StartsWith(start, StringComparison.OrdinalIgnoreCase) && PrintableText.Line(label.Key) == label.Key)
                .GroupBy(static label => label.Key, static label => label.Value, StringComparer.Ordinal)
                .OrderBy(static label => label.Key, StringComparer.Ordinal)
                .Select(static label => Question.Answer(label.Key, PrintableText.Line($"{label.Key}: {string.Join(", ", label.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(10))}"))),
        ];
    }
}
