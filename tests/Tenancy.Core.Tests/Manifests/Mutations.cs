using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Yaml;

namespace Tenancy.Core.Tests.Manifests;

/// <summary>Trees that differ from one in one place.</summary>
internal static class Mutations
{
    private static readonly SourcePosition Nowhere = new("file", 1, 1);

    private static readonly (string Name, YamlNode Node)[] Replacements =
    [
        ("text", Scalar("some text", false)),
        ("blank", Scalar(" ", false)),
        ("number", Scalar("42", true)),
        ("boolean", Scalar("true", true)),
        ("null", Scalar("null", true)),
        ("empty list", new YamlSequence(Nowhere, [])),
        ("list", new YamlSequence(Nowhere, [Scalar("some text", false)])),
        ("empty mapping", new YamlMapping(Nowhere, [])),
        ("mapping", new YamlMapping(Nowhere, [new YamlEntry(Scalar("unknown", true), Scalar("x", true))])),
    ];

    /// <summary>Each value replaced by one of every kind, each entry taken out, and a key added to each mapping; told by keys, so that the items of a list are alike.</summary>
    public static IEnumerable<(YamlNode Root, string What)> Of(YamlNode node) =>
        Replacements.Select(static replacement => (replacement.Node, $" as {replacement.Name}")).Concat(Within(node));

    private static IEnumerable<(YamlNode Root, string What)> Within(YamlNode node)
    {
        switch (node)
        {
            case YamlSequence list:
                for (var index = 0; index < list.Items.Length; index++)
                {
                    foreach (var (item, what) in Of(list.Items[index]))
                    {
                        yield return (new YamlSequence(list.Position, list.Items.SetItem(index, item)), "/-" + what);
                    }
                }

                break;
            case YamlMapping map:
                yield return (new YamlMapping(map.Position, map.Entries.Add(new YamlEntry(Scalar("unknown key", true), Scalar("x", true)))), " with an unknown key");
                for (var index = 0; index < map.Entries.Length; index++)
                {
                    var entry = map.Entries[index];
                    yield return (new YamlMapping(map.Position, map.Entries.RemoveAt(index)), $" without {entry.Key.Value}");
                    foreach (var (value, what) in Of(entry.Value))
                    {
                        yield return (new YamlMapping(map.Position, map.Entries.SetItem(index, entry with { Value = value })), $"/{entry.Key.Value}{what}");
                    }
                }

                break;
        }
    }

    private static YamlScalar Scalar(string value, bool isPlain) => new(Nowhere, value, isPlain, Nowhere, 0, true);
}
