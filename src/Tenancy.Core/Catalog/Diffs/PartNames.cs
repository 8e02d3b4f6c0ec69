using Tenancy.Core.Operations;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>
/// Names of their own that parts of indexes and keys have in a partition that is new, while the whole is there already: the statement that makes the partition makes them too, under names that PostgreSQL chooses, and
/// they are renamed.
/// </summary>
internal static class PartNames
{
    /// <summary>Gives the parts of a new partition their names, once it is there.</summary>
    /// <param name="table">The partition.</param>
    /// <param name="context">Both schemas.</param>
    public static void Write(CatalogObject table, DiffContext context)
    {
        foreach (var part in Parts(table.Identity.Name, context).Where(part => IsOwn(part) && Obstacle(part, context) is null).OrderBy(static part => part.Identity))
        {
            if (part.Identity.Kind == "index")
            {
                context.Write("rename_index", ("from", DiffContext.Named(Chosen(part)!)), ("to", part.Name()));
            }
            else
            {
                context.Write("rename_constraint", ("table", DiffContext.Named(table.Identity.Name)), ("from", Chosen(part)), ("to", part.Name()));
            }
        }
    }

    /// <summary>Why a part that comes with its partition cannot get its name; null where it can, or has it already.</summary>
    /// <param name="part">The part.</param>
    /// <param name="context">Both schemas.</param>
    public static string? Obstacle(CatalogObject part, DiffContext context)
    {
        if (!Inheritance.ComesWithTable(part, context.From, context.To) || !IsOwn(part))
        {
            return null;
        }

        var chosen = Chosen(part);
        return chosen is null || IsTaken(chosen, part, context) || Parts(part.Identity.Table!, context).Count(other => Chosen(other) == chosen) > 1
            ? "It is a part of an index that is there already, and comes with its partition under a name that PostgreSQL chooses, which is not known beforehand: it is an index on an expression, there are two alike, or the name is taken. "
                + "Make the table and its index first, under their names, and attach it then."
            : null;
    }

    private static IEnumerable<CatalogObject> Parts(string table, DiffContext context) => context.To.KeysOf(table).Where(part => Inheritance.ComesWithTable(part, context.From, context.To));

    private static bool IsOwn(CatalogObject part) => part.ActualName is null && Chosen(part) != part.Identity.Name;

    private static bool IsTaken(string name, CatalogObject part, DiffContext context) =>
        new[] { context.From, context.To }.Any(set => set.Relation(name) is not null || set.Objects.ContainsKey(new("sequence", name)) || set.Objects.Values.Any(item => item.Identity.Kind is "index" or "constraint" && item.Name() == name && item.Identity != part.Identity));

    /// <summary>The name that PostgreSQL chooses where nothing has it (<c>ChooseIndexName</c>); null where it is made of more than the snapshot says.</summary>
    private static string? Chosen(CatalogObject part)
    {
        var columns = part["primary_key"] is not null ? [] : part["unique"] is ['[', ..] ? [.. part.Texts("unique")] : part.Items("columns").Select(Column).ToList();
        return columns.Contains(null) ? null
            : SqlText.ConstraintName(part.Identity.Table!, part["primary_key"] is not null ? [] : [.. columns.OfType<string>(), .. part.Texts("include")], part["primary_key"] is not null ? "pkey" : part["unique"] is ['[', ..] ? "key" : "idx", new HashSet<string>());

        static string? Column(System.Text.Json.Nodes.JsonNode item) => item is System.Text.Json.Nodes.JsonObject named ? named["column"] is { } name ? PropertyValue.Text(name) : null : PropertyValue.Text(item);
    }
}
