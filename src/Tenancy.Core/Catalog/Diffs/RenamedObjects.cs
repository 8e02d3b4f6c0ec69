using System.Collections.Immutable;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>
/// The objects of a snapshot as they will be called after renames, so that a diff finds under one name what is one thing. What PostgreSQL prints with the new name by itself (columns in keys and
/// conditions, tables in keys) is written so here; what keeps the old name in another way (a view calls its columns as before) is marked (<see cref="Mark"/>), and so made anew.
/// </summary>
internal sealed class RenamedObjects
{
    /// <summary>A property of what the server prints in another way after a rename. No snapshot has it.</summary>
    public const string Mark = "renamed";

    private readonly Dictionary<ObjectIdentity, CatalogObject> objects;

    private readonly Dictionary<ObjectIdentity, ObjectIdentity> names = [];

    private readonly ImmutableArray<(ObjectIdentity From, ObjectIdentity To)> dependencies;

    /// <summary>The objects of a snapshot whose properties are canonical (<see cref="PropertyValue.Canonical(SchemaSnapshot)"/>), not renamed yet.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="token">What its own names are qualified with, where they are.</param>
    public RenamedObjects(SchemaSnapshot snapshot, string token) => (objects, dependencies, OwnToken, Values) = (new(snapshot.Objects), snapshot.Dependencies, token, new(token));

    /// <summary>What the snapshot's own names are qualified with, where they are.</summary>
    public string OwnToken { get; }

    /// <summary>The objects under their new names.</summary>
    public IReadOnlyCollection<CatalogObject> Objects => objects.Values;

    /// <summary>Names within properties.</summary>
    public RenamedValues Values { get; }

    /// <summary>The renames that take a statement, in order.</summary>
    public List<ChangeNode> Steps { get; } = [];

    /// <summary>The dependencies of the snapshot under the new names.</summary>
    public IEnumerable<(ObjectIdentity From, ObjectIdentity To)> Dependencies => dependencies.Select(pair => (Now(pair.From), Now(pair.To)));

    /// <summary>An object by its new name; null where there is none.</summary>
    public CatalogObject? Find(ObjectIdentity identity) => objects.GetValueOrDefault(identity);

    /// <summary>The identity of an object after the renames.</summary>
    public ObjectIdentity Now(ObjectIdentity identity) => names.GetValueOrDefault(identity, identity);

    /// <summary>The identity in the snapshot, before any rename.</summary>
    public ObjectIdentity Before(ObjectIdentity identity) => names.FirstOrDefault(pair => pair.Value == identity) is { Key.Kind: not null } pair ? pair.Key : identity;

    /// <summary>Renames what was asked for.</summary>
    /// <param name="renames">The renames; those that say that a thing is not renamed are passed over.</param>
    /// <param name="target">The snapshot that has the new names.</param>
    /// <exception cref="Tenancy.Model.TenancyException"><c>RenameNotFound</c>: there is no such object, or there is none of the new name.</exception>
    public void Apply(ImmutableArray<ObjectRename> renames, SchemaSnapshot target) => new AskedRenames(this, renames, target).Apply();

    /// <summary>Takes as one what is one but for its name (constraints, indexes and the sequences of columns, of equal definition), and renames it.</summary>
    /// <param name="target">The snapshot that is wanted.</param>
    public void MatchDefinitions(SchemaSnapshot target)
    {
        new MatchedNames(this, target).Match();
        IdentityNames.Align(objects, target, Before, Steps);
    }

    /// <summary>Puts an object in the place of what it is by now.</summary>
    public void Set(CatalogObject item) => objects[item.Identity] = item;

    /// <summary>Takes an object out, until it is put in again under another name.</summary>
    public bool Remove(ObjectIdentity identity, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out CatalogObject? item) => objects.Remove(identity, out item);

    /// <summary>Puts an object in under another name, and keeps in mind which it is.</summary>
    /// <param name="before">Its identity in the snapshot.</param>
    /// <param name="item">The object.</param>
    public void Add(ObjectIdentity before, CatalogObject item)
    {
        names[before] = item.Identity;
        objects[item.Identity] = item;
    }
}
