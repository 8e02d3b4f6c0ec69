using System.Globalization;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Where a new sequence goes on from, when the column that it numbers has rows already: behind the greatest of their numbers.</summary>
internal static class SequencePlace
{
    /// <summary>Sets the sequence of a column that has become an identity.</summary>
    /// <param name="column">The column as it is to be.</param>
    /// <param name="sequence">What is unusual about its sequence; null for nothing.</param>
    /// <param name="context">Takes the statement.</param>
    public static void OfIdentity(CatalogObject column, CatalogObject? sequence, DiffContext context)
    {
        var table = column.Identity.Table!;
        Set(column, sequence, $"pg_catalog.pg_get_serial_sequence({InString(table, context)}, {SqlLiteral.Quote(column.Identity.Name)})", SequenceText.Start(sequence).ToString(CultureInfo.InvariantCulture), context);
    }

    /// <summary>Sets the sequences, made by this diff too, that a column's new default takes numbers from.</summary>
    /// <param name="column">The column as it is to be.</param>
    /// <param name="context">Takes the statements.</param>
    public static void OfDefault(CatalogObject column, DiffContext context)
    {
        foreach (var identity in context.To.Needs(new(ObjectSet.Default, column.Identity.Name, column.Identity.Table)).Where(need => need.Kind == "sequence" && context.Created.Contains(need)).Order())
        {
            var sequence = context.To.Objects[identity];
            Set(column, sequence, InString(sequence.Name(), context), $"(SELECT last_value FROM {context.InSql(sequence.Name())})", context);
        }
    }

    private static void Set(CatalogObject column, CatalogObject? sequence, string name, string start, DiffContext context)
    {
        var (table, isFalling) = (column.Identity.Table!, sequence?["increment"] is ['-', ..]);
        if (context.IsNew(table) || context.From.Column(table, column.Identity.Name) is null)
        {
            return;
        }

        var last = $"pg_catalog.{(isFalling ? "min" : "max")}({SqlIdentifier.Quote(column.Identity.Name)})";
        context.WriteSql($"SELECT pg_catalog.setval({name}, {last}) FROM {context.InSql(table)} HAVING {last} {(isFalling ? "<=" : ">=")} {start}");
        if (!context.From.NeededBy(column.Identity).Select(user => context.From.Objects[user]).Any(user => IsFirst(user, column.Identity.Name)))
        {
            context.Warn(Hazards.Scan(table));
        }
    }

    /// <summary>Does an index give the greatest value without reading all rows?</summary>
    private static bool IsFirst(CatalogObject item, string column) => item.Identity.Kind is "constraint" or "index" && item["where"] is null && item["method"] is null
        && (item["primary_key"] ?? item["unique"] ?? item["columns"]) is ['[', ..] && item.Items(item["primary_key"] is not null ? "primary_key" : item.Identity.Kind == "index" ? "columns" : "unique") is [System.Text.Json.Nodes.JsonValue first, ..] && PropertyValue.Text(first) == column;

    private static string InString(string name, DiffContext context) => SqlLiteral.Quote($"{context.Placeholder}.{SqlIdentifier.Quote(name)}");
}
