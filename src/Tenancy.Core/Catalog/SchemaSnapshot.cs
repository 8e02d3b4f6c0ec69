using System.Collections.Immutable;

namespace Tenancy.Core.Catalog;

/// <summary>What a schema holds, without its name: schemas of equal shape have equal snapshots. <see cref="SnapshotReader"/> reads it; <c>docs/catalog.md</c> says what is in it.</summary>
public sealed class SchemaSnapshot
{
    private readonly Lazy<string> fingerprint;

    /// <summary>Makes a snapshot of objects, each there once.</summary>
    /// <param name="objects">The objects.</param>
    /// <param name="dependencies">Which object needs which.</param>
    public SchemaSnapshot(IEnumerable<CatalogObject> objects, IEnumerable<(ObjectIdentity From, ObjectIdentity To)> dependencies)
    {
        Objects = objects.ToDictionary(static item => item.Identity);
        Dependencies = [.. dependencies];
        fingerprint = new(() => SnapshotFingerprint.Of(Objects.Values));
    }

    /// <summary>The objects by identity.</summary>
    public IReadOnlyDictionary<ObjectIdentity, CatalogObject> Objects { get; }

    /// <summary>Which object (<c>From</c>) needs which (<c>To</c>), as far as PostgreSQL knows: what text in the body of a function names, it does not. That a column needs its table is not said.</summary>
    public ImmutableArray<(ObjectIdentity From, ObjectIdentity To)> Dependencies { get; }

    /// <summary>The same for equal objects and no others, and what <see cref="FleetFingerprints"/> computes in the server: SHA-256, as hexadecimal digits.</summary>
    public string Fingerprint => fingerprint.Value;
}
