using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Tenancy.Core.Operations;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Constraints of tables.</summary>
internal sealed class ConstraintRules() : KindRules("with", "triggers", "inherited", "local")
{
    /// <inheritdoc/>
    public override bool GoesWithContainer => true;

    /// <inheritdoc/>
    public override bool CanAlter(CatalogObject from, CatalogObject to, ImmutableArray<string> changed, DiffContext context) =>
        IsAltered(from, to, changed, context) || IsSwapped(from, to, changed, context);

    /// <inheritdoc/>
    public override string? Obstacle(CatalogObject? from, CatalogObject? to, DiffContext context) =>
        from?["triggers"] != to?["triggers"] ? "The triggers that enforce it are switched off in another way. Write ALTER TABLE … ENABLE or DISABLE TRIGGER with the operation 'sql'." : null;

    /// <inheritdoc/>
    public override bool IsPartOfCreation(CatalogObject item, DiffContext context) =>
        !item.Is("not_valid") && context.IsNew(item.Identity.Table) && (TableParts.IsExotic(context.To.Relation(item.Identity.Table!)!) ? item["with"] is null || !item.Is("inherited") : ConstraintText.IsTyped(item))
        && context.To.Relation(item.Identity.Table!) is { } table && !IsOfPartition(table, context);

    /// <inheritdoc/>
    public override void Create(ChangeNode node, DiffContext context)
    {
        var (item, table) = (node.To!, node.Identity.Table!);
        var isIndexed = item["primary_key"] is not null || item["unique"] is not null;
        if (isIndexed && !item.Is("without_overlaps") && (item["with"] is not null || context.IsOnline(table)) && !context.IsPartitioned(table))
        {
            AddByIndex(item, null, context);
        }
        else
        {
            var isOnline = context.IsOnline(table) && (item["check"] is not null || (item["foreign_key"] is not null && !context.IsPartitioned(table))) && !item.Is("not_enforced");
            Add(item, isOnline || item.Is("not_valid"), context);
            if (isOnline && !item.Is("not_valid"))
            {
                context.Write("validate_constraint", ("table", DiffContext.Named(table)), ("name", item.Name()));
            }

            Warn(item, isOnline, context);
        }
    }

    /// <inheritdoc/>
    public override void Drop(ChangeNode node, DiffContext context)
    {
        var (item, table) = (node.From!, node.Identity.Table!);
        context.Write("drop_constraint", ("table", DiffContext.Named(table)), ("name", item.Name()));
        if (item.Texts("not_null") is [var column] && context.To.Column(table, column)?["nullable"] == "false")
        {
            context.Write("alter_column", ("table", DiffContext.Named(table)), ("name", column), ("nullable", false));
        }

        context.Warn(Hazards.Instant(table));
        if (References(item, context) is { } other)
        {
            context.Warn(Hazards.Instant(other));
        }
    }

    /// <inheritdoc/>
    public override void Rename(ChangeNode node, DiffContext context)
    {
        base.Rename(node, context);
        context.Warn(Hazards.Instant(node.Identity.Table!));
    }

    /// <summary>The table to which a foreign key leads, as hazards name it; null for any other constraint, and where this diff makes that table.</summary>
    public static string? References(CatalogObject item, DiffContext context) => item.Mapping("references") is { } reference ? context.InUse(PropertyValue.Text(reference["table"])) : null;

    /// <inheritdoc/>
    public override void Alter(ChangeNode node, DiffContext context)
    {
        var (from, to, table) = (node.From!, node.To!, node.Identity.Table!);
        var changed = PropertyValue.Changed(from, to);
        if (!IsAltered(from, to, changed, context))
        {
            AddByIndex(to, from, context);
            Attributes.Create(to, context, hasComment: false);
            return;
        }

        if (to.Is("inherited") && from.Name() != to.Name())
        {
            context.Write("rename_constraint", ("table", DiffContext.Named(table)), ("from", from.Name()), ("to", to.Name()));
            context.WarnInstant(table);

            from = from.As(from.Identity, from.Properties, to.Name());
        }

        if (changed.Contains("not_valid"))
        {
            context.Write("validate_constraint", ("table", DiffContext.Named(table)), ("name", from.Name()));
            context.Warn(Hazards.Validate(table));
            context.Warn(Hazards.Fails($"rows of {table} do not meet it"));
        }

        if (changed.Contains("deferrable") || changed.Contains("initially_deferred"))
        {
            context.WriteSql($"ALTER TABLE {context.InSql(table)} ALTER CONSTRAINT {SqlIdentifier.Quote(from.Name())}{(to.Is("deferrable") ? ConstraintText.Deferral(to) : " NOT DEFERRABLE")}");
            context.Warn(Hazards.Instant(table));
        }

        if (DiffContext.ParameterChanges(from, to) is { } parameters)
        {
            context.Write("alter_index", ("name", DiffContext.Named(from.Name())), ("with", parameters));
        }
    }

    private bool IsAltered(CatalogObject from, CatalogObject to, ImmutableArray<string> changed, DiffContext context) => base.CanAlter(from, to, changed.RemoveAll(property =>
        (property == "not_valid" && to["not_valid"] is null && !to.Is("not_enforced") && !from.Is("not_enforced")) || (from["foreign_key"] is not null && property is "deferrable" or "initially_deferred")), context);

