using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>drop_column</c>.</summary>
public sealed record DropColumn : Operation
{
    /// <summary>How manifests write it.</summary>
    internal static readonly OperationDefinition Definition = new("drop_column", "Drops a column of a table. Its values are gone, also after an undo.",
        new ObjectForm("a mapping with 'table' and 'name'",
            new FormKey("table", CommonForms.ObjectName, "The table.", IsRequired: true),
            new FormKey("name", CommonForms.Name, "The column.", IsRequired: true),
            new FormKey("was", new ObjectForm("a mapping with 'type'", ColumnDefinition.KeysWithoutName) { Groups = ColumnDefinition.Groups }, "The column as it was, so that 'down: auto' can add it again, empty.")),
        static (node, context) =>
        {
            var fields = Fields.Of(node);
            var (table, column) = (fields.Name("table"), fields.Text("name"));
            return new DropColumn
            {
                Position = context.Position,
                Scope = context.Scope,
                Table = table,
                Column = column,
                Was = fields.Object("was") is { } was ? AddColumn.Build(table, column, was, context) : null,
            };
        });

    /// <inheritdoc/>
    public override string Name => Definition.Name;

    /// <summary>The table.</summary>
    public required ObjectName Table { get; init; }

    /// <summary>The column.</summary>
    public required string Column { get; init; }

    /// <summary>The column as it was, or null.</summary>
    public AddColumn? Was { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens) =>
        [Statement($"ALTER TABLE {Table.ToSql(tokens, Scope)} DROP COLUMN {SqlIdentifier.Quote(Column)}")];

    /// <inheritdoc/>
    public override Inverse Invert() => Was is null
        ? Inverse.None($"'down: auto' does not know the column '{Column}' that is dropped here. Add 'was: {{type: ...}}' to add it again, write 'down' yourself, or 'down: {{irreversible: why}}'.")
        : Inverse.By(Was);
}
