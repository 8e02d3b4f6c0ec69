using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Tenancy.Core.Catalog.Diffs.Values;
using Tenancy.Core.Operations;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Types that stand alone. One that cannot change while columns have it moves aside, and goes when they have the new one.</summary>
/// <param name="dropKey">The operation that drops it.</param>
/// <param name="alterable">As in <see cref="KindRules"/>.</param>
internal abstract class TypeRules(string dropKey, params string[] alterable) : KindRules(alterable)
{
    /// <inheritdoc/>
    public override bool HasComment(CatalogObject item) => true;

    /// <inheritdoc/>
    public override void Drop(ChangeNode node, DiffContext context) =>
        context.Write(dropKey, ("name", DiffContext.Named(node.Step == ChangeStep.DropAside ? Aside(node.Identity.Name) : node.From!.Name())));

    /// <inheritdoc/>
    public override void Rename(ChangeNode node, DiffContext context) =>
        context.Write("rename_type", ("from", DiffContext.Named(node.From!.Name())), ("to", node.Step == ChangeStep.MoveAside ? Aside(node.Identity.Name) : node.To!.Name()));

    private static string Aside(string name) => SqlText.ConstraintName(name, [], "old", new HashSet<string>());
}

/// <summary>Enums.</summary>
internal sealed class EnumRules() : TypeRules("drop_enum", "values")
{
    /// <inheritdoc/>
    public override bool CanAlter(CatalogObject from, CatalogObject to, ImmutableArray<string> changed, DiffContext context) =>
        base.CanAlter(from, to, changed, context) && from.Texts("values").SequenceEqual(to.Texts("values").Where(from.Texts("values").Contains));

    /// <inheritdoc/>
    public override void Create(ChangeNode node, DiffContext context)
    {
        var name = DiffContext.Named(node.Identity.Name);
        if (node.To!.Texts("values").IsEmpty)
        {
            context.WriteSql($"CREATE TYPE {context.InSql(node.Identity.Name)} AS ENUM ()");
            return;
        }

        context.Write("create_enum", ("name", name), ("values", ManifestMapping.List(node.To!.Texts("values"))), ("comment", Attributes.Comment(node.To!)));
    }

    /// <inheritdoc/>
    public override void Alter(ChangeNode node, DiffContext context)
    {
        var (before, after) = (node.From!.Texts("values"), node.To!.Texts("values"));
        for (var i = 0; i < after.Length; i++)
        {
            if (!before.Contains(after[i]))
            {
                // The neighbour before it is there by now; the first of all has one only after it.
                var next = after.Skip(i + 1).FirstOrDefault(before.Contains);
                context.Write("add_enum_value", ("enum", DiffContext.Named(node.Identity.Name)), ("value", after[i]), ("after", i > 0 && next is not null ? after[i - 1] : null), ("before", i == 0 ? next : null));
                context.Warn(new ChangeHazard(HazardKind.CannotBeUndone, $"PostgreSQL cannot take '{after[i]}' out of {node.Identity.Name} again: an undo makes the type anew, and writes the tables that have it."));
            }
        }
    }
}

/// <summary>Domains.</summary>
internal sealed class DomainRules() : TypeRules("drop_domain", "default", "nullable")
{
    /// <inheritdoc/>
    public override void Create(ChangeNode node, DiffContext context)
    {
        var domain = node.To!;
        context.Write("create_domain", ("name", DiffContext.Named(domain.Identity.Name)), ("type", context.Sql(domain["type"]!)), ("collation", domain["collation"]), ("default", context.Expression(domain["default"])),
            ("nullable", domain["nullable"] == "false" ? JsonValue.Create(false) : null),
            ("constraints", ManifestMapping.List(node.Absorbed.Where(static part => part.Identity.Kind == "domain_constraint").OrderBy(static part => part.Identity).Select(part => (JsonNode)ManifestMapping.Of(("name", part.Identity.Name), ("check", context.Expression(part.To!["check"])))))),
            ("comment", Attributes.Comment(domain)));
        foreach (var part in node.Absorbed)
        {
            Attributes.Create(part.To!, context, hasComment: false);
        }
    }

