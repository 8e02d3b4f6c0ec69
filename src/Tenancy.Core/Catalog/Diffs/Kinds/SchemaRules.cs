using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>The schema itself: it is there; its owner and privileges may differ.</summary>
internal sealed class SchemaRules() : KindRules
{
    /// <inheritdoc/>
    public override bool CanAlter(CatalogObject from, CatalogObject to, System.Collections.Immutable.ImmutableArray<string> changed, DiffContext context) => true;

    /// <inheritdoc/>
    public override void Create(ChangeNode node, DiffContext context)
    {
        // Whoever asks for all of a schema has made it.
    }

    /// <inheritdoc/>
    public override void Drop(ChangeNode node, DiffContext context)
    {
        // It stays, without what is in it.
    }
}

/// <summary>What roles give by default on what they make in the schema (ALTER DEFAULT PRIVILEGES … IN SCHEMA).</summary>
internal sealed class DefaultPrivilegesRules() : KindRules
{
    /// <inheritdoc/>
    public override bool OwnsAttributes => true;

    /// <summary>The head of the statement, and on what kind of objects: out of a name such as <c>tables of &lt;owner&gt;</c>.</summary>
    public static (string Head, string On) Words(CatalogObject item, DiffContext context)
    {
        var parts = item.Identity.Name.Split(" of ", 2);
        return ($"ALTER DEFAULT PRIVILEGES{(parts[1] == CatalogObject.SchemaOwner ? "" : $" FOR ROLE {SqlIdentifier.Quote(parts[1])}")} IN SCHEMA {context.Token} ", parts[0].ToUpperInvariant());
    }

    /// <inheritdoc/>
    public override void Create(ChangeNode node, DiffContext context) => Grants.Change(node.To!, null, context);

    /// <inheritdoc/>
    public override void Drop(ChangeNode node, DiffContext context) => Grants.Change(node.From!.With(CatalogObject.NoProperties), node.From, context);
}
