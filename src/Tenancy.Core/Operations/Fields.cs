using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Yaml;

namespace Tenancy.Core.Operations;

/// <summary>The values of a mapping whose form has been checked.</summary>
/// <param name="map">The mapping.</param>
internal sealed class Fields(YamlMapping map)
{
    /// <summary>Where the mapping begins.</summary>
    public SourcePosition Position => map.Position;

    /// <summary>The values of a node that is a mapping.</summary>
    public static Fields Of(YamlNode node) => new((YamlMapping)node);

    /// <summary>True when a key is there.</summary>
    public bool Has(string key) => map[key] is not null;

    /// <summary>The value under a key, or null.</summary>
    public YamlNode? Node(string key) => map[key];

    /// <summary>The text under a key that must be there.</summary>
    public string Text(string key) => ((YamlScalar)map[key]!).Value;

    /// <summary>The text under a key; null where it is absent or <c>null</c>.</summary>
    public string? OptionalText(string key) => map[key] is YamlScalar { IsNull: false } scalar ? scalar.Value : null;

    /// <summary>The text under a key, or nothing where it is <c>null</c>; null where the key is absent.</summary>
    public OptionalValue? Optional(string key) => Has(key) ? new OptionalValue(OptionalText(key)) : null;

    /// <summary>The text under a key with its places, or null.</summary>
    public SourceText? Source(string key) => (map[key] as YamlScalar)?.Text;

    /// <summary>The boolean under a key, or null.</summary>
    public bool? OptionalFlag(string key) => (map[key] as YamlScalar)?.AsBoolean();

    /// <summary>The boolean under a key; false where it is absent.</summary>
    public bool Flag(string key) => OptionalFlag(key) == true;

    /// <summary>The object's name under a key that must be there.</summary>
    public ObjectName Name(string key) => ObjectName.Parse(Text(key));

    /// <summary>The object's name under a key, or null.</summary>
    public ObjectName? OptionalName(string key) => Has(key) ? Name(key) : null;

    /// <summary>The duration under a key, or null.</summary>
    public TimeSpan? Duration(string key) => OptionalText(key) is { } text ? Durations.Parse(text) : null;

    /// <summary>The items under a key: of a list, or the one value; none where the key is absent.</summary>
    public ImmutableArray<YamlNode> Items(string key) => map[key] switch
    {
        null => [],
        YamlSequence list => list.Items,
        var single => [single],
    };

    /// <summary>The texts under a key: of a list, or the one value; none where the key is absent.</summary>
    public ImmutableArray<string> Texts(string key) => [.. Items(key).Select(static item => ((YamlScalar)item).Value)];

    /// <summary>The mapping under a key, or null.</summary>
    public Fields? Object(string key) => map[key] is YamlMapping value ? new Fields(value) : null;

    /// <summary>The mappings in the list under a key.</summary>
    public IEnumerable<Fields> Objects(string key) => Items(key).Select(Of);

    /// <summary>The entries under a key; none where it is absent.</summary>
    public ImmutableArray<YamlEntry> Entries(string key) => map[key] is YamlMapping value ? value.Entries : [];
}
