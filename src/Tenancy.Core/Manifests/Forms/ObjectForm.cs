using System.Collections.Immutable;
using Tenancy.Core.Manifests.Yaml;

namespace Tenancy.Core.Manifests.Forms;

/// <summary>A key that a mapping may have.</summary>
/// <param name="Name">The key.</param>
/// <param name="Value">What its value must be.</param>
/// <param name="Description">One line for people; editors show it.</param>
/// <param name="IsRequired">True when the mapping is wrong without it.</param>
internal sealed record FormKey(string Name, ValueForm Value, string Description, bool IsRequired = false)
{
    /// <summary>Keys of which one must be there too for this one to make sense; empty when it stands alone.</summary>
    public ImmutableArray<string> Needs { get; init; } = [];

    /// <summary>True for what changes only how something is done, not what: another value gives the same checksum, and the canonical text leaves it out.</summary>
    public bool IsOutsideChecksum { get; init; }

    /// <summary>A key that must not be there where this one, a flag, is true, and why; null when there is none.</summary>
    public (string Key, string Reason)? TrueForbids { get; init; }
}

/// <summary>Keys of which no two may stand together.</summary>
/// <param name="IsRequired">True when one of them must be there.</param>
/// <param name="Keys">The keys.</param>
internal sealed record KeyGroup(bool IsRequired, params ImmutableArray<string> Keys);

/// <summary>A mapping with known keys.</summary>
internal sealed class ObjectForm : ValueForm
{
    private readonly Dictionary<string, FormKey> byName;

    /// <summary>A mapping with these keys.</summary>
    /// <param name="expected">What is expected, for messages.</param>
    /// <param name="keys">The keys.</param>
    public ObjectForm(string expected, params ImmutableArray<FormKey> keys)
    {
        Expected = expected;
        Keys = keys;
        byName = keys.ToDictionary(static key => key.Name, StringComparer.Ordinal);
    }

    /// <summary>The keys, in the order to show.</summary>
    public ImmutableArray<FormKey> Keys { get; }

    /// <summary>Keys that exclude each other.</summary>
    public ImmutableArray<KeyGroup> Groups { get; init; } = [];

    /// <inheritdoc/>
    public override string Expected { get; }

    /// <summary>Reports a key that is not known, with what was perhaps meant.</summary>
    public static void ReportUnknown(YamlScalar key, IEnumerable<string> known, ErrorList errors)
    {
        var words = known.ToList();
        errors.Report(key.Position, $"The key '{key.Value}' is not known here. Known are: {string.Join(", ", words)}.", Spelling.Nearest(key.Value, words));
    }

    /// <inheritdoc/>
    public override bool Fits(YamlNode node) => node is YamlMapping;

    /// <inheritdoc/>
    public override void Write(YamlNode node, CanonicalWriter writer) =>
        writer.Map(((YamlMapping)node).Entries.Where(entry => !byName[entry.Key.Value].IsOutsideChecksum).Select(static entry => (entry.Key.Value, entry.Value)), (key, value) => byName[key].Value.Write(value, writer));

    /// <inheritdoc/>
    protected override void CheckContent(YamlNode node, string name, FormCheck check)
    {
        var map = (YamlMapping)node;
        var meant = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, value) in map.Entries)
        {
            if (byName.TryGetValue(key.Value, out var known))
            {
                known.Value.Check(value, $"'{known.Name}'", check);
            }
            else
            {
                ReportUnknown(key, byName.Keys, check.Errors);
                if (Spelling.Nearest(key.Value, byName.Keys) is { } nearest)
                {
                    meant.Add(nearest);
                }
            }
        }

        foreach (var key in Keys)
        {
            if (key.IsRequired && map[key.Name] is null)
            {
                // A misspelt key is one mistake, not two.
                if (!meant.Contains(key.Name))
                {
                    check.Errors.Report(node.Position, $"{name} has no '{key.Name}'. Add it: {key.Value.Expected}.");
                }
            }
            else if (!key.Needs.IsEmpty && map[key.Name] is { } value && !key.Needs.Any(needed => map[needed] is not null))
            {
                check.Errors.Report(value.Position, $"'{key.Name}' stands without {Quoted(key.Needs, "or")}, which it belongs to. Add that or remove '{key.Name}'.");
            }
        }

        foreach (var key in Keys)
        {
            if (key.TrueForbids is { } forbidden && map[forbidden.Key] is { } there && map[key.Name] is YamlScalar flag && flag.AsBoolean() == true)
            {
                check.Errors.Report(there.Position, $"'{forbidden.Key}' cannot stand beside '{key.Name}: true': {forbidden.Reason}");
            }
        }

        foreach (var group in Groups)
        {
            CheckGroup(map, name, group, check.Errors);
        }
    }

    private static void CheckGroup(YamlMapping map, string name, KeyGroup group, ErrorList errors)
    {
        var present = map.Entries.Where(entry => group.Keys.Contains(entry.Key.Value)).ToList();
        if (present.Count > 1)
        {
            errors.Report(present[1].Key.Position, $"{name} has both '{present[0].Key.Value}' and '{present[1].Key.Value}'. Write only one of {Quoted(group.Keys, "and")}.");
        }
        else if (present.Count == 0 && group.IsRequired)
        {
            errors.Report(map.Position, $"{name} has none of {Quoted(group.Keys, "and")}. Write one of them.");
        }
    }

    private static string Quoted(ImmutableArray<string> keys, string conjunction)
    {
        var quoted = keys.Select(static key => $"'{key}'").ToList();
        return quoted.Count == 1 ? quoted[0] : $"{string.Join(", ", quoted.SkipLast(1))} {conjunction} {quoted[^1]}";
    }
}
