using System.Text.Json.Nodes;
using Tenancy.Core.Operations;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>
/// Names of their own that parts of indexes and keys have in partitions: where a part comes along, with a new or attached partition or with the whole that is made anew, PostgreSQL chooses its name, and it is renamed.
/// </summary>
internal static class PartNames
{
    /// <summary>Has a part of an index or key a name that PostgreSQL would not choose?</summary>
    /// <param name="part">The part.</param>
    public static bool IsOwn(CatalogObject part) =>
        part.Is("inherited") && part.ActualName is null && (part.Identity.Kind == "index" || part["primary_key"] is not null || part["unique"] is not null) && Chosen(part) != part.Identity.Name;

    /// <summary>Why a part that comes along cannot get its name; null where it can.</summary>
    /// <param name="part">The part.</param>
    /// <param name="context">Both schemas.</param>
    public static string? Obstacle(CatalogObject part, DiffContext context)
    {
        var chosen = Chosen(part);
        return chosen is null || IsTaken(chosen, part, context) || context.To.KeysOf(part.Identity.Table!).Count(other => other.Is("inherited") && Chosen(other) == chosen) > 1
            ? "It is a part of another index, and comes along under a name that PostgreSQL chooses, which is not known beforehand: it is an index on an expression, there are two alike, or the name is taken. "
                + "Make the table and its index first, under their names, and attach it then."
            : null;
    }

    /// <summary>The name that PostgreSQL chooses where nothing has it (<c>ChooseIndexName</c>); null where it is made of more than the snapshot says.</summary>
    /// <param name="part">The part.</param>
    public static string? Chosen(CatalogObject part)
    {
        List<string?> columns = part["primary_key"] is not null ? [] : [.. part["unique"] is ['[', ..] ? part.Texts("unique") : part.Items("columns").Select(Column), .. part.Texts("include")];
        var kind = part["primary_key"] is not null ? "pkey" : part["unique"] is ['[', ..] ? "key" : "idx";
        return columns.Contains(null) ? null : SqlText.ConstraintName(part.Identity.Table!, columns.OfType<string>(), kind, new HashSet<string>());
    }

    private static bool IsTaken(string name, CatalogObject part, DiffContext context) =>
        context.To.Relation(name) is not null || context.To.Objects.ContainsKey(new("sequence", name)) || context.To.Objects.Values.Any(item => item.Identity.Kind is "index" or "constraint" && item.Name() == name && item.Identity != part.Identity);

    private static string? Column(JsonNode item) => item is JsonObject named ? named["column"] is { } name ? PropertyValue.Text(name) : null : PropertyValue.Text(item);
}
