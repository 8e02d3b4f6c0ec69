using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Views. One whose query changes is dropped and made again, with what hangs on it: what CREATE OR REPLACE keeps of its columns, no text tells.</summary>
internal sealed class ViewRules() : KindRules("with", "check_option")
{
    /// <inheritdoc/>
    public override bool HasComment(CatalogObject item) => true;

    /// <inheritdoc/>
    public override void Create(ChangeNode node, DiffContext context)
    {
        Write(node.To!, replaces: false, context);
        Columns(node, context);
    }

    /// <summary>What is set on columns.</summary>
    public static void Columns(ChangeNode node, DiffContext context)
    {
        foreach (var column in node.Absorbed.Where(static part => part.Identity.Kind == "column"))
        {
            ColumnText.OfView(null, column.To!, context);
            Attributes.Create(column.To!, context, hasComment: false);
        }
    }

    /// <inheritdoc/>
    public override void Drop(ChangeNode node, DiffContext context) => context.Write("drop_view", ("name", DiffContext.Named(node.Identity.Name)));

    /// <inheritdoc/>
    public override void Alter(ChangeNode node, DiffContext context)
    {
        if (node.From!["with"] != node.To!["with"] || node.From["check_option"] != node.To["check_option"])
        {
            Write(node.To, replaces: true, context);
        }
    }

    private static void Write(CatalogObject view, bool replaces, DiffContext context) => context.Write("create_view", ("name", DiffContext.Named(view.Identity.Name)), ("with", DiffContext.Parameters(view)), ("check_option", view["check_option"]),
        ("replace", ManifestMapping.Flag(replaces)), ("comment", replaces ? null : Attributes.Comment(view)), ("query", context.Sql(view["query"]!)));
}

/// <summary>Materialized views.</summary>
internal sealed class MaterializedViewRules() : KindRules("with", "with_data", "access_method", "tablespace")
{
    /// <inheritdoc/>
    public override bool HasComment(CatalogObject item) => true;

    /// <inheritdoc/>
    public override void Create(ChangeNode node, DiffContext context)
    {
        var view = node.To!;
        context.Write("create_materialized_view", ("name", DiffContext.Named(view.Identity.Name)), ("with", DiffContext.Parameters(view)), ("with_data", view["with_data"] == "false" ? JsonValue.Create(false) : null),
            ("comment", Attributes.Comment(view)), ("query", context.Sql(view["query"]!)));
        Storage(null, view, context);
        ViewRules.Columns(node, context);
        if (context.From.Objects.ContainsKey(node.Identity) && view["with_data"] != "false")
        {
            context.Warn(Hazards.Fill(view.Identity.Name));
        }
    }

    /// <inheritdoc/>
    public override void Drop(ChangeNode node, DiffContext context)
    {
        context.Write("drop_materialized_view", ("name", DiffContext.Named(node.Identity.Name)));
        context.Warn(Hazards.Instant(node.Identity.Name));
    }

    /// <inheritdoc/>
    public override void Alter(ChangeNode node, DiffContext context)
    {
        if (DiffContext.ParameterChanges(node.From!, node.To!) is { } parameters)
        {
            context.Write("alter_table", ("name", DiffContext.Named(node.Identity.Name)), ("with", parameters));
        }

        Storage(node.From, node.To!, context);
        if (node.From!["with_data"] != node.To!["with_data"])
        {
            context.Write("refresh_materialized_view", ("name", DiffContext.Named(node.Identity.Name)), ("with_data", node.To["with_data"] != "false"));
            context.Warn(node.To["with_data"] != "false" ? Hazards.Fill(node.Identity.Name) : Hazards.Instant(node.Identity.Name));
        }
    }

