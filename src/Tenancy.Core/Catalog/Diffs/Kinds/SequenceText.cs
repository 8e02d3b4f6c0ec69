using System.Globalization;
using System.Text.Json.Nodes;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Options of sequences as manifests and SQL write them.</summary>
internal static class SequenceText
{
    private static readonly string[] Keys = ["type", "increment", "minvalue", "maxvalue", "start", "cache", "cycle"];

    /// <summary>The options that are not PostgreSQL's own.</summary>
    public static List<(string Key, JsonNode? Value)> Options(CatalogObject sequence) => [.. Keys.Where(key => sequence[key] is not null).Select(key => (key, Value(key, sequence[key]!)))];

    /// <summary>The options that change; one that goes is set to what PostgreSQL would have set.</summary>
    public static List<(string Key, JsonNode? Value)> Changes(CatalogObject? from, CatalogObject? to) => [.. Keys.Where(key => from?[key] != to?[key] || (key == "start" && Start(from) != Start(to)))
        .Select(key => (key, to?[key] is { } value ? Value(key, value) : Usual(key, to)))];

    /// <summary>The options in SQL, with a space before each.</summary>
    public static string Sql(CatalogObject sequence) => string.Concat(Keys.Where(key => sequence[key] is not null).Select(key => key switch
    {
        "type" => $" AS {sequence[key]}",
        "increment" => $" INCREMENT BY {sequence[key]}",
        "start" => $" START WITH {sequence[key]}",
        "cycle" => " CYCLE",
        _ => $" {key.ToUpperInvariant()} {sequence[key]}",
    }));

    private static JsonNode Value(string key, string value) => key switch
    {
        "type" => value,
        "cycle" => true,
        _ => long.Parse(value, CultureInfo.InvariantCulture),
    };

    private static JsonNode Usual(string key, CatalogObject? sequence) => key switch
    {
        "type" => "bigint",
        "increment" or "cache" => 1L,
        "cycle" => false,
        "start" => Start(sequence),
        _ => ManifestMapping.Null,
    };

    /// <summary>The first number; of null, of a sequence as PostgreSQL makes it.</summary>
    public static long Start(CatalogObject? sequence)
    {
        long Number(string key, long usual) => sequence?[key] is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : usual;
        var isFalling = Number("increment", 1) < 0;
        return Number("start", isFalling ? Number("maxvalue", -1) : Number("minvalue", 1));
    }
}
