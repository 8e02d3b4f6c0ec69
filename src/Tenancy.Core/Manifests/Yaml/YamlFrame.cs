namespace Tenancy.Core.Manifests.Yaml;

/// <summary>A list or mapping that is still being read.</summary>
/// <param name="position">Where it begins.</param>
/// <param name="anchor">Its anchor, or null.</param>
/// <param name="isMapping">True for a mapping.</param>
/// <param name="errors">Takes duplicate keys and keys that are not text.</param>
internal sealed class YamlFrame(SourcePosition position, string? anchor, bool isMapping, ErrorList errors)
{
    /// <summary>From here on a set is faster than looking at each key.</summary>
    private const int ManyKeys = 12;

    private readonly List<YamlNode> items = [];
    private readonly List<YamlEntry> entries = [];
    private HashSet<string>? keys;
    private YamlNode? key;
    private long size = 1;
    private long length;

    /// <summary>Its anchor, or null.</summary>
    public string? Anchor => anchor;

    /// <summary>Nodes read into it so far, with aliases written out.</summary>
    public long Size => size;

    /// <summary>Characters read into it so far, with aliases written out.</summary>
    public long Length => length;

    /// <summary>Takes the next item, key or value.</summary>
    public void Add(YamlNode node)
    {
        size += node.Size;
        length += node.Length;
        if (!isMapping)
        {
            items.Add(node);
        }
        else if (key is null)
        {
            key = node;
        }
        else
        {
            AddEntry(key, node);
            key = null;
        }
    }

    /// <summary>The finished node.</summary>
    public YamlNode Close() => isMapping
        ? new YamlMapping(position.Line > 0 || entries.Count == 0 ? position : entries[0].Key.Position, [.. entries])
        : new YamlSequence(position, [.. items]);

    private void AddEntry(YamlNode written, YamlNode value)
    {
        if (written is not YamlScalar name)
        {
            errors.Report(written.Position, "A list or mapping stands where a key is expected. Write a plain key.");
        }
        else if (name.IsPlain && name.Value == "<<")
        {
            errors.Report(name.Position, "Merge keys ('<<') are not supported. Write the keys out, or use an alias for a whole value.");
        }
        else if (IsTaken(name.Value, out var first))
        {
            errors.Report(name.Position, $"The key '{name.Value}' is here twice (first in line {first.Line}). Remove one.");
        }
        else
        {
            entries.Add(new YamlEntry(name, value));
            keys?.Add(name.Value);
        }
    }

    private bool IsTaken(string name, out SourcePosition first)
    {
        if (keys is null && entries.Count == ManyKeys)
        {
            keys = entries.Select(static entry => entry.Key.Value).ToHashSet(StringComparer.Ordinal);
        }

        first = default;
        if (keys is not null && !keys.Contains(name))
        {
            return false;
        }

        foreach (var entry in entries)
        {
            if (entry.Key.Value == name)
            {
                first = entry.Key.Position;
                return true;
            }
        }

        return false;
    }
}
