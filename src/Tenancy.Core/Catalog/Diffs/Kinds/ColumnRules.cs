using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Tenancy.Core.Catalog.Diffs.Values;
using Tenancy.Core.Operations;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Columns of tables.</summary>
internal sealed class ColumnRules() : KindRules("type", "collation", "nullable", "identity", "storage", "compression", "statistics", "with", "options", "inherited", "local")
{
    /// <inheritdoc/>
    public override bool GoesWithContainer => true;

    /// <inheritdoc/>
    public override bool IsPartOfCreation(CatalogObject item, DiffContext context) => true;

    /// <inheritdoc/>
    public override bool CanAlter(CatalogObject from, CatalogObject to, ImmutableArray<string> changed, DiffContext context) =>
        base.CanAlter(from, to, changed.Remove("generated").Remove("stored"), context) && (from["generated"] == to["generated"] ? from["stored"] == to["stored"] : to["generated"] is null && from["stored"] is null);

    /// <inheritdoc/>
    public override string? Obstacle(CatalogObject? from, CatalogObject? to, DiffContext context) =>
        from is not null && to is not null && from["inherited"] != to["inherited"] && context.To.Relation(to.Identity.Table!) is { } table && context.From.Relation(to.Identity.Table!) is { } was && Inheritance.Parents(table, context.Options.OwnToken).SequenceEqual(Inheritance.Parents(was, context.Options.OwnToken))
            ? "Whether it is inherited differs, though its table's parents do not."
            : from?["storage"] is not null && IsOfView(from) && to?["storage"] is null && context.To.ContainerOf(from.Identity) is not null
            ? "How its values are stored comes from its type, which is not known here. Write ALTER MATERIALIZED VIEW … ALTER … SET STORAGE with the operation 'sql'."
            : from?["type"] != to?["type"] && CompositeTypeRules.OfWhich((to ?? from)!.Identity.Table!, context) is { } typed
            ? $"Its table has the columns of the type {typed}, and only the type's change takes them along. Write ALTER TYPE … ADD, DROP or ALTER ATTRIBUTE … CASCADE with the operation 'sql'."
            : from?["type"] is { } type && to?["type"] is { } other && type != other ? ValueConversion.Of(from, to, context).Obstacle
            : null;

    /// <inheritdoc/>
    public override bool HasComment(CatalogObject item) => !IsOfView(item);

    /// <inheritdoc/>
    public override void Create(ChangeNode node, DiffContext context)
    {
        var column = node.To!;
        if (IsOfView(column))
        {
            ColumnText.OfView(null, column, context);
            return;
        }

        var table = column.Identity.Table!;
        var keys = ColumnText.Of(column, node.Absorbed.Find(static part => part.Identity.Kind == ObjectSet.Default)?.To, node.Absorbed.Find(static part => part.Identity.Kind == "identity_sequence")?.To, context);
        context.Write("add_column", [("table", DiffContext.Named(table)), .. keys.Select(static pair => (pair.Key, pair.Value?.DeepClone())).ToArray()]);
        ColumnText.Further(column, context);
        IdentitySequenceRules.Close(column, context);
        foreach (var part in node.Absorbed.Where(static part => part.Identity.Kind == "identity_sequence"))
        {
            IdentitySequenceRules.Name(part, context);
            Attributes.Create(part.To!, context, hasComment: false);
        }

        if (!context.IsNew(table))
        {
            context.Warn(ColumnHazards.IsWritten(column, node.Absorbed.Find(static part => part.Identity.Kind == ObjectSet.Default)?.To) ? Hazards.Rewrite(table) : Hazards.Instant(table));
            if (column["nullable"] == "false" && keys["default"] is null && keys["identity"] is null && keys["generated"] is null)
            {
                context.Warn(Hazards.Fails($"{table} has rows: {column.Identity.Name} may not be null and has no default"));
            }
        }
    }

