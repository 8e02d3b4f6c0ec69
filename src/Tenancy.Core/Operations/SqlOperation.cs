using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Manifests.Yaml;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>sql</c> and <c>sql_file</c>: statements as written.</summary>
public record SqlOperation : Operation
{
    /// <summary>How manifests write it.</summary>
    internal static readonly OperationDefinition Definition = new("sql", "Runs SQL statements.", CommonForms.Sql,
        static (node, context) => new SqlOperation { Position = context.Position, Scope = context.Scope, Text = ((YamlScalar)node).Text })
    {
        TakesUndo = true,
    };

    /// <inheritdoc/>
    public override string Name => Definition.Name;

    /// <summary>The statements.</summary>
    public required SourceText Text { get; init; }

    /// <inheritdoc/>
    public sealed override IEnumerable<SourceText> ToSql(SqlTokens tokens) => [Text];

    /// <inheritdoc/>
    public sealed override Inverse Invert() => InvertByUndo();
}
