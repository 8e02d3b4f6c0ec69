using Tenancy.Model;

namespace Tenancy.Core.Catalog.Drift;

/// <summary>What schemas at some revisions are to be like.</summary>
internal sealed class ExpectedShape
{
    private readonly SchemaSnapshot? marked;
    private readonly IReadOnlyList<CatalogObject> named = [];
    private readonly IReadOnlyList<byte[]> others = [];

    private ExpectedShape(SchemaSnapshot? snapshot, SchemaSnapshot? marked, MigrationFailure? failure)
    {
        Snapshot = snapshot;
        Failure = failure;
        Fingerprint = snapshot?.Fingerprint;
        if (marked is not null && OwnName.IsIn(marked))
        {
            this.marked = marked;
            named = [.. marked.Objects.Values.Where(OwnName.IsIn)];
            others = [.. marked.Objects.Values.Where(static item => !OwnName.IsIn(item)).Select(SnapshotFingerprint.Hash)];
        }
    }

    /// <summary>The fingerprint; null where it could not be found out. Where definitions have the schema's name it is no schema's, and stands for all.</summary>
    public string? Fingerprint { get; }

    /// <summary>The shape, with the mark of <see cref="OwnName"/> where definitions have the schema's name; null where it could not be found out.</summary>
    public SchemaSnapshot? Snapshot { get; }

    /// <summary>Why it could not be found out; null where it could.</summary>
    public MigrationFailure? Failure { get; }

    /// <summary>True where definitions have the schema's name as text, so that each schema's fingerprint may be another.</summary>
    public bool IsNamed => marked is not null;

    /// <summary>A shape that is known.</summary>
    /// <param name="snapshot">It, with marks where it has the schema's name.</param>
    public static ExpectedShape Of(SchemaSnapshot snapshot) => new(snapshot, snapshot, null);

    /// <summary>A tenant's shape. Another tenant may have its own name where this one has its: both are as expected.</summary>
    /// <param name="snapshot">It, as it was read.</param>
    /// <param name="schema">The tenant's schema.</param>
    public static ExpectedShape OfTenant(SchemaSnapshot snapshot, string schema) => new(snapshot, OwnName.OfTenant(snapshot, schema), null);

    /// <summary>None, because it could not be found out.</summary>
    /// <param name="failure">Why.</param>
    public static ExpectedShape Unknown(MigrationFailure failure) => new(null, null, failure);

    /// <summary>A schema's shape in the words of what is expected: its own name is not what differs.</summary>
    /// <param name="actual">The shape, as it was read.</param>
    /// <param name="schema">The schema.</param>
    public SchemaSnapshot Align(SchemaSnapshot actual, string schema) => marked is null ? actual : OwnName.Align(actual, schema, marked, Snapshot!);

    /// <summary>What a schema is to be like, with marks where it is to have its name.</summary>
    /// <param name="actual">The schema's shape, as it was read.</param>
    /// <param name="schema">The schema.</param>
    /// <exception cref="TenancyException"><c>NameInDefinition</c>: what is expected has the other tenant's name, and this one has something else.</exception>
    public SchemaSnapshot For(SchemaSnapshot actual, string schema)
    {
        if (marked is null || ReferenceEquals(marked, Snapshot))
        {
            return Snapshot!;
        }

        var there = Align(actual, schema);
        return new(Snapshot!.Objects.Values.Select(wanted => OwnName.IsIn(marked.Objects[wanted.Identity]) ? Choose(wanted, marked.Objects[wanted.Identity], there.Objects.GetValueOrDefault(wanted.Identity), actual) : wanted), Snapshot.Dependencies);
    }

    private static CatalogObject Choose(CatalogObject wanted, CatalogObject mark, CatalogObject? there, SchemaSnapshot actual)
    {
        if (there is null || mark.Properties.Any(pair => pair.Value != wanted[pair.Key] && there[pair.Key] != wanted[pair.Key]))
        {
            throw new TenancyException(
                "NameInDefinition",
                $"{wanted} is to be as that of the reference, which has the reference's own name in it: it cannot be told whether another tenant is to have that, or its own.",
                "Repair without -Reference: the manifests say which it is. Or leave it out with -Exclude, and mend it by hand.");
        }

        // As this schema has it: its own name, or the word.
        return actual.Objects.GetValueOrDefault(wanted.Identity) ?? wanted;
    }

    /// <summary>The fingerprint that a schema of this name is to have; null where it could not be found out.</summary>
    /// <param name="schema">The schema.</param>
    public string? FingerprintOf(string schema) => IsNamed ? SnapshotFingerprint.Of(others.Concat(named.Select(item => SnapshotFingerprint.Hash(OwnName.Fill(item, schema))))) : Fingerprint;
}
