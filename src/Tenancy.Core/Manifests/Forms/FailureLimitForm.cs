using Tenancy.Core.Manifests.Yaml;
using Tenancy.Core.Policies;

namespace Tenancy.Core.Manifests.Forms;

/// <summary>How many may fail: a whole number, or a percentage.</summary>
internal sealed class FailureLimitForm : ValueForm
{
    /// <summary>A regular expression for the JSON Schema, where it is a text.</summary>
    public const string Pattern = "^([0-9]+|[0-9]+(\\.[0-9]+)? ?%)$";

    /// <inheritdoc/>
    public override string Expected => "a number such as 5, or a part such as 5%";

    /// <inheritdoc/>
    public override bool Fits(YamlNode node) => node is YamlScalar { IsNull: false };

    /// <inheritdoc/>
    public override void Write(YamlNode node, CanonicalWriter writer) => writer.Text(((YamlScalar)node).Value);

    /// <inheritdoc/>
    protected override void CheckContent(YamlNode node, string name, FormCheck check)
    {
        var scalar = (YamlScalar)node;
        if (FailureLimit.TryParse(scalar.Value) is null)
        {
            check.Errors.Report(scalar.Position, $"{name} must be {Expected}, not '{scalar.Value}'.");
        }
    }
}
