using System.Collections.ObjectModel;
using Tenancy.Model;

namespace Tenancy.Core.Manifests;

/// <summary>Errors as they are found. Reading goes on after each, so that one run shows all of them.</summary>
internal sealed class ErrorList : Collection<ManifestError>
{
    /// <summary>Adds an error.</summary>
    /// <param name="position">Where.</param>
    /// <param name="message">What is wrong and what to write instead.</param>
    /// <param name="suggestion">The nearest legal spelling, or null.</param>
    public void Report(SourcePosition position, string message, string? suggestion = null) => Add(new ManifestError
    {
        File = position.File,
        Line = position.Line,
        Column = position.Column,
        Message = message,
        Suggestion = suggestion,
    });

    /// <summary>The errors as text, a line each; of very many the first.</summary>
    public string Describe() => Describe(this);

    /// <summary>Errors as text, a line each; of very many the first.</summary>
    /// <param name="errors">The errors.</param>
    public static string Describe(IReadOnlyCollection<ManifestError> errors)
    {
        const int Shown = 50;
        var lines = errors.Take(Shown).Select(static error => Environment.NewLine + "  " + error);
        var more = errors.Count > Shown ? $"{Environment.NewLine}  … and {errors.Count - Shown} more" : "";
        return string.Concat(lines) + more;
    }
}
