using Tenancy.Core.Manifests.Forms;

namespace Tenancy.Core.Operations;

/// <summary><c>delete</c>; also what undoes <c>insert</c>.</summary>
public sealed record DeleteRows : ChangeRows
{
    /// <summary>How manifests write it.</summary>
    internal static readonly OperationDefinition Definition = new("delete", "Deletes the rows of a table that meet a condition.",
        new ObjectForm("a mapping with 'table' and 'where'", TableKey, WhereKey, RowBatches.FormKey),
        static (node, context) =>
        {
            var fields = Fields.Of(node);
            return new DeleteRows
            {
                Position = context.Position,
                Scope = context.Scope,
                Table = fields.Name("table"),
                Where = fields.Text("where"),
                Batches = fields.Object("batch") is { } batch ? RowBatches.Build(batch, context) : null,
            };
        })
    {
        TakesUndo = true,
    };

    /// <inheritdoc/>
    public override string Name => Definition.Name;

    /// <inheritdoc/>
    internal override string Command => "DELETE";

    private protected override string RowLock => "FOR UPDATE";

    private protected override string ChangeSql(string table, string? other) => $"DELETE FROM {table}{(other is null ? "" : $" USING {other}")}";
}
