using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>create_table</c>.</summary>
public sealed record CreateTable : Operation
{
    /// <summary>The keys of a table apart from its name.</summary>
    internal static readonly ImmutableArray<FormKey> KeysWithoutName =
    [
        new("columns", new ListForm(ColumnDefinition.Form, "a list of columns"), "Its columns, in order.", IsRequired: true),
        new("constraints", new ListForm(ConstraintForm.Form, "a list of constraints"), "Constraints over several columns."),
        PartitionKey.Key,
        new("unlogged", CommonForms.Flag, "True writes no log for it: faster, and empty after a crash."),
        StorageParameters.Key,
        new("comment", CommonForms.Text, "A comment on it."),
    ];

    /// <summary>How manifests write it.</summary>
    internal static readonly OperationDefinition Definition = new("create_table", "Creates a table.",
        new ObjectForm("a mapping with 'name' and 'columns'",
            [new FormKey("name", CommonForms.ObjectName, "The table's name.", IsRequired: true), .. KeysWithoutName]),
        static (node, context) =>
        {
            var fields = Fields.Of(node);
            var table = Build(fields.Name("name"), fields, context);
            context.CreatedTables.Add(table.Table.Qualify(context.Tokens, context.Scope));
            return table;
        });

    /// <inheritdoc/>
    public override string Name => Definition.Name;

    /// <summary>The table.</summary>
    public required ObjectName Table { get; init; }

    /// <summary>Its columns, in order.</summary>
    public required ImmutableArray<ColumnDefinition> Columns { get; init; }

    /// <summary>Its constraints, those of single columns first.</summary>
    public ImmutableArray<TableConstraint> Constraints { get; init; } = [];

    /// <summary>By what it is divided, in SQL; empty for a plain table.</summary>
    public string PartitionBy { get; init; } = "";

    /// <summary>Is no log written for it?</summary>
    public bool IsUnlogged { get; init; }

    /// <summary>Storage parameters with their values in SQL.</summary>
    public ImmutableArray<(string Name, string Value)> Storage { get; init; } = [];

    /// <summary>A comment on it, or null.</summary>
    public string? Comment { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens)
    {
        var table = Table.ToSql(tokens, Scope);
        var lines = Columns.Select(static column => column.ToSql()).Concat(Constraints.Select(constraint => constraint.ToSql(tokens, Scope)));
        yield return Statement($"CREATE {(IsUnlogged ? "UNLOGGED " : "")}TABLE {table} (\n    {string.Join(",\n    ", lines)}\n){PartitionBy}{StorageParameters.ToSql(Storage)}");
        if (Comment is not null)
        {
            yield return Statement(SqlText.Comment($"TABLE {table}", Comment));
        }

        foreach (var further in Columns.SelectMany(column => column.FurtherSql(table)))
        {
            yield return Statement(further);
        }
    }

    /// <inheritdoc/>
    public override Inverse Invert() => Inverse.By(new DropTable { Position = Position, Scope = Scope, Table = Table, Was = this });

    /// <summary>Builds a table from checked values.</summary>
    internal static CreateTable Build(ObjectName table, Fields fields, BuildContext context)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        HashSet<string> taken = new(StringComparer.Ordinal);
        var columns = ImmutableArray.CreateBuilder<ColumnDefinition>();
        var constraints = ImmutableArray.CreateBuilder<TableConstraint>();

        // Names that are written come first, so that a name made up never takes one of them.
        taken.UnionWith(fields.Objects("constraints").Select(static constraint => constraint.OptionalText("name")).OfType<string>());
        foreach (var column in fields.Objects("columns"))
        {
            var name = column.Text("name");
            if (!names.Add(name))
            {
                context.Errors.Report(column.Position, $"The column '{name}' is here twice. Remove one.");
            }

            ColumnDefinition.Check(column, context);
            columns.Add(ColumnDefinition.Build(name, column));
            constraints.AddRange(ColumnDefinition.BuildConstraints(name, column, table, taken));
        }

        foreach (var constraint in fields.Objects("constraints"))
        {
            constraints.Add(ConstraintForm.Build(constraint, table, taken));
        }

        var keys = constraints.OfType<PrimaryKeyConstraint>().ToList();
        if (keys.Count > 1)
        {
            context.Errors.Report(fields.Position, "The table has more than one primary key. For a key of several columns write one constraint: {primary_key: [a, b]}.");
        }

        return new CreateTable
        {
            Position = context.Position,
            Scope = context.Scope,
            Table = table,
            Columns = columns.DrainToImmutable(),
            Constraints = constraints.DrainToImmutable(),
            PartitionBy = PartitionKey.Build(fields),
            IsUnlogged = fields.Flag("unlogged"),
            Storage = StorageParameters.Build(fields),
            Comment = fields.OptionalText("comment"),
        };
    }
}
