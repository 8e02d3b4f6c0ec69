using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Indexes that belong to no constraint.</summary>
internal sealed class IndexRules() : KindRules("with", "statistics", "tablespace")
{
    /// <inheritdoc/>
    public override bool GoesWithContainer => true;

    /// <inheritdoc/>
    public override bool OwnsAttributes => true;

    /// <inheritdoc/>
    public override bool CanAlter(CatalogObject from, CatalogObject to, ImmutableArray<string> changed, DiffContext context) =>
        base.CanAlter(from, to, changed, context) || IsSwapped(from, context);

    /// <inheritdoc/>
    public override string? Obstacle(CatalogObject? from, CatalogObject? to, DiffContext context) =>
        to?["invalid"] == "true" ? "The index that is wanted is not valid: its building failed. Drop it there or build it again." : null;

    /// <inheritdoc/>
    public override void Create(ChangeNode node, DiffContext context) => Build(node.To!, node.To!.Name(), context);

    /// <inheritdoc/>
    public override void Drop(ChangeNode node, DiffContext context) => Drop(node.From!, context);

    /// <inheritdoc/>
    public override void Alter(ChangeNode node, DiffContext context)
    {
        var (from, to) = (node.From!, node.To!);
        if (!base.CanAlter(from, to, PropertyValue.Changed(from, to), context))
        {
            if (from.Is("invalid"))
            {
                // No query uses it, and a unique one may refuse rows: it goes first.
                Drop(from, context);
                Build(to, from.Name(), context);
                return;
            }

            // The new one is there before the old one goes, so that no query is without.
            var temporary = IndexText.Temporary(to.Name());
            Build(to, temporary, context);
            Drop(from, context);
            context.Write("rename_index", ("from", DiffContext.Named(temporary)), ("to", from.Name()));
            return;
        }

        var name = from.Name();
        if (to.Is("inherited") && name != to.Name())
        {
            context.Write("rename_index", ("from", DiffContext.Named(name)), ("to", to.Name()));
            name = to.Name();
        }

        if (DiffContext.ParameterChanges(from, to) is { } parameters)
        {
            context.Write("alter_index", ("name", DiffContext.Named(name)), ("with", parameters));
        }

        if (from["tablespace"] != to["tablespace"])
        {
            context.WriteSql($"ALTER INDEX {context.InSql(name)} SET TABLESPACE {SqlIdentifier.Quote(to["tablespace"] ?? "pg_default")}");
            context.Warn(Hazards.Rewrite(name));
        }

        Statistics(from, to, name, context);
    }

    /// <inheritdoc/>
    public override void Rename(ChangeNode node, DiffContext context) => context.Write("rename_index", ("from", DiffContext.Named(node.From!.Name())), ("to", node.To!.Name()));

    private static void Build(CatalogObject index, string name, DiffContext context)
    {
        var table = index.Identity.Table!;
        var isConcurrent = context.IsOnline(table) && !context.IsPartitioned(table);
        if (IndexText.IsTyped(index))
        {
            context.Write("create_index", [("name", name), .. IndexText.Of(index, context), ("concurrently", ManifestMapping.Flag(isConcurrent))]);
        }
        else
        {
            context.WriteSql(IndexText.Sql(index, name, isConcurrent, context));
        }

        Statistics(null, index, name, context);
        Attributes.Create(name == index.Name() ? index : index.As(index.Identity, index.Properties, name), context, hasComment: false);
        if (!context.IsNew(table))
        {
            context.Warn(isConcurrent ? Hazards.BuildOnline(table) : Hazards.Build(table));
            if (index.Is("unique"))
            {
                context.Warn(Hazards.Fails($"two rows of {table} are equal in it"));
            }
        }
    }

    private static void Drop(CatalogObject index, DiffContext context)
    {
        var isConcurrent = context.IsOnline(index.Identity.Table) && !context.IsPartitioned(index.Identity.Table);
        context.Write("drop_index", ("name", DiffContext.Named(index.Name())), ("concurrently", ManifestMapping.Flag(isConcurrent)));
        if (!isConcurrent)
        {
            context.Warn(Hazards.Instant(index.Identity.Table!));
        }
    }

    private static void Statistics(CatalogObject? from, CatalogObject to, string name, DiffContext context)
    {
        JsonObject before = from?.Mapping("statistics") ?? [], after = to.Mapping("statistics") ?? [];
        foreach (var column in before.Select(static pair => pair.Key).Union(after.Select(static pair => pair.Key)).Order(StringComparer.Ordinal))
        {
            if (PropertyValue.Text(before[column]) != PropertyValue.Text(after[column]))
            {
                context.WriteSql($"ALTER INDEX {context.InSql(name)} ALTER COLUMN {column} SET STATISTICS {(after[column] is { } value ? PropertyValue.Text(value) : "-1")}");
            }
        }
    }

    private static bool IsSwapped(CatalogObject from, DiffContext context) =>
        context.IsOnline(from.Identity.Table) && !context.IsPartitioned(from.Identity.Table) && context.To.ContainerOf(from.Identity)?.Kind == "table" && context.From.NeededBy(from.Identity).Count == 0;
}
