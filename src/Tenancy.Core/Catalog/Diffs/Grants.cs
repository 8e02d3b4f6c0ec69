using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Privileges: what an object's roles have beyond what PostgreSQL gives by itself, and what of that was taken away.</summary>
internal static class Grants
{
    /// <summary>Grants and revokes what makes the privileges of an object those that are wanted.</summary>
    /// <param name="to">The object as it is to be.</param>
    /// <param name="from">The object as it is; null for a new one.</param>
    /// <param name="context">Takes the operations.</param>
    public static void Change(CatalogObject to, CatalogObject? from, DiffContext context)
    {
        if (!ByOthers(to, context.To).SetEquals(ByOthers(from, context.From)))
        {
            context.Refuse(to.Identity, "Privileges on it were given by another role than its owner, and only that one can give or take them. Give them as the owner, or write the statements yourself.");
        }

        var (granted, revoked) = (Of(to, "grants", context.To), Of(to, "revokes", context.To));
        var (hadGranted, hadRevoked) = WithOwner(from is null ? ByDefault(to, context) : Of(from, "grants", context.From), Of(from, "revokes", context.From), from is null ? CatalogObject.SchemaOwner : Owner(from), Owner(to));
        ImmutableArray<Privilege> lost = [.. hadGranted.Except(granted), .. revoked.Except(hadRevoked)];
        Write(to, lost, isRevoked: true, context);
        Write(to, granted.Except(hadGranted).Concat(hadRevoked.Except(revoked)), isRevoked: false, context);
        if (!lost.IsEmpty && Attributes.IsRelation(to.Identity.Kind))
        {
            Restore(to.Identity.Name, lost, isNew: from is null, context);
        }
    }

    /// <summary>Is a privilege taken from everybody that PostgreSQL gives by itself?</summary>
    public static bool IsClosed(CatalogObject item, ObjectSet set) => Of(item, "revokes", set).Any(static entry => entry.Role == "public");

    /// <summary>What the schema's owner gives by default on what it makes there. That changes last, so it is what is there now.</summary>
    private static ImmutableHashSet<Privilege> ByDefault(CatalogObject item, DiffContext context)
    {
        var on = item.Identity.Kind switch
        {
            "sequence" or "identity_sequence" => "sequences",
            "function" or "procedure" or "aggregate" => "functions",
            "enum" or "domain" or "composite_type" or "range_type" => "types",
            var kind => Attributes.IsRelation(kind) ? "tables" : null,
        };
        return on is null ? [] : [.. Of(context.From.Objects.GetValueOrDefault(new("default_privileges", $"{on} of {CatalogObject.SchemaOwner}")), "grants", context.From).Where(static entry => entry.Role != CatalogObject.SchemaOwner)];
    }

    private static ImmutableHashSet<Privilege> Of(CatalogObject? item, string property, ObjectSet set) =>
        item is null ? [] : [.. item.Items(property).Select(static entry => entry.AsObject()).Where(entry => IsByOwner(entry, item, set)).SelectMany(static entry => entry["privileges"]!.AsArray().Select(privilege => new Privilege(PropertyValue.Text(entry["to"]), PropertyValue.Text(privilege), entry["with_grant_option"] is not null)))];

    private static ImmutableHashSet<string> ByOthers(CatalogObject? item, ObjectSet set) =>
        item is null ? [] : [.. item.Items("grants").Concat(item.Items("revokes")).Where(entry => !IsByOwner(entry.AsObject(), item, set)).Select(static entry => entry.ToJsonString())];

    /// <summary>Did its owner give it? That of a column is its table's, whom its own entries name where it is not the schema's.</summary>
    private static bool IsByOwner(JsonObject entry, CatalogObject item, ObjectSet set) =>
        entry["by"] is not { } role || (item.Identity.Kind == "column" && set.ContainerOf(item.Identity) is { } table && set.Objects[table]["owner"] == PropertyValue.Text(role));

    private static string Owner(CatalogObject item) => item["owner"] ?? CatalogObject.SchemaOwner;

    /// <summary>What an object's roles have once it has another owner: that one has what the former owner had, and what it was granted itself is a part of that (<c>aclnewowner</c>).</summary>
    private static (ImmutableHashSet<Privilege> Granted, ImmutableHashSet<Privilege> Revoked) WithOwner(ImmutableHashSet<Privilege> granted, ImmutableHashSet<Privilege> revoked, string from, string to)
    {
        if (from == to)
        {
            return (granted, revoked);
        }

        ImmutableHashSet<Privilege> Moved(ImmutableHashSet<Privilege> entries) => [.. entries.Select(entry => entry.Role == from ? entry with { Role = to } : entry)];
        var own = granted.Where(entry => entry.Role == to).ToList();
        // With the right to grant it on, it is more than an owner has by itself.
        return (Moved(granted.Except(own.Where(static entry => !entry.IsGrantable))), Moved(revoked).Except(own).Union(own.Where(static entry => entry.IsGrantable).Select(static entry => entry with { IsGrantable = false })));
    }

