using Tenancy.Core.Manifests.Yaml;

namespace Tenancy.Core.Manifests.Forms;

/// <summary>A mapping whose keys the user chooses, such as columns to values.</summary>
/// <param name="key">What each key must be.</param>
/// <param name="value">What each value must be.</param>
/// <param name="expected">What is expected, for messages.</param>
internal sealed class MapForm(TextForm key, ValueForm value, string expected) : ValueForm
{
    /// <summary>What each key must be.</summary>
    public TextForm Key => key;

    /// <summary>What each value must be.</summary>
    public ValueForm Value => value;

    /// <inheritdoc/>
    public override string Expected => expected;

    /// <inheritdoc/>
    public override bool Fits(YamlNode node) => node is YamlMapping;

    /// <inheritdoc/>
    public override void Write(YamlNode node, CanonicalWriter writer) =>
        writer.Map(((YamlMapping)node).Entries.Select(static entry => (entry.Key.Value, entry.Value)), (_, entry) => value.Write(entry, writer));

    /// <inheritdoc/>
    protected override void CheckContent(YamlNode node, string name, FormCheck check)
    {
        var map = (YamlMapping)node;
        if (map.Entries.IsEmpty)
        {
            check.Errors.Report(node.Position, $"{name} is empty. Write {expected}.");
        }

        foreach (var entry in map.Entries)
        {
            // A key may well be called 'null': it is text all the same.
            if (!entry.Key.IsNull || entry.Key.Value.Length == 0)
            {
                key.Check(entry.Key, $"A key of {name}", check);
            }

            value.Check(entry.Value, $"'{entry.Key.Value}'", check);
        }
    }
}
