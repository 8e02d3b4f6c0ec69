using System.Text.Json.Nodes;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Triggers of tables and views.</summary>
internal sealed class TriggerRules() : KindRules("enabled")
{
    /// <inheritdoc/>
    public override bool GoesWithContainer => true;

    /// <summary>How ALTER TABLE says when a trigger or rule works.</summary>
    public static string Words(string? enabled) => enabled switch { null => "ENABLE", "false" => "DISABLE", _ => $"ENABLE {enabled.ToUpperInvariant()}" };

    /// <inheritdoc/>
    public override void Create(ChangeNode node, DiffContext context)
    {
        var item = node.To!;
        if (item["from"] is null)
        {
            context.Write("create_trigger", ("name", item.Identity.Name), ("table", DiffContext.Named(item.Identity.Table!)), ("timing", item["timing"]), ("events", ManifestMapping.List(item.Items("events").Select(static entry => entry.DeepClone()))),
                ("for_each", item["for_each"] == "row" ? "row" : null), ("when", context.Expression(item["when"])), ("old_table", item["old_table"]), ("new_table", item["new_table"]), ("function", item["function"]),
                ("arguments", ManifestMapping.List(item.Texts("arguments"))), ("constraint", ManifestMapping.Flag(item.Is("constraint"))), ("deferrable", ManifestMapping.Flag(item.Is("deferrable"))), ("initially_deferred", ManifestMapping.Flag(item.Is("initially_deferred"))));
        }
        else
        {
            context.WriteSql(Sql(item, context));
        }

        Enable(item, null, context);
        if (!context.IsNew(item.Identity.Table) && context.To.ContainerOf(item.Identity)?.Kind == "table")
        {
            context.Warn(Hazards.WritersWait(item.Identity.Table!, LockDuration.Instant));
        }
    }

    /// <inheritdoc/>
    public override void Drop(ChangeNode node, DiffContext context)
    {
        context.Write("drop_trigger", ("name", node.Identity.Name), ("table", DiffContext.Named(node.Identity.Table!)));
        context.Warn(Hazards.Instant(node.Identity.Table!));
    }

    /// <inheritdoc/>
    public override void Alter(ChangeNode node, DiffContext context)
    {
        Enable(node.To!, node.From, context);
        if (!context.IsNew(node.Identity.Table))
        {
            context.Warn(Hazards.WritersWait(node.Identity.Table!, LockDuration.Instant));
        }
    }

    private static void Enable(CatalogObject item, CatalogObject? from, DiffContext context)
    {
        if (from?["enabled"] == item["enabled"])
        {
            return;
        }

        if (item["enabled"] is null or "false")
        {
            context.Write("set_trigger", ("table", DiffContext.Named(item.Identity.Table!)), ("name", item.Identity.Name), ("enabled", item["enabled"] is null));
            return;
        }

        context.WriteSql($"ALTER TABLE {context.InSql(item.Identity.Table!)} {Words(item["enabled"])} TRIGGER {SqlIdentifier.Quote(item.Identity.Name)}");
    }

    private static string Sql(CatalogObject item, DiffContext context)
    {
        var events = string.Join(" OR ", item.Items("events").Select(static entry => entry is JsonObject update ? $"UPDATE OF {ConstraintText.Columns(update["update"]!.AsArray().Select(PropertyValue.Text))}" : PropertyValue.Text(entry).ToUpperInvariant()));
        return $"CREATE CONSTRAINT TRIGGER {SqlIdentifier.Quote(item.Identity.Name)} {item["timing"]!.ToUpperInvariant()} {events} ON {context.InSql(item.Identity.Table!)} FROM {context.Qualified(item["from"]!)}{ConstraintText.Deferral(item)} FOR EACH ROW"
            + (item["when"] is { } when ? $" WHEN ({context.Sql(PropertyValue.Bare(when))})" : "")
            + $" EXECUTE FUNCTION {context.Qualified(item["function"]!)}({string.Join(", ", item.Texts("arguments").Select(SqlLiteral.Quote))})";
    }
}

/// <summary>Policies of row-level security.</summary>
internal sealed class PolicyRules() : KindRules
{
    /// <inheritdoc/>
    public override bool GoesWithContainer => true;

    /// <inheritdoc/>
    public override void Create(ChangeNode node, DiffContext context)
    {
        var (item, table) = (node.To!, node.Identity.Table!);
        var roles = item.Texts("to");
        if (!roles.Contains(CatalogObject.SchemaOwner))
        {
            context.Write("create_policy", ("name", item.Identity.Name), ("table", DiffContext.Named(table)), ("as", item["as"]), ("for", item["for"]), ("to", ManifestMapping.List(roles)), ("using", context.Expression(item["using"])), ("with_check", context.Expression(item["with_check"])));
        }
        else
        {
            // The schema's owner has another name in every tenant: it is the role that runs this.
            context.WriteSql($"CREATE POLICY {SqlIdentifier.Quote(item.Identity.Name)} ON {context.InSql(table)}{(item["as"] is { } way ? $" AS {way.ToUpperInvariant()}" : "")}{(item["for"] is { } command ? $" FOR {command.ToUpperInvariant()}" : "")}"
                + $" TO {string.Join(", ", roles.Select(static role => role == CatalogObject.SchemaOwner ? "CURRENT_USER" : role == "public" ? "PUBLIC" : SqlIdentifier.Quote(role)))}"
                + (item["using"] is { } rows ? $" USING ({context.Sql(PropertyValue.Bare(rows))})" : "") + (item["with_check"] is { } check ? $" WITH CHECK ({context.Sql(PropertyValue.Bare(check))})" : ""));
        }

        context.WarnInstant(table);
    }

    /// <inheritdoc/>
    public override void Drop(ChangeNode node, DiffContext context)
    {
        context.Write("drop_policy", ("name", node.Identity.Name), ("table", DiffContext.Named(node.Identity.Table!)));
        context.Warn(Hazards.Instant(node.Identity.Table!));
    }
}