    /// <summary>Builds the index first, while writers go on, and makes it the constraint's in an instant; in the place of one that is there, so that there is no time without.</summary>
    private static void AddByIndex(CatalogObject item, CatalogObject? instead, DiffContext context)
    {
        var table = item.Identity.Table!;
        var isPrimary = item["primary_key"] is not null;
        var name = item.Name();
        var index = instead is null ? name : IndexText.Temporary(name);
        var isOnline = context.IsOnline(table);
        context.Write("create_index", ("name", index), ("table", DiffContext.Named(table)), ("columns", ManifestMapping.List(item.Texts(isPrimary ? "primary_key" : "unique"))), ("unique", true),
            ("nulls_not_distinct", ManifestMapping.Flag(item.Is("nulls_not_distinct"))), ("include", ManifestMapping.List(item.Texts("include"))), ("with", DiffContext.Parameters(item)), ("concurrently", ManifestMapping.Flag(isOnline)));
        var head = $"ALTER TABLE {context.InSql(table)}";
        var drop = instead is null ? "" : $" DROP CONSTRAINT {SqlIdentifier.Quote(instead.Name())},";
        context.WriteSql($"{head}{drop} ADD CONSTRAINT {SqlIdentifier.Quote(name)} {(isPrimary ? "PRIMARY KEY" : "UNIQUE")} USING INDEX {SqlIdentifier.Quote(index)}{ConstraintText.Deferral(item)}");
        if (!context.IsNew(table))
        {
            context.Warn(isOnline ? Hazards.BuildOnline(table) : Hazards.Build(table));
            context.Warn(Hazards.Instant(table));
            context.Warn(Hazards.Fails($"two rows of {table} are equal in it"));
        }
    }

    private static void Add(CatalogObject item, bool isNotValid, DiffContext context)
    {
        var table = item.Identity.Table!;
        if (ConstraintText.IsTyped(item))
        {
            context.Write("add_constraint", [("table", DiffContext.Named(table)), .. ConstraintText.Of(item, context, isNotValid).Select(static pair => (pair.Key, pair.Value?.DeepClone())).ToArray()]);
            return;
        }

        // A NOT NULL that is there already, under a name of PostgreSQL's, would be in the way.
        var room = item["not_null"] is null ? "" : $" ALTER COLUMN {ConstraintText.Columns(item.Texts("not_null"))} DROP NOT NULL,";
        context.WriteSql($"ALTER TABLE {context.InSql(table)}{room} ADD {ConstraintText.Sql(item, context, isNotValid)}");
    }

    private static void Warn(CatalogObject item, bool isOnline, DiffContext context)
    {
        var table = item.Identity.Table!;
        if (item["foreign_key"] is not null)
        {
            var duration = isOnline || item.Is("not_valid") || item.Is("not_enforced") || context.IsNew(table) ? LockDuration.Instant : LockDuration.Scan;
            if (References(item, context) is { } other)
            {
                context.Warn(Hazards.WritersWait(other, duration));
            }

            if (!context.IsNew(table))
            {
                context.Warn(Hazards.WritersWait(table, duration));
            }
        }
        else if (!context.IsNew(table))
        {
            context.Warn(isOnline || item.Is("not_valid") || item.Is("not_enforced") ? Hazards.Instant(table) : item["check"] is not null || item["not_null"] is not null ? Hazards.Scan(table) : Hazards.Rewrite(table) with { Kind = HazardKind.BuildsIndex, Message = $"An index of {table} is built, and nobody reads or writes it meanwhile (ACCESS EXCLUSIVE)." });
        }

        if (!context.IsNew(table) && !item.Is("not_valid") && !item.Is("not_enforced"))
        {
            if (isOnline)
            {
                context.Warn(Hazards.Validate(table));
            }

            context.Warn(Hazards.Fails($"rows of {table} do not meet it"));
        }
    }

    /// <summary>Can one key take the place of another at once? Not where others hang on the old one, which would go with it.</summary>
    private static bool IsSwapped(CatalogObject from, CatalogObject to, ImmutableArray<string> changed, DiffContext context)
    {
        bool IsKey(CatalogObject item) => (item["primary_key"] is not null || item["unique"] is not null) && !item.Is("without_overlaps") && item["tablespace"] is null;
        return context.IsOnline(to.Identity.Table) && !context.IsPartitioned(to.Identity.Table) && IsKey(from) && IsKey(to) && changed.Any(static property => property is "primary_key" or "unique" or "include" or "nulls_not_distinct")
            && context.From.NeededBy(from.Identity).Count == 0 && changed.All(static property => property is "primary_key" or "unique" or "include" or "nulls_not_distinct" or "deferrable" or "initially_deferred" or "with");
    }

    /// <summary>A partition made by <c>create_partition</c> has no list to write a constraint in.</summary>
    private static bool IsOfPartition(CatalogObject table, DiffContext context) =>
        table["partition_of"] is not null && !TableParts.IsExotic(table) && context.To.ColumnsOf(table.Identity.Name).All(static column => column.Is("inherited") && !column.Is("local"));
}
