using System.Text.Json.Nodes;
using Tenancy.Core.Operations;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Indexes as manifests and SQL write them.</summary>
internal static class IndexText
{
    /// <summary>Does a typed operation say all of it?</summary>
    public static bool IsTyped(CatalogObject index) => index["tablespace"] is null && index.Items("columns").All(static element => element is not JsonObject mapping || mapping["parameters"] is null);

    /// <summary>The keys of an index apart from its name.</summary>
    public static (string Key, JsonNode? Value)[] Of(CatalogObject index, DiffContext context) =>
    [
        ("table", DiffContext.Named(index.Identity.Table!)),
        ("columns", ManifestMapping.List(index.Items("columns").Select(element => Element(element, context)))),
        ("unique", ManifestMapping.Flag(index.Is("unique"))),
        ("nulls_not_distinct", ManifestMapping.Flag(index.Is("nulls_not_distinct"))),
        ("method", index["method"]),
        ("include", ManifestMapping.List(index.Texts("include"))),
        ("where", context.Expression(index["where"])),
        ("with", DiffContext.Parameters(index)),
    ];

    /// <summary>The statement that creates it.</summary>
    public static string Sql(CatalogObject index, string name, bool isConcurrent, DiffContext context)
    {
        var parameters = index.Parameters("with");
        return $"CREATE {(index.Is("unique") ? "UNIQUE " : "")}INDEX {(isConcurrent ? "CONCURRENTLY " : "")}{SqlIdentifier.Quote(name)} ON {context.InSql(index.Identity.Table!)} USING {index["method"] ?? "btree"}"
            + $" ({string.Join(", ", index.Items("columns").Select(element => ElementSql(element, context)))})"
            + (index["include"] is null ? "" : $" INCLUDE ({ConstraintText.Columns(index.Texts("include"))})")
            + (index.Is("nulls_not_distinct") ? " NULLS NOT DISTINCT" : "")
            + (parameters.IsEmpty ? "" : $" WITH ({List(parameters)})")
            + (index["tablespace"] is { } space ? $" TABLESPACE {SqlIdentifier.Quote(space)}" : "")
            + (index["where"] is { } where ? $" WHERE {context.Sql(where)}" : "");
    }

    /// <summary>A name beside another, for the time in which both are there.</summary>
    public static string Temporary(string name) => SqlText.ConstraintName(name, [], "new", new HashSet<string>());

    private static JsonNode Element(JsonNode element, DiffContext context)
    {
        var copy = element.DeepClone();
        if (copy is JsonObject mapping && mapping["expression"] is { } expression)
        {
            mapping["expression"] = context.Expression(PropertyValue.Text(expression));
        }

        return copy;
    }

    private static string ElementSql(JsonNode element, DiffContext context)
    {
        if (element is not JsonObject mapping)
        {
            return SqlIdentifier.Quote(PropertyValue.Text(element));
        }

        string Part(string key, string before) => mapping[key] is { } value ? $" {before}{PropertyValue.Text(value)}" : "";
        var parameters = mapping["parameters"] is JsonObject given ? $" ({List([.. given.Select(static pair => (pair.Key, PropertyValue.Text(pair.Value)))])})" : "";
        return (mapping["column"] is { } column ? SqlIdentifier.Quote(PropertyValue.Text(column)) : $"({context.Sql(PropertyValue.Text(mapping["expression"]))})")
            + Part("collation", "COLLATE ") + Part("opclass", "") + parameters + Part("order", "") + Part("nulls", "NULLS ");
    }

    private static string List(IEnumerable<(string Name, string Value)> parameters) => string.Join(", ", parameters.Select(static parameter => $"{parameter.Name} = {SqlLiteral.Quote(parameter.Value)}"));
}
