using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Tenancy.Core.Operations;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Tables, partitions among them.</summary>
internal sealed class TableRules() : KindRules("with", "unlogged", "row_security", "row_security_forced", "inherits", "of_type", "partition_of", "values", "access_method", "tablespace")
{
    /// <inheritdoc/>
    public override string? Obstacle(CatalogObject? from, CatalogObject? to, DiffContext context)
    {
        if (from is not null && to is not null && from["partition_by"] != to["partition_by"])
        {
            return $"By what a table is divided cannot be changed (from {from["partition_by"] ?? "nothing"} to {to["partition_by"] ?? "nothing"}). Make a new table, move the rows, and rename it.";
        }

        return from?.Is("detach_pending") == true || to?.Is("detach_pending") == true ? "A partition of it is being detached. End that with ALTER TABLE … DETACH PARTITION … FINALIZE." : null;
    }

    /// <inheritdoc/>
    public override bool HasComment(CatalogObject item) => !TableParts.IsExotic(item);

    /// <inheritdoc/>
    public override void Create(ChangeNode node, DiffContext context)
    {
        var table = node.To!;
        var name = DiffContext.Named(table.Identity.Name);
        var columns = TableParts.Columns(node, context);
        var parent = table["partition_of"];
        if (TableParts.IsExotic(table) || (columns.Count == 0 && parent is null))
        {
            context.WriteSql(TableParts.CreateSql(table, node, context));
        }
        else if (parent is not null && columns.Count == 0)
        {
            context.Write("create_partition", ("name", name), ("table", parent), ("values", Partitions.Bounds(table["values"]!)), ("partition_by", Partitions.Key(table["partition_by"])), ("comment", Attributes.Comment(table)));
            if (DiffContext.Parameters(table) is { } parameters)
            {
                context.Write("alter_table", ("name", name), ("with", parameters));
            }
        }
        else
        {
            context.Write("create_table", ("name", name), ("columns", ManifestMapping.List(columns)), ("constraints", ManifestMapping.List(TableParts.Constraints(node, context))),
                ("partition_by", Partitions.Key(table["partition_by"])), ("unlogged", ManifestMapping.Flag(table.Is("unlogged"))), ("with", DiffContext.Parameters(table)), ("comment", Attributes.Comment(table)));
            if (parent is not null)
            {
                Attach(table, context);
            }
        }

        if (parent is not null && (TableParts.IsExotic(table) || columns.Count == 0) && context.InUse(parent) is { } whole)
        {
            context.Warn(Hazards.Instant(whole));
            WarnOfDefault(table, context);
        }

        foreach (var key in Keys(table, context.To).Where(key => key.Is("inherited") || node.Absorbed.Exists(part => part.Identity == key.Identity)))
        {
            if (ConstraintRules.References(key, context) is { } other)
            {
                context.Warn(Hazards.WritersWait(other, LockDuration.Instant));
            }
        }

        TableParts.Further(node, context);
        RowSecurity(table.Is("row_security") ? true : null, table.Is("row_security_forced") ? true : null, table, context);
    }

    /// <inheritdoc/>
    public override void Drop(ChangeNode node, DiffContext context)
    {
        var name = node.Identity.Name;
        context.Write("drop_table", ("name", DiffContext.Named(name)));
        context.Warn(Hazards.Deletes($"The rows of {name}"));
        context.Warn(Hazards.Instant(name));
        WarnOfSiblings(node.From!, context);
        foreach (var other in Keys(node.From!, context.From).Where(key => node.Absorbed.Exists(part => part.Identity == key.Identity)).Select(key => ConstraintRules.References(key, context)).OfType<string>())
        {
            context.Warn(Hazards.Instant(other));
        }
    }

    /// <inheritdoc/>
    public override void Alter(ChangeNode node, DiffContext context)
    {
        var (from, to) = (node.From!, node.To!);
        var name = to.Identity.Name;
        var (sql, before) = ($"ALTER TABLE {context.InSql(name)}", PropertyValue.Changed(from, to));
        if (before.Contains("partition_of") || before.Contains("values"))
        {
            if (from["partition_of"] is { } old)
            {
                context.Write("detach_partition", ("table", old), ("partition", DiffContext.Named(name)), ("was", ManifestMapping.Of(("values", Partitions.Bounds(from["values"]!)))));
                context.Warn(Hazards.Instant(name));
                WarnOfSiblings(from, context);
                WarnOfKeys(from, context.From, context);
            }

            if (to["partition_of"] is not null)
            {
                Attach(to, context);
            }
        }

        foreach (var parent in from.Texts("inherits").Except(to.Texts("inherits")))
        {
            context.WriteSql($"{sql} NO INHERIT {context.Qualified(parent)}");
            context.Warn(Hazards.Instant(name));
        }

        foreach (var parent in to.Texts("inherits").Except(from.Texts("inherits")))
        {
            context.WriteSql($"{sql} INHERIT {context.Qualified(parent)}");
            context.Warn(Hazards.Instant(name));
        }

        if (before.Contains("of_type"))
        {
            context.WriteSql($"{sql} {OfType(to, context)}");
            context.Warn(Hazards.Instant(name));
        }

        if (before.Contains("access_method"))
        {
            context.WriteSql($"{sql} SET ACCESS METHOD {SqlIdentifier.Quote(to["access_method"] ?? "heap")}");
            context.Warn(Hazards.Rewrite(name));
        }

        if (before.Contains("tablespace"))
        {
            context.WriteSql($"{sql} SET TABLESPACE {SqlIdentifier.Quote(to["tablespace"] ?? "pg_default")}");
            context.Warn(Hazards.Rewrite(name));
        }

        var unlogged = before.Contains("unlogged") ? JsonValue.Create(to.Is("unlogged")) : null;
        if (DiffContext.ParameterChanges(from, to) is var parameters && (parameters is not null || unlogged is not null))
        {
            context.Write("alter_table", ("name", DiffContext.Named(name)), ("with", parameters), ("unlogged", unlogged));
            if (unlogged is not null)
            {
                context.Warn(Hazards.Rewrite(name));
            }
            else if (parameters?["user_catalog_table"] is not null)
            {
                // All others take effect beside readers and writers (manual, ALTER TABLE, SET).
                context.Warn(Hazards.Instant(name));
            }

            if (unlogged is not null && to.Is("unlogged"))
            {
                context.Warn(Hazards.Unlogged(name));
            }
        }

        RowSecurity(before.Contains("row_security") ? to.Is("row_security") : null, before.Contains("row_security_forced") ? to.Is("row_security_forced") : null, to, context);
    }

