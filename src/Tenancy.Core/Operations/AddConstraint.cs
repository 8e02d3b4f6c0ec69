using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>add_constraint</c>.</summary>
public sealed record AddConstraint : Operation
{
    /// <summary>How manifests write it.</summary>
    internal static readonly OperationDefinition Definition = new("add_constraint", "Adds a constraint to a table.",
        new ObjectForm("a mapping with 'table' and one kind of constraint",
            [new FormKey("table", CommonForms.ObjectName, "The table.", IsRequired: true), .. ConstraintForm.Keys])
        {
            Groups = ConstraintForm.Groups,
        },
        static (node, context) =>
        {
            var fields = Fields.Of(node);
            return Build(fields.Name("table"), fields, context);
        });

    /// <inheritdoc/>
    public override string Name => Definition.Name;

    /// <summary>The table.</summary>
    public required ObjectName Table { get; init; }

    /// <summary>The constraint.</summary>
    public required TableConstraint Constraint { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens) =>
        [Statement($"ALTER TABLE {Table.ToSql(tokens, Scope)} ADD {Constraint.ToSql(tokens, Scope)}")];

    /// <inheritdoc/>
    public override Inverse Invert() => Inverse.By(new DropConstraint { Position = Position, Scope = Scope, Table = Table, Constraint = Constraint.Name, Was = this });

    /// <summary>Builds a constraint of a table from checked values.</summary>
    internal static AddConstraint Build(ObjectName table, Fields fields, BuildContext context) => new()
    {
        Position = context.Position,
        Scope = context.Scope,
        Table = table,
        Constraint = ConstraintForm.Build(fields, table, new HashSet<string>(StringComparer.Ordinal)),
    };
}
