using Tenancy.Model;

namespace Tenancy.Core.Catalog.Drift;

/// <summary>What schemas at some revisions are to be like.</summary>
/// <param name="Fingerprint">The fingerprint; null where it could not be found out.</param>
/// <param name="Snapshot">The shape; null likewise.</param>
/// <param name="Failure">Why it could not be found out; null where it could.</param>
internal sealed record ExpectedShape(string? Fingerprint, SchemaSnapshot? Snapshot, MigrationFailure? Failure)
{
    /// <summary>A shape that is known.</summary>
    /// <param name="snapshot">It.</param>
    public static ExpectedShape Of(SchemaSnapshot snapshot) => new(snapshot.Fingerprint, snapshot, null);
}
