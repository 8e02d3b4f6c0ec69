using Tenancy.Core.Manifests.Yaml;

namespace Tenancy.Core.Manifests.Forms;

/// <summary><c>true</c> or <c>false</c>, unquoted. YAML 1.1's <c>yes</c>, <c>no</c>, <c>on</c> and <c>off</c> are errors, not guesses.</summary>
internal sealed class BooleanForm : ValueForm
{
    /// <inheritdoc/>
    public override string Expected => "true or false";

    /// <inheritdoc/>
    public override bool Fits(YamlNode node) => node is YamlScalar;

    /// <inheritdoc/>
    public override void Write(YamlNode node, CanonicalWriter writer) => writer.Raw(((YamlScalar)node).AsBoolean() == true ? "true" : "false");

    /// <inheritdoc/>
    protected override void CheckContent(YamlNode node, string name, FormCheck check)
    {
        var scalar = (YamlScalar)node;
        if (scalar.AsBoolean() is not null)
        {
            return;
        }

        var (message, suggestion) = scalar.Value.ToUpperInvariant() switch
        {
            "TRUE" or "FALSE" => ("must be written without quotes", scalar.Value),
            "YES" or "ON" or "Y" => ($"must be true or false, not '{scalar.Value}'", "true"),
            "NO" or "OFF" or "N" => ($"must be true or false, not '{scalar.Value}'", "false"),
            _ => ($"must be true or false, not '{scalar.Value}'", Spelling.Nearest(scalar.Value, ["true", "false"])),
        };
        check.Errors.Report(scalar.Position, $"{name} {message}.", suggestion);
    }
}
