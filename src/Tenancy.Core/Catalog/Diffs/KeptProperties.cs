using System.Collections.Immutable;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Properties that do not count stay as they are: what goes for a while because of another change comes again with its privileges, owner and comment, though nobody compares them. So does a routine whose argument types change.</summary>
internal static class KeptProperties
{
    private static readonly ImmutableArray<string> Routines = ["function", "procedure", "aggregate"];

    private static readonly ImmutableArray<string> Bare = ["column", "attribute", "identity_sequence"];

    /// <summary>Gives both sides of a comparison what the schema has of such properties.</summary>
    /// <param name="from">The schema as it is, without them.</param>
    /// <param name="to">The schema as it is to be, without them.</param>
    /// <param name="actual">The schema as it is, with them; its names are bare.</param>
    /// <param name="properties">The properties.</param>
    /// <param name="options">The renames, and the token that names may have in the two.</param>
    public static (SchemaSnapshot From, SchemaSnapshot To) Carry(SchemaSnapshot from, SchemaSnapshot to, SchemaSnapshot actual, IReadOnlySet<string> properties, DiffOptions options)
    {
        if (properties.Count == 0)
        {
            return (from, to);
        }

        from = With(from, actual.Objects, properties, text => text.Replace($"{options.OwnToken}.", "", StringComparison.Ordinal));
        var isRenamed = !options.Renames.IsEmpty;
        var (renamed, wanted) = (new RenamedObjects(isRenamed ? PropertyValue.Canonical(from) : from, options.OwnToken), isRenamed ? PropertyValue.Canonical(to) : to);
        renamed.Apply(options.Renames, wanted);
        renamed.MatchDefinitions(wanted);
        return (from, With(to, renamed.Objects.ToDictionary(static item => item.Identity), properties, static text => text));
    }

    private static SchemaSnapshot With(SchemaSnapshot shape, IReadOnlyDictionary<ObjectIdentity, CatalogObject> known, IReadOnlySet<string> properties, Func<string, string> name)
    {
        ImmutableSortedDictionary<string, string> Of(CatalogObject item) => CatalogObject.NoProperties.AddRange(item.Properties.Where(pair => properties.Contains(pair.Key)));
        var there = shape.Objects.Keys.Select(identity => identity with { Name = name(identity.Name) }).ToHashSet();
        var former = known.Values.Where(item => Routines.Contains(item.Identity.Kind) && !there.Contains(item.Identity)).ToLookup(static item => (item.Identity.Kind, RoutineText.Name(item)));
        // One whose argument types change is another to PostgreSQL, which would let everybody call it. Where several go, what all of them have.
        ImmutableSortedDictionary<string, string> Kept(CatalogObject item) => known.TryGetValue(item.Identity with { Name = name(item.Identity.Name) }, out var same) ? Of(same)
            : Routines.Contains(item.Identity.Kind) && former[(item.Identity.Kind, RoutineText.Name(item))].Select(Of).ToList() is [var first, .. var rest] && rest.TrueForAll(first.SequenceEqual) ? first
            : CatalogObject.NoProperties;
        var objects = shape.Objects.Values.Select(item => Kept(item) is { Count: > 0 } kept ? item.With(item.Properties.SetItems(kept)) : item).ToList();

        // Columns of views and the like are there only where they have such properties. Which columns a view has that changes, no snapshot tells.
        var more = known.Values.Where(item => Bare.Contains(item.Identity.Kind) && item.Properties.Keys.All(properties.Contains) && !shape.Objects.ContainsKey(item.Identity) && HasContainer(item, shape, known, name));
        return new(objects.Concat(more), shape.Dependencies);
    }

    private static bool HasContainer(CatalogObject item, SchemaSnapshot shape, IReadOnlyDictionary<ObjectIdentity, CatalogObject> known, Func<string, string> name) =>
        item.Identity.Kind == "identity_sequence" ? shape.Objects.GetValueOrDefault(new("column", item.Identity.Name, item.Identity.Table))?["identity"] is not null
        : new[] { ("view", "query"), ("materialized_view", "query"), ("composite_type", "attributes") }.Any(kind => new ObjectIdentity(kind.Item1, item.Identity.Table!) is var container
            && shape.Objects.GetValueOrDefault(container) is { } now && known.GetValueOrDefault(container) is { } was && now[kind.Item2] is { } text && name(text) == was[kind.Item2]);
}