    /// <inheritdoc/>
    public override void Rename(ChangeNode node, DiffContext context)
    {
        base.Rename(node, context);
        context.Warn(Hazards.Instant(node.Identity.Name));
    }

    private static void Attach(CatalogObject table, DiffContext context)
    {
        context.Write("attach_partition", ("table", table["partition_of"]), ("partition", DiffContext.Named(table.Identity.Name)), ("values", Partitions.Bounds(table["values"]!)));
        if (!context.IsNew(table.Identity.Name))
        {
            context.Warn(Hazards.Scan(table.Identity.Name));
            context.Warn(Hazards.Fails($"rows of {table.Identity.Name} lie outside its bounds"));
            WarnOfKeys(table, context.To, context);
        }

        WarnOfDefault(table, context);
    }

    /// <summary>The partition that takes what no other does is read when it gets a sibling, and must have no row of it.</summary>
    private static void WarnOfDefault(CatalogObject table, DiffContext context)
    {
        if (table["values"] != "DEFAULT" && DefaultOf(table["partition_of"]!, context.To) is { } rest && DefaultOf(table["partition_of"]!, context.From) == rest && !context.IsNew(rest))
        {
            context.Warn(Hazards.Scan(rest));
            context.Warn(Hazards.Fails($"rows of {rest} belong in {table.Identity.Name}"));
        }
    }

    /// <summary>Who loses a partition is locked, and so is its default partition.</summary>
    private static void WarnOfSiblings(CatalogObject table, DiffContext context)
    {
        if (table["partition_of"] is not { } parent)
        {
            return;
        }

        if (context.InUse(parent) is { } whole)
        {
            context.Warn(Hazards.Instant(whole));
        }

        if (DefaultOf(parent, context.From) is { } rest && rest != table.Identity.Name)
        {
            context.WarnInstant(rest);
        }
    }

    /// <summary>The keys that a partition has from its table get triggers of their own on the tables to which they lead when it leaves, or lose those that they have when it joins.</summary>
    private static void WarnOfKeys(CatalogObject table, ObjectSet set, DiffContext context)
    {
        foreach (var key in Keys(table, set).Where(static key => key.Is("inherited")))
        {
            if (ConstraintRules.References(key, context) is { } other)
            {
                context.Warn(context.From.Objects.TryGetValue(key.Identity, out var own) && !own.Is("inherited") ? Hazards.Instant(other) : Hazards.WritersWait(other, LockDuration.Instant));
            }
        }
    }

    private static string? DefaultOf(string parent, ObjectSet set) =>
        set.Relation(ObjectName.Parse(parent).Name) is { } table ? set.NeededBy(table.Identity).Where(part => part.Kind is "table" or "foreign_table" && set.Objects[part] is { } item && item["partition_of"] == parent && item["values"] == "DEFAULT").Select(static part => part.Name).FirstOrDefault() : null;

    private static IEnumerable<CatalogObject> Keys(CatalogObject table, ObjectSet set) =>
        set.NeededBy(table.Identity).Where(part => part.Table == table.Identity.Name).Select(part => set.Objects[part]).Where(static part => part["foreign_key"] is not null).OrderBy(static part => part.Identity);

    private static string OfType(CatalogObject table, DiffContext context) => table["of_type"] is { } type ? $"OF {context.Qualified(type)}" : "NOT OF";

    private static void RowSecurity(bool? isEnabled, bool? isForced, CatalogObject table, DiffContext context)
    {
        if (isEnabled is not null || isForced is not null)
        {
            context.Write("set_row_security", ("table", DiffContext.Named(table.Identity.Name)), ("enabled", isEnabled is { } enabled ? enabled : null), ("forced", isForced is { } forced ? forced : null));
            context.WarnInstant(table.Identity.Name);
        }
    }
}
