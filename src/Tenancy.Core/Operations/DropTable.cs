using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>drop_table</c>.</summary>
public sealed record DropTable : Operation
{
    /// <summary>How manifests write it.</summary>
    internal static readonly OperationDefinition Definition = new("drop_table", "Drops a table. Its rows are gone, also after an undo.",
        new ObjectForm("a mapping with 'name'",
            new FormKey("name", CommonForms.ObjectName, "The table.", IsRequired: true),
            new FormKey("was", new ObjectForm("a mapping with 'columns'", CreateTable.KeysWithoutName), "The table as it was, so that 'down: auto' can create it again, empty.")),
        static (node, context) =>
        {
            var fields = Fields.Of(node);
            var table = fields.Name("name");
            context.CreatedTables.Remove(table.Qualify(context.Tokens, context.Scope));
            return new DropTable
            {
                Position = context.Position,
                Scope = context.Scope,
                Table = table,
                Was = fields.Object("was") is { } was ? CreateTable.Build(table, was, context) : null,
            };
        });

    /// <inheritdoc/>
    public override string Name => Definition.Name;

    /// <summary>The table.</summary>
    public required ObjectName Table { get; init; }

    /// <summary>The table as it was, or null.</summary>
    public CreateTable? Was { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens) => [Statement($"DROP TABLE {Table.ToSql(tokens, Scope)}")];

    /// <inheritdoc/>
    public override Inverse Invert() => Was is null
        ? Inverse.None($"'down: auto' does not know the table '{Table}' that is dropped here. Add 'was: {{columns: [...]}}' to create it again, write 'down' yourself, or 'down: {{irreversible: why}}'.")
        : Inverse.By(Was);
}