    /// <inheritdoc/>
    public override void Drop(ChangeNode node, DiffContext context)
    {
        var table = node.Identity.Table!;
        if (IsOfView(node.From!))
        {
            if (node.Absorbed.Exists(static part => part.Identity.Kind == ObjectSet.Default))
            {
                context.Write("alter_column", ("table", DiffContext.Named(table)), ("name", node.Identity.Name), ("default", ManifestMapping.TextOrNull(null)));
            }

            ColumnText.OfView(node.From, node.From!.With(CatalogObject.NoProperties), context);
            Attributes.Alter(node.From!, node.From!.With(CatalogObject.NoProperties), context);
            return;
        }

        context.Write("drop_column", ("table", DiffContext.Named(table)), ("name", node.Identity.Name));
        if (node.From!["generated"] is null)
        {
            context.Warn(Hazards.Deletes($"The values of {table}.{node.Identity.Name}"));
        }

        context.Warn(Hazards.Instant(table));
    }

    /// <inheritdoc/>
    public override void Alter(ChangeNode node, DiffContext context)
    {
        var (from, to, table, name) = (node.From!, node.To!, node.Identity.Table!, node.Identity.Name);
        var own = Inheritance.OwnChanges(from, to, context);
        bool Differs(string property) => own.Contains(property);
        var isRetyped = (Differs("type") || Differs("collation") || context.Retyped.Contains(node.Identity)) && !(to.Is("inherited") && !Differs("type") && !Differs("collation"));
        // Another type comes with its own way of storage.
        bool IsSet(string property) => isRetyped ? to[property] is not null : Differs(property);
        var conversion = isRetyped ? ValueConversion.Of(from, to, context) : null;
        var (dropsDefault, value) = Default(node);
        if (dropsDefault && value is null)
        {
            context.Write("alter_column", Place(("default", ManifestMapping.TextOrNull(null))));
            context.WarnInstant(table);
        }

        var isFilled = Differs("nullable") && to["nullable"] == "false" && context.IsOnline(table) && !(isRetyped && ColumnHazards.IsRewritten(from, to, context)) && !to.Is("inherited");
        if (isFilled)
        {
            // Who gives no value must not meet the condition before there is a default.
            if (value is not null && !isRetyped)
            {
                context.Write("alter_column", Place(("default", value)));
                SequencePlace.OfDefault(to, context);
                value = null;
            }

            Fill(table, name, context);
        }

        var sequence = node.Absorbed.Find(static part => part is { Identity.Kind: "identity_sequence", Step: ChangeStep.Create })?.To ?? context.To.Objects.GetValueOrDefault(new("identity_sequence", name, table));
        (string Key, JsonNode? Value)[] changes =
        [
            ("type", isRetyped ? context.Sql(to["type"]!) + (to["collation"] is { } collation ? $" COLLATE {collation}" : "") : null),
            ("using", conversion?.Using),
            ("nullable", Differs("nullable") ? to["nullable"] != "false" : null),
            ("default", value),
            ("identity", Differs("identity") ? to["identity"] is null ? ManifestMapping.TextOrNull(null) : from["identity"] is null ? ColumnText.Identity(to["identity"], sequence) : to["identity"] : null),
            ("generated", Differs("generated") ? ManifestMapping.TextOrNull(null) : null),
            ("storage", IsSet("storage") ? to["storage"] ?? ColumnHazards.UsualStorage(Values.ValueType.Of(to["type"]!, context.To, context)) : null),
            ("compression", IsSet("compression") ? to["compression"] ?? "default" : null),
            ("statistics", Differs("statistics") ? ColumnText.Number(to["statistics"]) ?? ManifestMapping.TextOrNull(null) : null),
            ("with", DiffContext.ParameterChanges(from, to)),
            ("was", Differs("identity") && from["identity"] is not null && to["identity"] is not null ? ManifestMapping.Of(("identity", from["identity"])) : null),
        ];
        if (Array.Exists(changes, static change => change.Value is not null))
        {
            foreach (var function in conversion?.Functions ?? [])
            {
                context.WriteSql(function.Create);
            }

            context.Write("alter_column", Place(changes));
            foreach (var function in conversion?.Functions.Reverse() ?? [])
            {
                context.WriteSql(function.Drop);
            }

            if (Array.Exists(changes, static change => change.Value is not null && change.Key is not ("statistics" or "with")))
            {
                Warn(from, to, conversion, isFilled, context);
            }
        }

        ForeignTableRules.AlterColumn(from, to, context);
        if (from["identity"] is null && to["identity"] is not null)
        {
            SequencePlace.OfIdentity(to, sequence, context);
            IdentitySequenceRules.Close(to, context);
        }

        if (value is not null)
        {
            SequencePlace.OfDefault(to, context);
        }

        if (isFilled)
        {
            context.Write("drop_constraint", ("table", DiffContext.Named(table)), ("name", Filled(table, name)));
        }

        (string, JsonNode?)[] Place(params ReadOnlySpan<(string, JsonNode?)> rest) => [("table", DiffContext.Named(table)), ("name", name), .. rest];

        (bool Drops, JsonNode? Value) Default(ChangeNode column)
        {
            var parts = column.Absorbed.Where(static part => part.Identity.Kind == ObjectSet.Default).ToList();
            return (parts.Exists(static part => part.Step == ChangeStep.Drop), context.Expression(parts.Find(static part => part.Step is ChangeStep.Create or ChangeStep.Alter)?.To?[ObjectSet.Default]));
        }
    }