    /// <inheritdoc/>
    public override void Alter(ChangeNode node, DiffContext context)
    {
        var (from, to, head) = (node.From!, node.To!, $"ALTER DOMAIN {context.InSql(node.Identity.Name)}");
        if (from["default"] != to["default"])
        {
            context.WriteSql(to["default"] is { } value ? $"{head} SET DEFAULT {context.Sql(value)}" : $"{head} DROP DEFAULT");
        }

        if (from["nullable"] != to["nullable"])
        {
            context.WriteSql($"{head} {(to["nullable"] == "false" ? "SET" : "DROP")} NOT NULL");
            DomainConstraintRules.Warn(node.Identity.Name, to["nullable"] == "false", context);
        }
    }
}

/// <summary>Conditions of domains.</summary>
internal sealed class DomainConstraintRules() : KindRules("not_valid")
{
    /// <inheritdoc/>
    public override bool GoesWithContainer => true;

    /// <inheritdoc/>
    public override bool CanAlter(CatalogObject from, CatalogObject to, ImmutableArray<string> changed, DiffContext context) => base.CanAlter(from, to, changed, context) && !(changed.Contains("not_valid") && to.Is("not_valid"));

    /// <inheritdoc/>
    public override bool IsPartOfCreation(CatalogObject item, DiffContext context) => !item.Is("not_valid");

    /// <summary>The columns that have the domain are read.</summary>
    public static void Warn(string domain, bool isRead, DiffContext context)
    {
        foreach (var table in Users(new("domain", domain), context).Where(user => !context.IsNew(user.Table)).Select(static user => user.Table!).Distinct().Order(StringComparer.Ordinal).Where(_ => isRead))
        {
            context.Warn(new ChangeHazard(HazardKind.ScansTable, $"All rows of {table} are read, and writers wait meanwhile (SHARE).") { Table = table, Lock = "SHARE", Duration = LockDuration.Scan });
            context.Warn(Hazards.Fails($"values in {table} do not meet it"));
        }
    }

    /// <summary>The columns that have a domain, or one made of it (<c>get_rels_with_domain</c>).</summary>
    private static IEnumerable<ObjectIdentity> Users(ObjectIdentity domain, DiffContext context) =>
        context.To.NeededBy(domain).SelectMany(user => user.Kind == "column" ? [user] : user.Kind == "domain" ? Users(user, context) : []);

    /// <inheritdoc/>
    public override void Create(ChangeNode node, DiffContext context)
    {
        context.WriteSql($"ALTER DOMAIN {context.InSql(node.Identity.Table!)} ADD CONSTRAINT {SqlIdentifier.Quote(node.Identity.Name)} CHECK ({context.Sql(PropertyValue.Bare(node.To!["check"]!))}){(node.To.Is("not_valid") ? " NOT VALID" : "")}");
        Warn(node.Identity.Table!, !node.To.Is("not_valid"), context);
    }

    /// <inheritdoc/>
    public override void Drop(ChangeNode node, DiffContext context) =>
        context.WriteSql($"ALTER DOMAIN {context.InSql(node.Identity.Table!)} DROP CONSTRAINT {SqlIdentifier.Quote(node.Identity.Name)}");

    /// <inheritdoc/>
    public override void Alter(ChangeNode node, DiffContext context)
    {
        if (node.From!.Is("not_valid") && !node.To!.Is("not_valid"))
        {
            context.WriteSql($"ALTER DOMAIN {context.InSql(node.Identity.Table!)} VALIDATE CONSTRAINT {SqlIdentifier.Quote(node.Identity.Name)}");
            Warn(node.Identity.Table!, true, context);
        }
    }
}

