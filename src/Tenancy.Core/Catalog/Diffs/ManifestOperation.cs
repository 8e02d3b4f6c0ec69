using System.Text.Json.Nodes;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>One step of a manifest as it is to be written: the operation's name with its value, a mapping or a text.</summary>
/// <param name="Name">Such as <c>add_column</c> or <c>sql</c>.</param>
/// <param name="Value">What stands under it.</param>
public sealed record ManifestOperation(string Name, JsonNode Value)
{
    /// <summary>A typed operation.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="entries">Its keys with their values; those whose value is absent (<see cref="ManifestMapping.Absent"/>) are left out.</param>
    internal static ManifestOperation Typed(string name, params ReadOnlySpan<(string Key, JsonNode? Value)> entries) => new(name, ManifestMapping.Of(entries));
}
