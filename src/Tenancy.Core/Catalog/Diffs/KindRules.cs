using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>How objects of one kind are created, dropped and altered.</summary>
/// <param name="alterable">The properties that can change while the object stays; comments, owners and privileges always can.</param>
internal abstract class KindRules(params string[] alterable)
{
    /// <summary>The properties that every kind has.</summary>
    public static readonly FrozenSet<string> Common = new[] { "comment", "owner", "grants", "revokes" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Can an object become another without being dropped?</summary>
    /// <param name="from">The object as it is.</param>
    /// <param name="to">The object as it is to be.</param>
    /// <param name="changed">The properties that differ.</param>
    /// <param name="context">All else.</param>
    public virtual bool CanAlter(CatalogObject from, CatalogObject to, ImmutableArray<string> changed, DiffContext context) =>
        changed.All(property => Common.Contains(property) || alterable.Contains(property));

    /// <summary>Is the difference one that nothing should make by itself? It is told, then.</summary>
    /// <returns>Why; null where it can be made.</returns>
    public virtual string? Obstacle(CatalogObject? from, CatalogObject? to, DiffContext context) => null;

    /// <summary>Writes what creates an object, with what is created by the same operation.</summary>
    public abstract void Create(ChangeNode node, DiffContext context);

    /// <summary>Writes what drops an object.</summary>
    public abstract void Drop(ChangeNode node, DiffContext context);

    /// <summary>Writes what alters an object, its comment, owner and privileges aside.</summary>
    public virtual void Alter(ChangeNode node, DiffContext context)
    {
    }

    /// <summary>Writes what renames an object.</summary>
    public virtual void Rename(ChangeNode node, DiffContext context) => context.Write($"rename_{node.Identity.Kind}",
        ("table", node.Identity.Table is { } table ? DiffContext.Named(table) : null),
        ("from", node.Identity.Table is null ? DiffContext.Named(node.From!.Name()) : node.From!.Name()),
        ("to", node.To!.Name()));

    /// <summary>Does the operation that creates it give it its comment?</summary>
    public virtual bool HasComment(CatalogObject item) => false;

    /// <summary>Do these rules write comment, owner and privileges of a new object themselves?</summary>
    public virtual bool OwnsAttributes => false;

    /// <summary>May the node that creates an object be a part of the one that creates its container?</summary>
    public virtual bool IsPartOfCreation(CatalogObject item, DiffContext context) => false;

    /// <summary>Does the object go by itself with its container or with a column that it is about?</summary>
    public virtual bool GoesWithContainer => false;
}
