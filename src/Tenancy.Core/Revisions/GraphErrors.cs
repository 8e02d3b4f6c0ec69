using Tenancy.Core.Manifests;
using Tenancy.Model;

namespace Tenancy.Core.Revisions;

/// <summary>Collects what is wrong with the graph, so that all of it is reported at once.</summary>
internal sealed class GraphErrors
{
    /// <summary>Looking for a spelling compares with every id; past these many errors nobody reads it.</summary>
    private const int SuggestionLimit = 50;

    private readonly List<ManifestError> errors = [];

    /// <summary>Notes an error at the place of a manifest's <c>revision</c>.</summary>
    public void Add(Manifest manifest, string message, Func<string?>? suggest = null)
    {
        var position = manifest.Position;
        errors.Add(new()
        {
            File = position.File ?? manifest.Path,
            Line = position.Line,
            Column = position.Column,
            Message = message,
            Suggestion = errors.Count < SuggestionLimit ? suggest?.Invoke() : null,
        });
    }

    /// <summary>Throws when there are errors.</summary>
    /// <exception cref="ManifestException">There are.</exception>
    public void ThrowIfAny()
    {
        if (errors.Count > 0)
        {
            throw new ManifestException([.. errors
                .OrderBy(static error => error.File, StringComparer.Ordinal)
                .ThenBy(static error => error.Line)
                .ThenBy(static error => error.Column)]);
        }
    }
}
