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

    /// <summary>The statements that undo it; null when it does not say.</summary>
    public SourceText? Undo { get; init; }

    /// <inheritdoc/>
    public sealed override IEnumerable<SourceText> ToSql(SqlTokens tokens) => [Text];

    /// <inheritdoc/>
    public sealed override Inverse Invert() => Undo is null
        ? Inverse.None($"'down: auto' cannot undo '{Name}'. Add 'undo: SQL text' beside it, write 'down' yourself, or 'down: {{irreversible: why}}'.")
        : Inverse.By(new SqlOperation { Position = Undo.Start, Scope = Scope, Text = Undo, Undo = Text });
}
