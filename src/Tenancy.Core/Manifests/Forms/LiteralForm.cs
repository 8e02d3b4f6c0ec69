using System.Text.RegularExpressions;
using Tenancy.Core.Manifests.Yaml;

namespace Tenancy.Core.Manifests.Forms;

/// <summary>A value typed by YAML: plain numbers (as JSON writes them), booleans and null are what they look like, all else is text.</summary>
internal sealed partial class LiteralForm : ValueForm
{
    /// <inheritdoc/>
    public override string Expected => "a text, a number, true, false or null";

    /// <inheritdoc/>
    public override bool AllowsNull => true;

    /// <summary>True for a plain number as JSON writes it. Whatever else looks like one (<c>007</c>, <c>0x1F</c>, <c>.5</c>) stays text, as written.</summary>
    public static bool IsNumber(YamlScalar scalar) => scalar.IsPlain && Number().IsMatch(scalar.Value);

    /// <inheritdoc/>
    public override bool Fits(YamlNode node) => node is YamlScalar;

    /// <inheritdoc/>
    public override void Write(YamlNode node, CanonicalWriter writer)
    {
        var scalar = (YamlScalar)node;
        if (scalar.IsNull)
        {
            writer.Raw("null");
        }
        else if (scalar.AsBoolean() is { } boolean)
        {
            writer.Raw(boolean ? "true" : "false");
        }
        else if (IsNumber(scalar))
        {
            writer.Raw(scalar.Value);
        }
        else
        {
            writer.Text(scalar.Value);
        }
    }

    /// <inheritdoc/>
    protected override void CheckContent(YamlNode node, string name, FormCheck check)
    {
    }

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
