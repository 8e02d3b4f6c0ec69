using Tenancy.Core.Manifests.Yaml;

namespace Tenancy.Core.Manifests.Forms;

/// <summary><c>null</c>, where it means "none" rather than "forgotten".</summary>
internal sealed class NullForm : ValueForm
{
    /// <inheritdoc/>
    public override string Expected => "null";

    /// <inheritdoc/>
    public override bool AllowsNull => true;

    /// <inheritdoc/>
    public override bool Fits(YamlNode node) => node is YamlScalar { IsNull: true };

    /// <inheritdoc/>
    public override void Write(YamlNode node, CanonicalWriter writer) => writer.Raw("null");

    /// <inheritdoc/>
    protected override void CheckContent(YamlNode node, string name, FormCheck check)
    {
    }
}
