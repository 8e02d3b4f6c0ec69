using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Foreign tables: no typed operation knows them.</summary>
internal sealed class ForeignTableRules() : KindRules
{
    private const string Property = "options";

    /// <inheritdoc/>
    public override string? Obstacle(CatalogObject? from, CatalogObject? to, DiffContext context) =>
        (from is not null && to is not null && PropertyValue.Changed(from, to).Any(static property => property != Property && !Common.Contains(property))) || to?["inherits"] is not null || to?["partition_of"] is not null
            ? "A foreign table stays on its server here, and without parents. Write the statements for it yourself, with the operation 'sql'." : null;

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

    /// <inheritdoc/>
    public override void Alter(ChangeNode node, DiffContext context)
    {
        if (Changes(node.From!, node.To!) is { } changes)
        {
            context.WriteSql($"ALTER FOREIGN TABLE {context.InSql(node.Identity.Name)} {changes}");
            context.Warn(Hazards.Instant(node.Identity.Name));
        }
    }

    /// <summary>Changes the options of a column, where they differ.</summary>
    /// <param name="from">The column as it is.</param>
    /// <param name="to">The column as it is to be.</param>
    /// <param name="context">Takes the operation.</param>
    public static void AlterColumn(CatalogObject from, CatalogObject to, DiffContext context)
    {
        if (Changes(from, to) is { } changes)
        {
            context.WriteSql($"ALTER FOREIGN TABLE {context.InSql(to.Identity.Table!)} ALTER COLUMN {SqlIdentifier.Quote(to.Identity.Name)} {changes}");
            context.Warn(Hazards.Instant(to.Identity.Table!));
        }
    }

    private static string? Changes(CatalogObject from, CatalogObject to)
    {
        var (before, after) = (from.Parameters(Property).ToDictionary(), to.Parameters(Property).ToDictionary());
        List<string> changes =
        [
            .. before.Keys.Where(name => !after.ContainsKey(name)).Select(static name => $"DROP {SqlIdentifier.Quote(name)}"),
            .. after.Where(option => before.GetValueOrDefault(option.Key) != option.Value).Select(option => $"{(before.ContainsKey(option.Key) ? "SET" : "ADD")} {SqlIdentifier.Quote(option.Key)} {SqlLiteral.Quote(option.Value)}"),
        ];
        return changes.Count == 0 ? null : $"OPTIONS ({string.Join(", ", changes)})";
    }

    private static string Options(CatalogObject item) => item.Parameters(Property) is { IsEmpty: false } options
        ? $" OPTIONS ({string.Join(", ", options.Select(static option => $"{SqlIdentifier.Quote(option.Name)} {SqlLiteral.Quote(option.Value)}"))})" : "";
}
