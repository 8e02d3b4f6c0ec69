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
}
