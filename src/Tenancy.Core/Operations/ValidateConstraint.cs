using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>validate_constraint</c>.</summary>
public sealed record ValidateConstraint : Operation
{
    /// <summary>How manifests write it.</summary>
    internal static readonly OperationDefinition Definition = new("validate_constraint", "Checks the old rows against a constraint that was added with 'not_valid'.",
        new ObjectForm("a mapping with 'table' and 'name'",
            new FormKey("table", CommonForms.ObjectName, "The table.", IsRequired: true),
            new FormKey("name", CommonForms.Name, "The constraint.", IsRequired: true)),
        static (node, context) =>
        {
            var fields = Fields.Of(node);
            return new ValidateConstraint { Position = context.Position, Scope = context.Scope, Table = fields.Name("table"), Constraint = fields.Text("name") };
        });

    /// <inheritdoc/>
    public override string Name => Definition.Name;

    /// <summary>The table.</summary>
    public required ObjectName Table { get; init; }

    /// <summary>The constraint.</summary>
    public required string Constraint { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens) =>
        [Statement($"ALTER TABLE {Table.ToSql(tokens, Scope)} VALIDATE CONSTRAINT {SqlIdentifier.Quote(Constraint)}")];

    /// <summary>Nothing to undo: a validated constraint checks the same new rows as before.</summary>
    public override Inverse Invert() => Inverse.By();
}
