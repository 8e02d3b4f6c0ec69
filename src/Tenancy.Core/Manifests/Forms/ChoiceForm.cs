using System.Collections.Immutable;
using Tenancy.Core.Manifests.Yaml;

namespace Tenancy.Core.Manifests.Forms;

/// <summary>One of a few words.</summary>
/// <param name="words">The words.</param>
internal sealed class ChoiceForm(params ImmutableArray<string> words) : ValueForm
{
    /// <summary>The words.</summary>
    public ImmutableArray<string> Words => words;

    /// <inheritdoc/>
    public override string Expected => words.Length == 1 ? $"'{words[0]}'" : $"one of {string.Join(", ", words.Select(static word => $"'{word}'"))}";

    /// <inheritdoc/>
    public override bool Fits(YamlNode node) => node is YamlScalar;

    /// <inheritdoc/>
    public override void Write(YamlNode node, CanonicalWriter writer) => writer.Text(((YamlScalar)node).Value);

    /// <inheritdoc/>
    protected override void CheckContent(YamlNode node, string name, FormCheck check)
    {
        var value = ((YamlScalar)node).Value;
        if (!words.Contains(value))
        {
            check.Errors.Report(node.Position, $"{name} must be {Expected}, not '{value}'.", Spelling.Nearest(value, words));
        }
    }
}
