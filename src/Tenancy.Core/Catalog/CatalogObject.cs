using System.Collections.Immutable;

namespace Tenancy.Core.Catalog;

/// <summary>An object of a schema. Two are equal when identity and properties are; place and actual name do not count.</summary>
public sealed class CatalogObject : IEquatable<CatalogObject>
{
    /// <summary>Stands in <c>owner</c> and <c>grants</c> for the role that owns the schema, which may be another in every tenant. No role can be found by that name by accident.</summary>
    public const string SchemaOwner = "<owner>";

    /// <summary>Properties without any value.</summary>
    public static readonly ImmutableSortedDictionary<string, string> NoProperties = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal, StringComparer.Ordinal);

    /// <summary>Which object it is.</summary>
    public required ObjectIdentity Identity { get; init; }

    /// <summary>Its properties, by the keys of manifests where they have one; one that is not there has PostgreSQL's default. Truth is <c>true</c>, lists and mappings are JSON.</summary>
    public required ImmutableSortedDictionary<string, string> Properties { get; init; }

    /// <summary>A column's place in its table, counted as PostgreSQL does: dropped columns leave gaps. Null for other kinds.</summary>
    public int? Position { get; init; }

    /// <summary>The name in the schema that was read, of an index or constraint whose name PostgreSQL chose: another number may be at its end than in <see cref="Identity"/>. Null for others.</summary>
    public string? ActualName { get; init; }

    /// <summary>A property's value; null where it is PostgreSQL's default.</summary>
    /// <param name="property">The property.</param>
    public string? this[string property] => Properties.GetValueOrDefault(property);

    /// <inheritdoc/>
    public bool Equals(CatalogObject? other) => other is not null && Identity == other.Identity && HasPropertiesOf(other);

    /// <summary>Are all properties equal?</summary>
    /// <param name="other">The other object.</param>
    internal bool HasPropertiesOf(CatalogObject other) => Properties.Count == other.Properties.Count && Properties.All(pair => other[pair.Key] == pair.Value);

    /// <summary>The same object with another identity.</summary>
    /// <param name="identity">The identity.</param>
    internal CatalogObject Named(ObjectIdentity identity) => new() { Identity = identity, Properties = Properties, Position = Position, ActualName = ActualName };

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CatalogObject);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Identity, Properties.Count);

    /// <inheritdoc/>
    public override string ToString() => Identity.ToString();
}
