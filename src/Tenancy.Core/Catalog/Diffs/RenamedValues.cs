using System.Text;
using System.Text.Json.Nodes;
using Tenancy.Core.Operations;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>What the server prints after a rename where it printed another name before: in keys, conditions, defaults, types.</summary>
/// <param name="token">What the schema's own names are qualified with, where they are.</param>
internal sealed class RenamedValues(string token)
{
    private static readonly string[] Types = ["enum", "domain", "composite_type", "range_type"];

    private static readonly string[] Expressions = ["check", "where", "generated", "exclude", "partition_by", "using", "with_check", "when", "expression"];

    /// <summary>Is it a kind of types?</summary>
    public static bool IsType(string kind) => Types.Contains(kind);

    /// <summary>A property of an object after a rename.</summary>
    /// <param name="rename">The rename.</param>
    /// <param name="item">The object, by the name that it had.</param>
    /// <param name="tables">Of a column's rename, the tables that have it.</param>
    /// <param name="key">The property.</param>
    /// <param name="value">Its value.</param>
    public string Rewrite(ObjectRename rename, CatalogObject item, HashSet<string> tables, string key, string value)
    {
        var isOwn = item.Identity.Table is { } table ? tables.Contains(table) : item.Identity.Kind == "table" && tables.Contains(item.Identity.Name);
        return rename.Kind switch
        {
            "column" when key == "references" => References(value, reference => tables.Contains(Name(reference)) ? Rename(reference, "columns", rename) : reference),
            "column" when key == "owned_by" => References(value, owner => tables.Contains(PropertyValue.Text(owner["table"])) && PropertyValue.Text(owner["column"]) == rename.From ? With(owner, "column", rename.To) : owner),
            "column" when isOwn && value.StartsWith('[') => List(value, rename),
            "column" when isOwn && Expressions.Contains(key) => Replace(value, rename.From, rename.To),
            "table" when key == "references" => References(value, reference => Name(reference) == rename.From ? With(reference, "table", Renamed(PropertyValue.Text(reference["table"]), rename)) : reference),
            "table" when key == "owned_by" => References(value, owner => PropertyValue.Text(owner["table"]) == rename.From ? With(owner, "table", rename.To) : owner),
            "table" when key is "inherits" => new JsonArray([.. JsonNode.Parse(value)!.AsArray().Select(parent => (JsonNode)Renamed(PropertyValue.Text(parent), rename))]).ToJsonString(PropertyValue.Plain),
            "table" when key is "partition_of" or "table" or "from" => Renamed(value, rename),
            "sequence" when key == "default" => InDefault(value, rename.From, rename.To),
            _ when Types.Contains(rename.Kind) && key is "type" or "default" or "check" or "where" or "generated" or "returns" or "arguments" or "of_type" => RenameType(value, rename.Kind, rename.From, rename.To),
            _ => value,
        };
    }

    /// <summary>A default that takes numbers of a sequence, after that sequence was renamed.</summary>
    public string InDefault(string value, string from, string to) => new[] { "", $"{SqlName(token)}." }
        .Aggregate(value, (text, schema) => text.Replace($"'{schema}{SqlName(from)}'::regclass", $"'{schema}{SqlName(to)}'::regclass", StringComparison.Ordinal));

    private static string Name(JsonObject reference) => ObjectName.Parse(PropertyValue.Text(reference["table"])).Name;

    private string Renamed(string text, ObjectRename rename) =>
        ObjectName.Parse(text) is var name && name.Name == rename.From && (name.Schema is null || name.Schema == token) ? $"{(name.Schema is null ? "" : $"{SqlName(token)}.")}{SqlName(rename.To)}" : text;

    /// <summary>A name as the server prints it.</summary>
    private static string SqlName(string name) => name.All(static character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '_') && !char.IsAsciiDigit(name[0]) ? name : SqlIdentifier.Quote(name);

    private static string References(string value, Func<JsonObject, JsonObject> change) => JsonNode.Parse(value) is JsonObject mapping && change(mapping) is var changed && changed != mapping ? changed.ToJsonString(PropertyValue.Plain) : value;

    private static JsonObject With(JsonObject mapping, string key, string value)
    {
        var copy = mapping.DeepClone().AsObject();
        copy[key] = value;
        return copy;
    }

    private static JsonObject Rename(JsonObject mapping, string key, ObjectRename rename)
    {
        var copy = mapping.DeepClone().AsObject();
        copy[key] = new JsonArray([.. mapping[key]!.AsArray().Select(name => (JsonNode)(PropertyValue.Text(name) == rename.From ? rename.To : PropertyValue.Text(name)))]);
        return copy;
    }

    private static string List(string value, ObjectRename rename)
    {
        JsonNode Item(JsonNode? node) => node switch
        {
            JsonValue text when PropertyValue.Text(text) == rename.From => rename.To,
            JsonObject mapping => new JsonObject(mapping.Select(pair => KeyValuePair.Create(pair.Key, pair.Key switch
            {
                "column" => Item(pair.Value),
                "expression" => (JsonNode?)Replace(PropertyValue.Text(pair.Value), rename.From, rename.To),
                _ => pair.Value?.DeepClone(),
            }))),
            JsonArray list => new JsonArray([.. list.Select(Item)]),
            _ => node!.DeepClone(),
        };
        return JsonNode.Parse(value) is JsonArray items && items.ToJsonString() is var before && Item(items) is var after && after.ToJsonString() != before ? after.ToJsonString(PropertyValue.Plain) : value;
    }

    /// <summary>A text of SQL with one type's name for another; the multirange of a range is renamed with it.</summary>
    public static string RenameType(string sql, string kind, string from, string to) =>
        Replace(kind == "range_type" ? Replace(sql, RangeTypeRules.UsualMultirange(from), RangeTypeRules.UsualMultirange(to)) : sql, from, to);

    private static string Replace(string sql, string from, string to)
    {
        if (!sql.Contains(from, StringComparison.Ordinal))
        {
            return sql;
        }

        var text = new StringBuilder();
        foreach (var token in SqlLexer.Tokenize(sql))
        {
            var piece = sql.Substring(token.Start, token.Length);
            text.Append(token.IsName && SqlIdentifier.Unquote(piece) == from ? SqlName(to) : piece);
        }

        return text.ToString();
    }
}
