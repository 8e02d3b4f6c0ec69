using Tenancy.Core.Manifests.Yaml;

namespace Tenancy.Core.Manifests.Forms;

/// <summary>The path of an SQL file. In the canonical text its content stands under <c>sql</c> instead (see <see cref="OperationForm"/>).</summary>
internal sealed class SqlFileForm : ValueForm
{
    /// <summary>The only one.</summary>
    public static readonly SqlFileForm Instance = new();

    private SqlFileForm()
    {
    }

    /// <inheritdoc/>
    public override string Expected => "the path of an SQL file, from the manifest's folder";

    /// <inheritdoc/>
    public override bool Fits(YamlNode node) => node is YamlScalar;

    /// <inheritdoc/>
    public override void Write(YamlNode node, CanonicalWriter writer) => writer.Sql(writer.Include(((YamlScalar)node).Value));

    /// <inheritdoc/>
    protected override void CheckContent(YamlNode node, string name, FormCheck check)
    {
        var path = ((YamlScalar)node).Value;
        if (string.IsNullOrWhiteSpace(path) || Path.IsPathRooted(path) || path.Contains('\\', StringComparison.Ordinal))
        {
            check.Errors.Report(node.Position, $"{name} must be {Expected}, with '/' between folders, not '{path}'.");
        }
    }
}
