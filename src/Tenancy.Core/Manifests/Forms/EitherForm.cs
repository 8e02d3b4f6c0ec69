using System.Collections.Immutable;
using Tenancy.Core.Manifests.Yaml;

namespace Tenancy.Core.Manifests.Forms;

/// <summary>One of several forms, told apart by their kind (scalar, list or mapping).</summary>
/// <param name="forms">The forms; the first that fits counts.</param>
internal sealed class EitherForm(params ImmutableArray<ValueForm> forms) : ValueForm
{
    /// <summary>The forms.</summary>
    public ImmutableArray<ValueForm> Forms => forms;

    /// <inheritdoc/>
    public override string Expected => string.Join(" or ", forms.Select(static form => form.Expected));

    /// <inheritdoc/>
    public override bool AllowsNull => forms.Any(static form => form.AllowsNull);

    /// <inheritdoc/>
    public override bool Fits(YamlNode node) => forms.Any(form => form.Fits(node));

    /// <inheritdoc/>
    public override void Write(YamlNode node, CanonicalWriter writer) => Choose(node).Write(node, writer);

    /// <inheritdoc/>
    protected override void CheckContent(YamlNode node, string name, FormCheck check) => Choose(node).Check(node, name, check);

    private ValueForm Choose(YamlNode node) =>
        node is YamlScalar { IsNull: true } && forms.FirstOrDefault(static form => form.AllowsNull) is { } forNull
            ? forNull
            : forms.First(form => form.Fits(node));
}