    /// <inheritdoc/>
    public override void Rename(ChangeNode node, DiffContext context)
    {
        if (node.Step == ChangeStep.MoveAside)
        {
            Park(node, context);
            return;
        }

        context.Write("alter_column", ("table", DiffContext.Named(node.Identity.Table!)), ("name", node.From!.Identity.Name), ("rename", node.Identity.Name));
        context.Warn(Hazards.Instant(node.Identity.Table!));
    }

    /// <summary>The values as text, until their type is there anew.</summary>
    private static void Park(ChangeNode node, DiffContext context)
    {
        var (table, name) = (node.Identity.Table!, node.Identity.Name);
        context.Write("alter_column", ("table", DiffContext.Named(table)), ("name", name), ("type", "text"), ("using", $"{SqlIdentifier.Quote(name)}::text"));
        context.Warn(Hazards.Rewrite(table));
    }

    /// <summary>A key to or from the column is made anew by the statement, unless it goes before and comes after it: both tables are locked, and where other values are compared, rows are read (<c>ATPostAlterTypeCleanup</c>).</summary>
    private static void WarnOfKeys(IEnumerable<CatalogObject> keys, string table, bool isRewritten, DiffContext context)
    {
        foreach (var key in keys.OrderBy(static key => key.Identity))
        {
            if (key.Identity.Table != table && !context.IsNew(key.Identity.Table))
            {
                context.Warn(isRewritten ? Hazards.Scan(key.Identity.Table!) : Hazards.Instant(key.Identity.Table!));
            }
            else if (ConstraintRules.References(key, context) is { } other && other != table)
            {
                context.Warn(Hazards.Instant(other));
            }
        }
    }

    /// <summary>Columns of views come with the query; only what is set on them is theirs.</summary>
    private static bool IsOfView(CatalogObject column) => column["type"] is null;

    /// <summary>A condition that proves that no row holds a null, read without blocking writers: SET NOT NULL takes its word (manual, ALTER TABLE, SET NOT NULL).</summary>
    private static void Fill(string table, string column, DiffContext context)
    {
        context.Write("add_constraint", ("table", DiffContext.Named(table)), ("name", Filled(table, column)), ("check", $"{SqlIdentifier.Quote(column)} IS NOT NULL"), ("not_valid", true));
        context.Write("validate_constraint", ("table", DiffContext.Named(table)), ("name", Filled(table, column)));
        context.Warn(Hazards.Validate(table));
    }

