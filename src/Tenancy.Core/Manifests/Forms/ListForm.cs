using System.Globalization;
using Tenancy.Core.Manifests.Yaml;

namespace Tenancy.Core.Manifests.Forms;

/// <summary>A list.</summary>
/// <param name="item">What each item must be.</param>
/// <param name="expected">What is expected, for messages.</param>
/// <param name="minimum">The fewest items.</param>
/// <param name="allowsSingle">True when one item may stand without a list around it.</param>
internal sealed class ListForm(ValueForm item, string expected, int minimum = 1, bool allowsSingle = false) : ValueForm
{
    /// <summary>What each item must be.</summary>
    public ValueForm Item => item;

    /// <summary>The fewest items.</summary>
    public int Minimum => minimum;

    /// <summary>True when one item may stand without a list around it.</summary>
    public bool AllowsSingle => allowsSingle;

    /// <inheritdoc/>
    public override string Expected => expected;

    /// <inheritdoc/>
    public override bool Fits(YamlNode node) => node is YamlSequence || (allowsSingle && item.Fits(node));

    /// <inheritdoc/>
    public override void Write(YamlNode node, CanonicalWriter writer) =>
        writer.List(node is YamlSequence list ? list.Items : [node], entry => item.Write(entry, writer));

    /// <inheritdoc/>
    protected override void CheckContent(YamlNode node, string name, FormCheck check)
    {
        if (node is not YamlSequence list)
        {
            item.Check(node, name, check);
            return;
        }

        if (list.Items.Length < minimum)
        {
            check.Errors.Report(node.Position, list.Items.IsEmpty
                ? $"{name} is an empty list. Write {expected}."
                : string.Create(CultureInfo.InvariantCulture, $"{name} needs at least {minimum} entries."));
        }

        foreach (var entry in list.Items)
        {
            item.Check(entry, $"An entry of {name}", check);
        }
    }
}
