using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>What objects of every kind have: a comment, an owner, privileges.</summary>
internal static class Attributes
{
    private static readonly string[] Relations = ["table", "view", "materialized_view", "foreign_table"];

    /// <summary>The comment as an operation takes it; absent where there is none, and where the operation cannot hold it.</summary>
    public static JsonNode? Comment(CatalogObject item) => item["comment"] is { } text && IsPlain(text) ? JsonValue.Create(text) : null;

    /// <summary>Gives a new object what it has.</summary>
    /// <param name="item">The object.</param>
    /// <param name="context">Takes the operations.</param>
    /// <param name="hasComment">Did the operation that made it give it its comment?</param>
    public static void Create(CatalogObject item, DiffContext context, bool hasComment)
    {
        if (item["comment"] is { } comment && !(hasComment && IsPlain(comment)))
        {
            SetComment(item, comment, context);
        }

        if (item["owner"] is { } owner && item.Identity.Kind != "identity_sequence")
        {
            SetOwner(item, owner, context);
        }

        Grants.Change(item, null, context);
    }

    /// <summary>Changes what differs.</summary>
    public static void Alter(CatalogObject from, CatalogObject to, DiffContext context)
    {
        if (from["comment"] != to["comment"])
        {
            SetComment(to, to["comment"], context);
        }

        // The sequence of a column has its table's owner; one that is to be of a column gets that one before.
        if (from["owner"] != to["owner"] && to.Identity.Kind != "identity_sequence" && !(to.Identity.Kind == "sequence" && new ObjectIdentity(ObjectSet.Owned, to.Identity.Name) is var owned && context.To.Objects.ContainsKey(owned) && context.From.Objects.ContainsKey(owned)))
        {
            SetOwner(to, to["owner"], context);
        }

        Grants.Change(to, from, context);
    }

    /// <summary>An object as <c>comment</c> and <c>set_owner</c> name it; null for kinds that they do not know.</summary>
    public static (string Key, JsonNode? Value)[]? Target(CatalogObject item, DiffContext context)
    {
        var (kind, name, table) = item.Identity;
        if (table is not null)
        {
            var container = (context.To.ContainerOf(item.Identity) ?? context.From.ContainerOf(item.Identity))?.Kind ?? "table";
            if (kind is "domain_constraint" or "attribute")
            {
                return kind == "attribute" ? [("type", DiffContext.Named(table)), ("column", name)] : [("domain", DiffContext.Named(table)), ("constraint", name)];
            }

            return kind is "column" or "constraint" or "trigger" or "policy" ? [(Key(container == "foreign_table" ? "table" : container), DiffContext.Named(table)), (kind, item.Name())] : kind == "index" ? [("index", DiffContext.Named(item.Name()))] : null;
        }

        return kind switch
        {
            "schema" => [("schema", context.Options.OwnToken)],
            "function" or "procedure" => [(kind, DiffContext.Named(RoutineText.Name(item))), ("arguments", RoutineText.Types(item))],
            "table" or "view" or "materialized_view" or "sequence" or "domain" or "statistics" or "index" => [(kind, DiffContext.Named(item.Name()))],
            "enum" or "composite_type" or "range_type" => [("type", DiffContext.Named(item.Name()))],
            _ => null,
        };
    }

    /// <summary>An object as SQL names it after COMMENT ON and ALTER.</summary>
    public static string TargetSql(CatalogObject item, DiffContext context)
    {
        var (kind, name, table) = item.Identity;
        return kind switch
        {
            "schema" => $"SCHEMA {context.Token}",
            "column" => $"COLUMN {context.InSql(table!)}.{SqlIdentifier.Quote(name)}",
            "attribute" => $"COLUMN {context.InSql(table!)}.{SqlIdentifier.Quote(name)}",
            "domain_constraint" => $"CONSTRAINT {SqlIdentifier.Quote(item.Name())} ON DOMAIN {context.InSql(table!)}",
            "constraint" or "trigger" or "policy" or "rule" => $"{kind.ToUpperInvariant()} {SqlIdentifier.Quote(item.Name())} ON {context.InSql(table!)}",
            "function" or "procedure" or "aggregate" => $"{kind.ToUpperInvariant()} {context.InSql(RoutineText.Name(item))}({RoutineText.Arguments(item)})",
            "enum" or "composite_type" or "range_type" => $"TYPE {context.InSql(item.Name())}",
            "identity_sequence" => $"SEQUENCE {context.InSql(IdentityName(item))}",
            _ => $"{kind.Replace('_', ' ').ToUpperInvariant()} {context.InSql(item.Name())}",
        };
    }

    /// <summary>The name of the sequence of an identity column.</summary>
    public static string IdentityName(CatalogObject item) => item["name"] ?? item.ActualName ?? IdentitySequenceRules.Usual(item.Identity);

    private static string Key(string kind) => kind is "composite_type" ? "type" : kind;

    private static bool IsPlain(string text) => !SqlForManifest.HasPlaceholder(text) && !string.IsNullOrWhiteSpace(text);

    private static void SetComment(CatalogObject item, string? comment, DiffContext context)
    {
        if (Target(item, context) is { } target && (comment is null || IsPlain(comment)))
        {
            context.Write("comment", [.. target, ("text", ManifestMapping.TextOrNull(comment))]);
            return;
        }

        context.WriteSql($"COMMENT ON {TargetSql(item, context)} IS {(comment is null ? "NULL" : context.Sql(SqlLiteral.Quote(comment)))}");
    }

    /// <summary>Gives an object to its owner.</summary>
    public static void SetOwner(CatalogObject item, DiffContext context) => SetOwner(item, item["owner"], context);

    private static void SetOwner(CatalogObject item, string? owner, DiffContext context)
    {
        if (item.Identity.Kind is "table" or "materialized_view")
        {
            context.WarnInstant(item.Identity.Name);
        }

        if (owner is not null && item.Identity.Kind != "index" && Target(item, context) is { } target)
        {
            context.Write("set_owner", [.. target, ("to", owner)]);
            return;
        }

        // The schema's owner has another name in every tenant: it is the role that runs this.
        context.WriteSql($"ALTER {TargetSql(item, context)} OWNER TO {(owner is null ? "CURRENT_USER" : SqlIdentifier.Quote(owner))}");
    }

    /// <summary>Is it a relation, whose privileges are those of tables?</summary>
    public static bool IsRelation(string kind) => Relations.Contains(kind);
}
