namespace Tenancy.Model;

/// <summary>Manifests or a project file that cannot be read. Carries every error of every file.</summary>
public sealed class ManifestException : TenancyException
{
    /// <summary>Makes the error.</summary>
    /// <param name="errors">All errors, in the order of files and lines; at least one.</param>
    public ManifestException(IReadOnlyList<ManifestError> errors)
        : base("InvalidManifest", Describe(errors), "Mend the files named and run again. Nothing has been connected to or changed.")
    {
        Errors = errors;
    }

    /// <summary>All errors, in the order of files and lines.</summary>
    public IReadOnlyList<ManifestError> Errors { get; }

    private static string Describe(IReadOnlyList<ManifestError> errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        const int Shown = 50;
        var lines = errors.Take(Shown).Select(static error => "  " + error);
        var more = errors.Count > Shown ? $"{Environment.NewLine}  … and {errors.Count - Shown} more" : "";
        return $"{errors.Count} error{(errors.Count == 1 ? "" : "s")} in the manifests:{Environment.NewLine}{string.Join(Environment.NewLine, lines)}{more}";
    }
}
