using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Reads what a property of an object says.</summary>
internal static class PropertyValue
{
    /// <summary>How values are written here: no more is escaped than must be.</summary>
    public static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Is it there and true?</summary>
    public static bool Is(this CatalogObject item, string property) => item[property] == "true";

    /// <summary>A list of texts; empty where it is absent.</summary>
    public static ImmutableArray<string> Texts(this CatalogObject item, string property) =>
        item[property] is { } text ? [.. JsonSerializer.Deserialize<string[]>(text)!] : [];

    /// <summary>A list of anything; empty where it is absent.</summary>
    public static ImmutableArray<JsonNode> Items(this CatalogObject item, string property) =>
        item[property] is { } text ? [.. JsonNode.Parse(text)!.AsArray().Select(static node => node!)] : [];

    /// <summary>A mapping, or null.</summary>
    public static JsonObject? Mapping(this CatalogObject item, string property) => item[property] is { } text ? JsonNode.Parse(text)!.AsObject() : null;

    /// <summary>A mapping of names to texts; empty where it is absent.</summary>
    public static ImmutableArray<(string Name, string Value)> Parameters(this CatalogObject item, string property) =>
        item.Mapping(property) is { } mapping ? [.. mapping.Select(static pair => (pair.Key, Text(pair.Value)))] : [];

    /// <summary>The name that the object has in its schema.</summary>
    public static string Name(this CatalogObject item) => item.ActualName ?? item.Identity.Name;

    /// <summary>A scalar as text.</summary>
    public static string Text(JsonNode? node) => node switch
    {
        JsonValue value when value.TryGetValue(out string? text) => text,
        null => "",
        _ => node.ToJsonString(),
    };

    /// <summary>The properties whose values differ, in order.</summary>
    public static ImmutableArray<string> Changed(CatalogObject from, CatalogObject to) =>
        [.. from.Properties.Keys.Union(to.Properties.Keys).Where(property => from[property] != to[property]).Order(StringComparer.Ordinal)];

    /// <summary>A snapshot whose lists and mappings are written in one way, so that those that are made here can be compared with the server's as text.</summary>
    public static SchemaSnapshot Canonical(SchemaSnapshot snapshot) => new(
        snapshot.Objects.Values.Select(static item => item.With(item.Properties.SetItems(item.Properties.Where(static pair => pair.Value is ['[' or '{', ..]).Select(static pair => KeyValuePair.Create(pair.Key, Canonical(pair.Value)))))),
        snapshot.Dependencies);

    private static string Canonical(string value)
    {
        try
        {
            return JsonNode.Parse(value)!.ToJsonString(Plain);
        }
        catch (JsonException)
        {
            // Some expression that begins alike.
            return value;
        }
    }

    /// <summary>The same object with other properties.</summary>
    public static CatalogObject With(this CatalogObject item, ImmutableSortedDictionary<string, string> properties) => item.As(item.Identity, properties, item.ActualName);

    /// <summary>The same object under another identity.</summary>
    public static CatalogObject As(this CatalogObject item, ObjectIdentity identity, ImmutableSortedDictionary<string, string> properties, string? actualName) =>
        new() { Identity = identity, Properties = properties, Position = item.Position, ActualName = actualName == identity.Name ? null : actualName };

    /// <summary>An expression without the parentheses that the server prints around all of it.</summary>
    public static string Bare(string expression)
    {
        if (expression is not ['(', .., ')'])
        {
            return expression;
        }

        var depth = 0;
        foreach (var token in Sql.SqlLexer.Tokenize(expression))
        {
            depth += token.Kind switch { Sql.SqlTokenKind.OpenParenthesis => 1, Sql.SqlTokenKind.CloseParenthesis => -1, _ => 0 };
            if (depth == 0)
            {
                return token.End == expression.Length ? expression[1..^1] : expression;
            }
        }

        return expression;
    }
}