/// <summary>Composite types.</summary>
internal sealed class CompositeTypeRules() : TypeRules("drop_composite_type", "attributes")
{
    /// <inheritdoc/>
    public override bool CanAlter(CatalogObject from, CatalogObject to, ImmutableArray<string> changed, DiffContext context)
    {
        var (before, after) = (Texts(from), Texts(to));
        var kept = before.Where(after.Contains).ToList();
        return base.CanAlter(from, to, changed, context)
            && (!changed.Contains("attributes") || (kept.Count > 0 && after.Take(kept.Count).SequenceEqual(kept) && !after.Skip(kept.Count).Select(NameOf).Intersect(before.Select(NameOf)).Any() && context.From.NeededBy(from.Identity).All(static user => user.Kind != "table")));
    }

    /// <summary>Where columns hold it in a form that only text converts, and their values would be exchanged so.</summary>
    public override string? Obstacle(CatalogObject? from, CatalogObject? to, DiffContext context) =>
        from is null || to is null || from["attributes"] == to["attributes"] || CanAlter(from, to, PropertyValue.Changed(from, to), context) ? null
        : context.From.NeededBy(from.Identity).Where(user => user.Kind == "table" && OfWhich(user.Name, context) is not null).Order().Select(static user => user.Name).FirstOrDefault() is { } table
        ? $"The table {table} has its attributes as columns. Write ALTER TYPE … ADD, DROP or ALTER ATTRIBUTE … CASCADE with the operation 'sql'."
        : Users(from.Identity, context).Select(column => (Column: column, Was: context.From.Objects[column], Now: context.To.Objects.GetValueOrDefault(column))).Where(static user => user.Now?["type"] is not null)
            .Select(user => ValueConversion.Of(user.Was, user.Now!, context) is var conversion && conversion.Obstacle is { } why ? $"The {user.Column} has it. {why}"
                : conversion.IsByName && HasNewRange(from.Identity, context) ? $"The {user.Column} has it. A range type that it is made of changes too, so values go by way of text, which would exchange attributes of other names. Change the one first, then the other." : null)
            .FirstOrDefault(static why => why is not null);

    /// <inheritdoc/>
    public override void Create(ChangeNode node, DiffContext context)
    {
        var name = node.Identity.Name;
        if (node.To!.Items("attributes").IsEmpty)
        {
            context.WriteSql($"CREATE TYPE {context.InSql(name)} AS ()");
            return;
        }

        context.Write("create_composite_type", ("name", DiffContext.Named(name)), ("attributes", ManifestMapping.List(node.To!.Items("attributes").Select(static item => item.DeepClone()))), ("comment", Attributes.Comment(node.To!)));
        foreach (var part in node.Absorbed)
        {
            Attributes.Create(part.To!, context, hasComment: false);
        }
    }

    /// <inheritdoc/>
    public override void Alter(ChangeNode node, DiffContext context)
    {
        var (before, after) = (node.From!.Items("attributes").Select(static item => item.AsObject()).ToList(), node.To!.Items("attributes").Select(static item => item.AsObject()).ToList());
        var head = $"ALTER TYPE {context.InSql(node.Identity.Name)}";
        foreach (var attribute in before.Where(old => after.All(other => NameOf(other) != NameOf(old))))
        {
            context.WriteSql($"{head} DROP ATTRIBUTE {SqlIdentifier.Quote(NameOf(attribute))}");
            context.Warn(Hazards.Deletes($"The values of {node.Identity.Name}.{NameOf(attribute)} in all columns of the type"));
        }

        foreach (var attribute in after.Where(item => before.All(other => NameOf(other) != NameOf(item))))
        {
            context.WriteSql($"{head} ADD ATTRIBUTE {SqlIdentifier.Quote(NameOf(attribute))} {context.Sql(PropertyValue.Text(attribute["type"]))}{(attribute["collation"] is { } collation ? $" COLLATE {PropertyValue.Text(collation)}" : "")}");
        }
    }

    /// <summary>The type whose attributes are a table's columns (<c>CREATE TABLE … OF</c>), before and afterwards; null for any other table.</summary>
    public static string? OfWhich(string table, DiffContext context) =>
        context.From.Relation(table)?["of_type"] is { } type && context.To.Relation(table)?["of_type"] == type ? context.Shown(type) : null;

