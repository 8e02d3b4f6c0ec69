using System.Collections.Immutable;

namespace Tenancy.Core.Manifests.Yaml;

/// <summary>A value of a YAML file with its place. Aliases share nodes, so a tree is a graph without cycles.</summary>
/// <param name="position">Where it begins.</param>
internal abstract class YamlNode(SourcePosition position)
{
    /// <summary>Where it begins.</summary>
    public SourcePosition Position { get; } = position;

    /// <summary>Nodes in it with every alias written out, itself included.</summary>
    public long Size { get; protected init; } = 1;

    /// <summary>Characters in it with every alias written out.</summary>
    public long Length { get; protected init; }

    /// <summary>Levels below it; 0 for a scalar.</summary>
    public int Height { get; protected init; }
}

/// <summary>Text, a number, a boolean or nothing: which of them, decides the key that it stands under.</summary>
internal sealed class YamlScalar : YamlNode
{
    private readonly SourcePosition start;
    private readonly int indent;
    private readonly bool isVerbatim;

    /// <summary>A scalar.</summary>
    /// <param name="position">Where it begins, its quote or <c>|</c> included.</param>
    /// <param name="value">Its text after YAML's rules.</param>
    /// <param name="isPlain">True when it is neither quoted nor a block.</param>
    /// <param name="start">Where the first character of its text stands.</param>
    /// <param name="indent">Columns taken off every further line.</param>
    /// <param name="isVerbatim">False where YAML folded lines or resolved escapes.</param>
    public YamlScalar(SourcePosition position, string value, bool isPlain, SourcePosition start, int indent, bool isVerbatim)
        : base(position)
    {
        Value = value;
        IsPlain = isPlain;
        Length = value.Length;
        this.start = start;
        this.indent = indent;
        this.isVerbatim = isVerbatim;
    }

    /// <summary>Its text.</summary>
    public string Value { get; }

    /// <summary>True when it is neither quoted nor a block.</summary>
    public bool IsPlain { get; }

    /// <summary>True for an absent value, <c>~</c> and plain <c>null</c> (YAML 1.2, 10.3.2).</summary>
    public bool IsNull => IsPlain && Value is "" or "~" or "null" or "Null" or "NULL";

    /// <summary>Its text with the place of each character.</summary>
    public SourceText Text => new(Value, start, indent, isVerbatim);

    /// <summary>What it says as a boolean: plain <c>true</c> or <c>false</c> in any case; else null.</summary>
    public bool? AsBoolean() => !IsPlain ? null
        : Value.Equals("true", StringComparison.OrdinalIgnoreCase) ? true
        : Value.Equals("false", StringComparison.OrdinalIgnoreCase) ? false
        : null;
}

/// <summary>A list.</summary>
internal sealed class YamlSequence : YamlNode
{
    /// <summary>A list of these values.</summary>
    public YamlSequence(SourcePosition position, ImmutableArray<YamlNode> items)
        : base(position)
    {
        Items = items;
        foreach (var item in items)
        {
            Size += item.Size;
            Length += item.Length;
            Height = Math.Max(Height, item.Height + 1);
        }
    }

    /// <summary>Its values.</summary>
    public ImmutableArray<YamlNode> Items { get; }
}

/// <summary>A value of a mapping under its key.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value.</param>
internal readonly record struct YamlEntry(YamlScalar Key, YamlNode Value);

/// <summary>Values under keys; every key once.</summary>
internal sealed class YamlMapping : YamlNode
{
    /// <summary>A mapping of these entries.</summary>
    public YamlMapping(SourcePosition position, ImmutableArray<YamlEntry> entries)
        : base(position)
    {
        Entries = entries;
        foreach (var (key, value) in entries)
        {
            Size += value.Size + 1;
            Length += value.Length + key.Length;
            Height = Math.Max(Height, value.Height + 1);
        }
    }

    /// <summary>Its entries, as written.</summary>
    public ImmutableArray<YamlEntry> Entries { get; }

    /// <summary>The value under a key, or null.</summary>
    public YamlNode? this[string key]
    {
        get
        {
            foreach (var entry in Entries)
            {
                if (entry.Key.Value == key)
                {
                    return entry.Value;
                }
            }

            return null;
        }
    }
}