    /// <summary>Gives columns again what they keep: who loses a privilege of a table loses it of the columns too (manual, REVOKE).</summary>
    private static void Restore(string table, ImmutableArray<Privilege> lost, bool isNew, DiffContext context)
    {
        foreach (var column in context.To.ColumnsOf(table).OrderBy(static column => column.Position).ThenBy(static column => column.Identity))
        {
            var kept = isNew ? Of(column, "grants", context.To) : Of(column, "grants", context.To).Intersect(Of(context.From.Objects.GetValueOrDefault(column.Identity), "grants", context.From));
            Write(column, kept.Where(entry => lost.Any(other => other.Role == entry.Role && other.Name == entry.Name)), isRevoked: false, context);
        }
    }

    private static void Write(CatalogObject item, IEnumerable<Privilege> entries, bool isRevoked, DiffContext context)
    {
        foreach (var group in entries.GroupBy(static entry => (entry.Role, entry.IsGrantable)).OrderBy(static group => group.Key))
        {
            var privileges = group.Select(static entry => entry.Name).Order(StringComparer.Ordinal).ToList();
            var (role, isGrantable) = group.Key;
            if (role != CatalogObject.SchemaOwner && Target(item, context) is { } target)
            {
                context.Write(isRevoked ? "revoke" : "grant", [("privileges", ManifestMapping.List(privileges)), .. target, (isRevoked ? "from" : "to", role), ("with_grant_option", ManifestMapping.Flag(isGrantable && !isRevoked))]);
                continue;
            }

            // The schema's owner has another name in every tenant: it is the role that runs this.
            var (head, on) = item.Identity.Kind == "default_privileges" ? DefaultPrivilegesRules.Words(item, context) : ("", "");
            var columns = item.Identity.Kind == "column" ? $" ({SqlIdentifier.Quote(item.Identity.Name)})" : "";
            var what = $"{string.Join(", ", privileges.Select(privilege => $"{privilege.ToUpperInvariant()}{columns}"))} ON {(on.Length > 0 ? on : TargetSql(item, context))}";
            var who = role == CatalogObject.SchemaOwner ? "CURRENT_USER" : role == "public" ? "PUBLIC" : SqlIdentifier.Quote(role);
            context.WriteSql(isRevoked ? $"{head}REVOKE {what} FROM {who}" : $"{head}GRANT {what} TO {who}{(isGrantable ? " WITH GRANT OPTION" : "")}");
        }
    }

    private static (string Key, JsonNode? Value)[]? Target(CatalogObject item, DiffContext context)
    {
        var (kind, name, table) = item.Identity;
        return kind switch
        {
            "column" => [("table", DiffContext.Named(table!)), ("columns", ManifestMapping.List([name]))],
            "schema" => [("schema", context.Options.OwnToken)],
            "sequence" => [("sequence", DiffContext.Named(item.Name()))],
            "identity_sequence" => [("sequence", DiffContext.Named(Attributes.IdentityName(item)))],
            "function" or "procedure" => [(kind, DiffContext.Named(RoutineText.Name(item))), ("arguments", RoutineText.Types(item))],
            "enum" or "domain" or "composite_type" or "range_type" => [("type", DiffContext.Named(item.Name()))],
            _ when Attributes.IsRelation(kind) => [("table", DiffContext.Named(name))],
            _ => null,
        };
    }

    private static string TargetSql(CatalogObject item, DiffContext context) => item.Identity.Kind switch
    {
        "column" => $"TABLE {context.InSql(item.Identity.Table!)}",
        "domain" => $"TYPE {context.InSql(item.Name())}",
        "aggregate" => Attributes.TargetSql(item, context).Replace("AGGREGATE", "FUNCTION", StringComparison.Ordinal),
        _ when Attributes.IsRelation(item.Identity.Kind) => $"TABLE {context.InSql(item.Name())}",
        _ => Attributes.TargetSql(item, context),
    };

    /// <summary>One privilege of one role.</summary>
    private readonly record struct Privilege(string Role, string Name, bool IsGrantable);
}
