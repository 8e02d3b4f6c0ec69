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

/// <summary>Foreign tables: no typed operation knows them.</summary>
internal sealed class ForeignTableRules() : KindRules
{
    /// <inheritdoc/>
    public override string? Obstacle(CatalogObject? from, CatalogObject? to, DiffContext context) =>
        (from is not null && to is not null && PropertyValue.Changed(from, to).Any(static property => !Common.Contains(property))) || to?["inherits"] is not null || to?["partition_of"] is not null
            ? "A foreign table is made whole or not at all here, and without parents. Write ALTER FOREIGN TABLE with the operation 'sql'." : null;

    /// <inheritdoc/>
    public override void Create(ChangeNode node, DiffContext context)
    {
        var item = node.To!;
        var columns = node.Absorbed.Where(static part => part.Identity.Kind == "column").OrderBy(static part => part.To!.Position)
            .Select(part => ColumnText.Sql(part.To!, node.Absorbed.Find(value => value.Identity.Kind == ObjectSet.Default && value.Identity.Name == part.Identity.Name)?.To, null, context, options: Options(part.To!)))
            .Concat(node.Absorbed.Where(static part => part.Identity.Kind == "constraint").OrderBy(static part => part.Identity).Select(part => ConstraintText.Sql(part.To!, context)));
        context.WriteSql($"CREATE FOREIGN TABLE {context.InSql(item.Identity.Name)} (\n    {string.Join(",\n    ", columns)}\n) SERVER {SqlIdentifier.Quote(item["server"]!)}{Options(item)}");
        foreach (var part in node.Absorbed)
        {
            Attributes.Create(part.To!, context, hasComment: false);
        }
    }

    /// <inheritdoc/>
    public override void Drop(ChangeNode node, DiffContext context) => context.WriteSql($"DROP FOREIGN TABLE {context.InSql(node.Identity.Name)}");

    private static string Options(CatalogObject item) => item.Parameters("options") is { IsEmpty: false } options
        ? $" OPTIONS ({string.Join(", ", options.Select(static option => $"{SqlIdentifier.Quote(option.Name)} {SqlLiteral.Quote(option.Value)}"))})" : "";
}
