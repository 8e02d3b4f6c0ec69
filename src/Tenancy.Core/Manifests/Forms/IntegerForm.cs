using System.Globalization;
using Tenancy.Core.Manifests.Yaml;

namespace Tenancy.Core.Manifests.Forms;

/// <summary>A whole number of 64 bits, unquoted.</summary>
/// <param name="minimum">The least that is allowed.</param>
internal sealed class IntegerForm(long minimum = long.MinValue) : ValueForm
{
    /// <summary>The least that is allowed.</summary>
    public long Minimum => minimum;

    /// <inheritdoc/>
    public override string Expected => minimum == long.MinValue ? "a whole number" : string.Create(CultureInfo.InvariantCulture, $"a whole number from {minimum} on");

    /// <inheritdoc/>
    public override bool Fits(YamlNode node) => node is YamlScalar { IsNull: false };

    /// <inheritdoc/>
    public override void Write(YamlNode node, CanonicalWriter writer) => writer.Raw(((YamlScalar)node).Value);

    /// <inheritdoc/>
    protected override void CheckContent(YamlNode node, string name, FormCheck check)
    {
        var scalar = (YamlScalar)node;
        if (!LiteralForm.IsNumber(scalar) || !long.TryParse(scalar.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) || number < minimum)
        {
            check.Errors.Report(scalar.Position, $"{name} must be {Expected}, not '{scalar.Value}'.");
        }
    }
}