    /// <summary>The columns of tables that hold a type, or another one that is made of it.</summary>
    private static IEnumerable<ObjectIdentity> Users(ObjectIdentity type, DiffContext context) => context.From.NeededBy(type).Order()
        .SelectMany(user => user.Kind == "column" ? [user] : user.Kind is "composite_type" or "domain" ? Users(user, context) : []);

    private static bool HasNewRange(ObjectIdentity type, DiffContext context) => context.From.Needs(type).Any(part => part.Kind == "range_type"
        ? context.To.Objects.TryGetValue(part, out var now) && (!now.Equals(context.From.Objects[part]) || HasNewRange(part, context))
        : part.Kind is "composite_type" or "domain" && HasNewRange(part, context));

    private static List<string> Texts(CatalogObject item) => [.. item.Items("attributes").Select(static attribute => attribute.ToJsonString())];

    private static string NameOf(string attribute) => NameOf(JsonNode.Parse(attribute)!.AsObject());

    private static string NameOf(JsonObject attribute) => PropertyValue.Text(attribute["name"]);
}

/// <summary>Attributes of composite types: they are made with the type, and have comments.</summary>
internal sealed class AttributeRules() : KindRules
{
    /// <inheritdoc/>
    public override bool GoesWithContainer => true;

    /// <inheritdoc/>
    public override bool IsPartOfCreation(CatalogObject item, DiffContext context) => true;

    /// <inheritdoc/>
    public override void Create(ChangeNode node, DiffContext context)
    {
        // The type's own change adds it.
    }

    /// <inheritdoc/>
    public override void Drop(ChangeNode node, DiffContext context)
    {
        // The type's own change drops it, and carries this out too; where the type stays, it is only the comment that goes.
        Attributes.Alter(node.From!, node.From!.With(CatalogObject.NoProperties), context);
    }
}

/// <summary>
/// Range types, each with its multirange, whose name is a place too. None moves aside: its constructors, functions of its name and of the multirange's, keep their names, and only the superuser who
/// made the cluster may rename them. So columns hold text while the one goes and the other comes.
/// </summary>
internal sealed class RangeTypeRules() : TypeRules("drop_range_type")
{
    /// <summary>The name of a range's multirange: its own, or that which PostgreSQL chooses (<c>makeMultirangeTypeName</c>).</summary>
    public static string Multirange(CatalogObject range) => range["multirange"] ?? UsualMultirange(range.Name());

    /// <summary>The name that PostgreSQL chooses for the multirange of a range.</summary>
    public static string UsualMultirange(string range) => range.IndexOf("range", StringComparison.Ordinal) is var at and >= 0 ? range.Insert(at, "multi") : SqlText.ConstraintName(range, [], "multirange", new HashSet<string>());

    /// <inheritdoc/>
    public override string? Obstacle(CatalogObject? from, CatalogObject? to, DiffContext context) =>
        to?["canonical"] is not null && from?["canonical"] != to["canonical"] ? "It has a canonical function, which must be there before the type, and takes the type as its argument. Write both with the operation 'sql'." : null;

    /// <inheritdoc/>
    public override void Create(ChangeNode node, DiffContext context)
    {
        var range = node.To!;
        context.Write("create_range_type", ("name", DiffContext.Named(range.Identity.Name)), ("subtype", context.Sql(range["subtype"]!)), ("opclass", range["opclass"]), ("collation", range["collation"]),
            ("subtype_diff", range["subtype_diff"]), ("multirange", range["multirange"]), ("comment", Attributes.Comment(range)));
    }

    /// <summary>The multirange gets another name too, unless it has one of its own.</summary>
    public override void Rename(ChangeNode node, DiffContext context)
    {
        base.Rename(node, context);
        if (node.From!["multirange"] is null)
        {
            context.Write("rename_type", ("from", DiffContext.Named(Multirange(node.From))), ("to", UsualMultirange(node.To!.Name())));
        }
    }
}
