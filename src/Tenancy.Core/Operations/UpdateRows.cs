using System.Collections.Immutable;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Manifests.Yaml;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>update</c>.</summary>
public sealed record UpdateRows : ChangeRows
{
    /// <summary>How manifests write it.</summary>
    internal static readonly OperationDefinition Definition = new("update", "Changes the rows of a table that meet a condition.",
        new ObjectForm("a mapping with 'table', 'set' and 'where'",
            TableKey,
            new FormKey("set", new MapForm(CommonForms.Name, SqlValue.Form, "a mapping of columns to values"), "The new values.", IsRequired: true),
            WhereKey,
            RowBatches.FormKey),
        Build)
    {
        TakesUndo = true,
    };

    /// <inheritdoc/>
    public override string Name => Definition.Name;

    /// <summary>Columns with their new values.</summary>
    public required ImmutableArray<(string Column, SqlValue Value)> Values { get; init; }

    /// <inheritdoc/>
    internal override string Command => "UPDATE";

    private protected override string RowLock => "FOR NO KEY UPDATE";

    private protected override string ChangeSql(string table, string? other) =>
        $"UPDATE {table} SET {string.Join(", ", Values.Select(static pair => $"{SqlIdentifier.Quote(pair.Column)} = {pair.Value.Sql}"))}{(other is null ? "" : $" FROM {other}")}";

    private static UpdateRows? Build(YamlNode node, BuildContext context)
    {
        var fields = Fields.Of(node);
        var batches = fields.Object("batch") is { } batch ? RowBatches.Build(batch, context) : null;
        if (batches is not null && fields.Entries("set").Select(static entry => entry.Key).FirstOrDefault(column => batches.Key.Contains(column.Value)) is { } moved)
        {
            context.Errors.Report(moved.Position, $"'{moved.Value}' is in the key of 'batch', by whose order the rows are taken: with another value a row could be taken twice. Take another key, or leave out 'batch'.");
            return null;
        }

        return new UpdateRows
        {
            Position = context.Position,
            Scope = context.Scope,
            Table = fields.Name("table"),
            Where = fields.Text("where"),
            Batches = batches,
            Values = [.. fields.Entries("set").Select(static entry => (entry.Key.Value, SqlValue.Of(entry.Value)))],
        };
    }
}