    private static string Filled(string table, string column) => SqlText.ConstraintName(table, [column], "filled", new HashSet<string>());

    private static void Warn(CatalogObject from, CatalogObject to, ValueConversion? conversion, bool isFilled, DiffContext context)
    {
        var (table, name) = (to.Identity.Table!, to.Identity.Name);
        if (context.IsNew(table))
        {
            return;
        }

        if (from["nullable"] != to["nullable"] && to["nullable"] == "false")
        {
            context.Warn(Hazards.Fails($"{table}.{name} is null"));
        }

        if (conversion is not null)
        {
            foreach (var hazard in Hazards.Converted($"{table}.{name}", context.Shown(to["type"]!), conversion))
            {
                context.Warn(hazard);
            }

            if (conversion.Functions.Count > 0)
            {
                context.Warn(Hazards.Fails($"an array in {table}.{name} has more than one dimension"));
            }

            var isRewritten = ColumnHazards.IsRewritten(from, to, context);
            context.Warn(isRewritten ? Hazards.Rewrite(table) : Hazards.Instant(table));
            var all = context.From.NeededBy(to.Identity).Select(user => context.From.Objects[user]).ToList();
            WarnOfKeys(all.Where(user => user["foreign_key"] is not null && context.To.Objects.ContainsKey(user.Identity) && !context.Replaced.Contains(user.Identity)), table, isRewritten, context);
            var users = all.Where(user => user.Identity.Table == table).ToList();
            if (!isRewritten && ColumnHazards.SortsAnew(from, to, context) && users.Exists(static user => user.Identity.Kind == "index" || (user.Identity.Kind == "constraint" && (user["primary_key"] ?? user["unique"] ?? user["exclude"]) is not null)))
            {
                context.Warn(Hazards.Rebuild(table, name));
            }

            if (!isRewritten && users.Exists(static user => user["check"] is not null))
            {
                context.Warn(Hazards.Scan(table));
            }

            if (!ColumnHazards.FitsAlways(from, to, context))
            {
                context.Warn(Hazards.Fails($"a value of {table}.{name} is no {context.Shown(to["type"]!)}"));
            }
        }

        context.Warn(from["nullable"] != to["nullable"] && to["nullable"] == "false" && !isFilled ? Hazards.Scan(table) : Hazards.Instant(table));
    }
}

/// <summary>Defaults of columns.</summary>
internal sealed class DefaultRules() : KindRules(ObjectSet.Default)
{
    /// <inheritdoc/>
    public override bool GoesWithContainer => true;

    /// <summary>A view's column comes with its query, which says no default.</summary>
    public override bool IsPartOfCreation(CatalogObject item, DiffContext context) => context.To.ContainerOf(item.Identity)?.Kind != "view";

    /// <inheritdoc/>
    public override void Create(ChangeNode node, DiffContext context) => Set(node, context.Expression(node.To![ObjectSet.Default]), context);

    /// <inheritdoc/>
    public override void Alter(ChangeNode node, DiffContext context) => Set(node, context.Expression(node.To![ObjectSet.Default]), context);

    /// <inheritdoc/>
    public override void Drop(ChangeNode node, DiffContext context) => Set(node, ManifestMapping.TextOrNull(null), context);

    private static void Set(ChangeNode node, JsonNode? value, DiffContext context)
    {
        context.Write("alter_column", ("table", DiffContext.Named(node.Identity.Table!)), ("name", node.Identity.Name), ("default", value));
        if (node.To is not null && context.To.Column(node.Identity.Table!, node.Identity.Name) is { } column)
        {
            SequencePlace.OfDefault(column, context);
        }

        context.WarnInstant(node.Identity.Table!);
    }
}
