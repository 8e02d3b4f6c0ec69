using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Manifests.Yaml;

namespace Tenancy.Core.Operations;

/// <summary><c>sql_file</c>: the statements of a file.</summary>
public sealed record SqlFileOperation : SqlOperation
{
    /// <summary>How manifests write it.</summary>
    internal static new readonly OperationDefinition Definition = new("sql_file", "Runs the SQL statements of a file.", SqlFileForm.Instance,
        static (node, context) =>
        {
            var path = (YamlScalar)node;
            return context.Files.Read(path, context.Errors) is { } text
                ? new SqlFileOperation { Position = context.Position, Scope = context.Scope, Path = path.Value, Text = text }
                : null;
        })
    {
        TakesUndo = true,
    };

    /// <inheritdoc/>
    public override string Name => Definition.Name;

    /// <summary>The file, as the manifest names it.</summary>
    public required string Path { get; init; }
}
