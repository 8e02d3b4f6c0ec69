using System.Collections.Immutable;
using Tenancy.Core.Catalog;
using Tenancy.Core.Catalog.Diffs;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Authoring.Autogenerate;

/// <summary>What a copy of a schema has become.</summary>
/// <param name="Shape">The copy, read: of it what counts.</param>
/// <param name="Left">What of the schema no statement makes, so the copy lacks it.</param>
internal sealed record CopiedShape(SchemaSnapshot Shape, ImmutableArray<InexpressibleDifference> Left)
{
    /// <summary>The objects that are not in the copy as they are in the schema.</summary>
    /// <param name="schema">The schema.</param>
    public ImmutableHashSet<ObjectIdentity> Uncopied(SchemaSnapshot schema) => [.. SnapshotComparison.Compare(schema, Shape).Select(static difference => difference.Identity)];

    /// <summary>The differences to the schema that <see cref="Left"/> does not explain.</summary>
    /// <param name="schema">The schema.</param>
    public IEnumerable<SnapshotDifference> Unexplained(SchemaSnapshot schema)
    {
        ImmutableArray<ObjectIdentity> said = [.. Left.Select(static left => left.Identity)];
        return SnapshotComparison.Compare(schema, Shape).Where(difference => !Covers(said, difference.Identity, Shape));
    }

    /// <summary>True where an object is said to be left as it is: it, or a table that is not there with all that would be part of it.</summary>
    /// <param name="said">What is said to be left.</param>
    /// <param name="identity">The object.</param>
    /// <param name="there">What is there.</param>
    public static bool Covers(IEnumerable<ObjectIdentity> said, ObjectIdentity identity, SchemaSnapshot there) =>
        said.Any(left => left == identity || (left.Table is null && left.Name == identity.Table && !there.Objects.ContainsKey(left)));

    /// <summary>A schema that was read with its names in tokens from the copy, with what the copy lacks as the schema has it.</summary>
    /// <param name="read">The copy, names in tokens.</param>
    /// <param name="schema">The schema, names bare.</param>
    /// <param name="lacking">What one of the copies lacks: of these no text is written, so their names may be bare.</param>
    /// <param name="token">The token.</param>
    public static SchemaSnapshot Complete(SchemaSnapshot read, SchemaSnapshot schema, ImmutableHashSet<ObjectIdentity> lacking, string token)
    {
        if (lacking.IsEmpty)
        {
            return read;
        }

        ObjectIdentity Bare(ObjectIdentity identity) => identity with { Name = identity.Name.Replace(token + ".", "", StringComparison.Ordinal).Replace(SqlIdentifier.Quote(token) + ".", "", StringComparison.Ordinal) };
        var objects = read.Objects.Values.Where(item => !lacking.Contains(Bare(item.Identity))).Concat(lacking.Select(schema.Objects.GetValueOrDefault).OfType<CatalogObject>()).ToList();
        var known = objects.Select(static item => item.Identity).ToHashSet();
        return new(objects, read.Dependencies.Union(schema.Dependencies.Where(pair => lacking.Contains(pair.From) || lacking.Contains(pair.To))).Where(pair => known.Contains(pair.From) && known.Contains(pair.To)));
    }
}
