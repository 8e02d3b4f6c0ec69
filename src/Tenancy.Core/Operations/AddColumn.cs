using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>add_column</c>.</summary>
public sealed record AddColumn : Operation
{
    /// <summary>How manifests write it.</summary>
    internal static readonly OperationDefinition Definition = new("add_column", "Adds a column to a table.",
        new ObjectForm("a mapping with 'table', 'name' and 'type'",
        [
            new FormKey("table", CommonForms.ObjectName, "The table.", IsRequired: true),
            new FormKey("name", CommonForms.Name, "The column's name.", IsRequired: true),
            .. ColumnDefinition.KeysWithoutName,
        ])
        {
            Groups = ColumnDefinition.Groups,
        },
        static (node, context) =>
        {
            var fields = Fields.Of(node);
            return Build(fields.Name("table"), fields.Text("name"), fields, context);
        });

    /// <inheritdoc/>
    public override string Name => Definition.Name;

    /// <summary>The table.</summary>
    public required ObjectName Table { get; init; }

    /// <summary>The column.</summary>
    public required ColumnDefinition Column { get; init; }

    /// <summary>Its constraints.</summary>
    public ImmutableArray<TableConstraint> Constraints { get; init; } = [];

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens)
    {
        var table = Table.ToSql(tokens, Scope);
        var constraints = string.Concat(Constraints.Select(constraint => $", ADD {constraint.ToSql(tokens, Scope)}"));
        return new[] { $"ALTER TABLE {table} ADD COLUMN {Column.ToSql()}{constraints}" }.Concat(Column.FurtherSql(table)).Select(Statement);
    }

    /// <inheritdoc/>
    public override Inverse Invert() => Inverse.By(new DropColumn { Position = Position, Scope = Scope, Table = Table, Column = Column.Name, Was = this });

    /// <summary>Builds a column of a table from checked values.</summary>
    internal static AddColumn Build(ObjectName table, string name, Fields fields, BuildContext context)
    {
        ColumnDefinition.Check(fields, context);
        return new AddColumn
        {
            Position = context.Position,
            Scope = context.Scope,
            Table = table,
            Column = ColumnDefinition.Build(name, fields),
            Constraints = [.. ColumnDefinition.BuildConstraints(name, fields, table, new HashSet<string>(StringComparer.Ordinal))],
        };
    }
}
