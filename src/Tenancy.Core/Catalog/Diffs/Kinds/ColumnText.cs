using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Columns as manifests and SQL write them.</summary>
internal static class ColumnText
{
    /// <summary>The keys of a column.</summary>
    /// <param name="column">The column.</param>
    /// <param name="value">Its default, or null.</param>
    /// <param name="sequence">What there is to say of its identity's sequence, or null.</param>
    /// <param name="context">All else.</param>
    /// <param name="isKey">Is it the primary key by itself?</param>
    public static JsonObject Of(CatalogObject column, CatalogObject? value, CatalogObject? sequence, DiffContext context, bool isKey = false) => ManifestMapping.Of(
        ("name", column.Identity.Name),
        ("type", context.Sql(column["type"]!)),
        ("nullable", column["nullable"] == "false" && !isKey && column["identity"] is null ? JsonValue.Create(false) : null),
        ("primary_key", ManifestMapping.Flag(isKey)),
        ("default", context.Expression(value?[ObjectSet.Default])),
        ("identity", Identity(column["identity"], sequence)),
        ("generated", Generated(column, context)),
        ("collation", column["collation"]),
        ("storage", column["storage"]),
        ("compression", column["compression"]),
        ("statistics", Number(column["statistics"])),
        ("comment", Attributes.Comment(column)));

    /// <summary>What neither <c>create_table</c> nor <c>add_column</c> says of a column.</summary>
    public static void Further(CatalogObject column, DiffContext context)
    {
        if (DiffContext.Parameters(column) is { } parameters)
        {
            context.Write("alter_column", ("table", DiffContext.Named(column.Identity.Table!)), ("name", column.Identity.Name), ("with", parameters));
        }
    }

    /// <summary>What a column of a partition has and its table's has not, its default aside.</summary>
    public static void Own(CatalogObject column, DiffContext context)
    {
        var parent = Inheritance.Parents(context.To.Relation(column.Identity.Table!)!, context.Options.OwnToken).Select(name => context.To.Column(name, column.Identity.Name)).FirstOrDefault(static found => found is not null);
        if (parent is null)
        {
            return;
        }

        bool Differs(string property) => column[property] != parent[property];
        // How many values to gather for statistics does not come with the parent's.
        (string Key, JsonNode? Value)[] changes =
        [
            ("nullable", Differs("nullable") ? column["nullable"] != "false" : null),
            ("storage", Differs("storage") ? column["storage"] ?? ColumnHazards.UsualStorage(Values.ValueType.Of(column["type"]!, context.To, context)) : null),
            ("compression", Differs("compression") ? column["compression"] ?? "default" : null),
            ("statistics", Number(column["statistics"])),
            ("with", DiffContext.Parameters(column)),
        ];
        if (Array.Exists(changes, static change => change.Value is not null))
        {
            context.Write("alter_column", [("table", DiffContext.Named(column.Identity.Table!)), ("name", column.Identity.Name), .. changes]);
        }
    }

    /// <summary>What is set on a column of a view or materialized view, its default, comment and privileges aside.</summary>
    public static void OfView(CatalogObject? from, CatalogObject to, DiffContext context)
    {
        bool Differs(string property) => from?[property] != to[property];
        (string Key, JsonNode? Value)[] changes =
        [
            ("storage", Differs("storage") ? to["storage"] : null),
            ("compression", Differs("compression") ? to["compression"] ?? "default" : null),
            ("statistics", Differs("statistics") ? Number(to["statistics"]) ?? ManifestMapping.TextOrNull(null) : null),
            ("with", from is null ? DiffContext.Parameters(to) : DiffContext.ParameterChanges(from, to)),
        ];
        if (Array.Exists(changes, static change => change.Value is not null))
        {
            context.Write("alter_column", [("table", DiffContext.Named(to.Identity.Table!)), ("name", to.Identity.Name), .. changes]);
        }
    }

    /// <summary>The column in SQL.</summary>
    public static string Sql(CatalogObject column, CatalogObject? value, CatalogObject? sequence, DiffContext context, bool isTyped = false, string options = "")
    {
        var sql = new StringBuilder(SqlIdentifier.Quote(column.Identity.Name)).Append(isTyped ? " WITH OPTIONS" : $" {context.Sql(column["type"]!)}");
        sql.Append(options).Append(column["collation"] is { } collation && !isTyped ? $" COLLATE {collation}" : "");
        sql.Append(value?[ObjectSet.Default] is { } expression ? $" DEFAULT {context.Sql(expression)}" : "");
        sql.Append(column["identity"] is { } identity ? $" GENERATED {identity.ToUpperInvariant()} AS IDENTITY{SequenceSql(sequence)}" : "");
        sql.Append(column["generated"] is { } generated ? $" GENERATED ALWAYS AS ({context.Sql(PropertyValue.Bare(generated))}) {(column["stored"] == "false" ? "VIRTUAL" : "STORED")}" : "");
        return sql.Append(column["nullable"] == "false" ? " NOT NULL" : "").ToString();
    }

    /// <summary>How a column numbers its rows; absent where it does not.</summary>
    public static JsonNode? Identity(string? generated, CatalogObject? sequence)
    {
        if (generated is null || sequence is null)
        {
            return generated;
        }

        var options = SequenceText.Options(sequence);
        return options.Count == 0 ? generated : ManifestMapping.Of([("generated", generated), .. options.ToArray()]);
    }

    /// <summary>The whole number of a property; absent for null.</summary>
    public static JsonNode? Number(string? text) => text is null ? null : JsonValue.Create(long.Parse(text, System.Globalization.CultureInfo.InvariantCulture));

    private static JsonNode? Generated(CatalogObject column, DiffContext context) => column["generated"] is not { } expression ? null
        : column["stored"] == "false" ? ManifestMapping.Of(("expression", context.Expression(expression)), ("stored", false))
        : context.Expression(expression);

    private static string SequenceSql(CatalogObject? sequence) => sequence is null ? "" : SequenceText.Sql(sequence) is { Length: > 0 } options ? $" ({options.Trim()})" : "";
}