    private static void Storage(CatalogObject? from, CatalogObject to, DiffContext context)
    {
        var head = $"ALTER MATERIALIZED VIEW {context.InSql(to.Identity.Name)} SET";
        if (from?["access_method"] != to["access_method"])
        {
            context.WriteSql($"{head} ACCESS METHOD {SqlIdentifier.Quote(to["access_method"] ?? "heap")}");
            Written();
        }

        if (from?["tablespace"] != to["tablespace"])
        {
            context.WriteSql($"{head} TABLESPACE {SqlIdentifier.Quote(to["tablespace"] ?? "pg_default")}");
            Written();
        }

        void Written()
        {
            if (from is not null)
            {
                context.Warn(Hazards.Rewrite(to.Identity.Name));
            }
        }
    }
}

/// <summary>Rules of tables and views: no typed operation knows them.</summary>
internal sealed class RuleRules() : KindRules("enabled")
{
    /// <inheritdoc/>
    public override bool GoesWithContainer => true;

    /// <inheritdoc/>
    public override void Create(ChangeNode node, DiffContext context)
    {
        context.WriteSql(context.Sql(node.To!["definition"]!));
        Enable(node, null, context);
        Warn(node, context);
    }

    /// <inheritdoc/>
    public override void Drop(ChangeNode node, DiffContext context)
    {
        context.WriteSql($"DROP RULE {Sql.SqlIdentifier.Quote(node.Identity.Name)} ON {context.InSql(node.Identity.Table!)}");
        Warn(node, context);
    }

    /// <inheritdoc/>
    public override void Alter(ChangeNode node, DiffContext context) => Enable(node, node.From, context);

    private static void Warn(ChangeNode node, DiffContext context)
    {
        if ((context.To.ContainerOf(node.Identity) ?? context.From.ContainerOf(node.Identity))?.Kind == "table")
        {
            context.WarnInstant(node.Identity.Table!);
        }
    }

    private static void Enable(ChangeNode node, CatalogObject? from, DiffContext context)
    {
        if (from?["enabled"] != node.To!["enabled"])
        {
            context.WriteSql($"ALTER TABLE {context.InSql(node.Identity.Table!)} {TriggerRules.Words(node.To["enabled"])} RULE {Sql.SqlIdentifier.Quote(node.Identity.Name)}");
            Warn(node, context);
        }
    }
}

/// <summary>Extended statistics.</summary>
internal sealed class StatisticsRules() : KindRules("target")
{
    private static readonly ImmutableHashSet<string> AllKinds = ["dependencies", "mcv", "ndistinct"];

    /// <inheritdoc/>
    public override bool GoesWithContainer => true;

    /// <inheritdoc/>
    public override bool HasComment(CatalogObject item) => true;

    /// <inheritdoc/>
    public override void Create(ChangeNode node, DiffContext context)
    {
        var item = node.To!;
        var columns = item.Items("columns").Select(column => column is JsonObject mapping ? ManifestMapping.Of(("expression", context.Expression(PropertyValue.Text(mapping["expression"])))) : column.DeepClone()).ToList();
        var kinds = item.Texts("kinds");
        context.Write("create_statistics", ("name", DiffContext.Named(item.Identity.Name)), ("table", item["table"]), ("columns", ManifestMapping.List(columns)),
            ("kinds", columns.Count == 1 || AllKinds.SetEquals(kinds) ? null : ManifestMapping.List(kinds)), ("target", ColumnText.Number(item["target"])), ("comment", Attributes.Comment(item)));
    }

    /// <inheritdoc/>
    public override void Drop(ChangeNode node, DiffContext context) => context.Write("drop_statistics", ("name", DiffContext.Named(node.Identity.Name)));

    /// <inheritdoc/>
    public override void Alter(ChangeNode node, DiffContext context)
    {
        if (node.From!["target"] != node.To!["target"])
        {
            context.Write("alter_statistics", ("name", DiffContext.Named(node.Identity.Name)), ("target", ColumnText.Number(node.To["target"]) ?? ManifestMapping.TextOrNull(null)));
        }
    }
}
