using System.Text.Json.Nodes;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Turns what the server prints of partitions into what a manifest writes.</summary>
internal static class Partitions
{
    /// <summary>The bounds: <c>FOR VALUES FROM ('2026-01-01') TO (MAXVALUE)</c> and its like.</summary>
    public static JsonNode Bounds(string text)
    {
        if (text == "DEFAULT")
        {
            return "default";
        }

        var lists = SqlLists.InParentheses(text);
        return text.StartsWith("FOR VALUES FROM", StringComparison.Ordinal) ? ManifestMapping.Of(("from", Values(lists[0])), ("to", Values(lists[1])))
            : text.StartsWith("FOR VALUES IN", StringComparison.Ordinal) ? ManifestMapping.Of(("in", Values(lists[0])))
            : ManifestMapping.Of(("modulus", Number(lists[0], 0)), ("remainder", Number(lists[0], 1)));
    }

    /// <summary>By what a table is divided: <c>RANGE (day)</c>; absent for null.</summary>
    public static JsonNode? Key(string? text) => text is null ? null : ManifestMapping.Of(
        ("method", text[..text.IndexOf(' ', StringComparison.Ordinal)].ToLowerInvariant()),
        ("columns", ManifestMapping.List(Elements(text).Select(static element => Name(element) is { } name ? (JsonNode)JsonValue.Create(name) : ManifestMapping.Of(("expression", PropertyValue.Bare(element)))))));

    /// <summary>True where each part is a column or an expression, without collation or operator class.</summary>
    public static bool IsPlain(string text) => Elements(text).All(static element => Name(element) is not null || element.EndsWith(')'));

    private static List<string> Elements(string text) => SqlLists.Split(SqlLists.InParentheses(text)[0]);

    private static string? Name(string element) => SqlLexer.Tokenize(element).ToList() is [{ IsName: true }] ? SqlIdentifier.Unquote(element) : null;

    private static JsonNode? Values(string list) => ManifestMapping.List(SqlLists.Split(list).Select(static value =>
        SqlLexer.Tokenize(value).ToList() is [{ Kind: SqlTokenKind.String } token] ? (JsonNode)JsonValue.Create(SqlStringContent.Of(value, token).Text)
        : value == "NULL" ? JsonValue.Create(ManifestMapping.Null)
        : long.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out var number) ? JsonValue.Create(number)
        : ManifestMapping.Of(("sql", value))));

    private static long Number(string list, int index) => long.Parse(SqlLists.Split(list)[index].Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture);
}
