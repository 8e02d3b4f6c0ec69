using System.Text.Json.Nodes;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Puts values of a manifest together. An absent value is left out; a value that is <c>null</c> in the manifest is <see cref="Null"/>.</summary>
internal static class ManifestMapping
{
    /// <summary>What <c>key: null</c> is made of.</summary>
    public const string Null = "\0null";

    /// <summary>No value: the key is left out.</summary>
    public static readonly JsonNode? Absent;

    /// <summary>A mapping.</summary>
    public static JsonObject Of(params ReadOnlySpan<(string Key, JsonNode? Value)> entries)
    {
        var mapping = new JsonObject();
        foreach (var (key, value) in entries)
        {
            if (value is not null)
            {
                mapping[key] = value;
            }
        }

        return mapping;
    }

    /// <summary>A list; absent when it is empty.</summary>
    public static JsonNode? List(IEnumerable<string>? texts) => texts is null || !texts.Any() ? null : new JsonArray([.. texts.Select(static text => (JsonNode)JsonValue.Create(text))]);

    /// <summary>A list of any values; absent when it is empty.</summary>
    public static JsonNode? List(IEnumerable<JsonNode> values)
    {
        JsonNode[] all = [.. values];
        return all.Length == 0 ? null : new JsonArray(all);
    }

    /// <summary><c>true</c>, or absent.</summary>
    public static JsonNode? Flag(bool value) => value ? JsonValue.Create(true) : null;

    /// <summary>A text, or <c>null</c> in the manifest.</summary>
    public static JsonNode TextOrNull(string? text) => JsonValue.Create(text ?? Null);
}
