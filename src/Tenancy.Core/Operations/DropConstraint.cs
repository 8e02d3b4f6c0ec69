using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>drop_constraint</c>.</summary>
public sealed record DropConstraint : Operation
{
    /// <summary>How manifests write it.</summary>
    internal static readonly OperationDefinition Definition = new("drop_constraint", "Drops a constraint of a table.",
        new ObjectForm("a mapping with 'table' and 'name'",
            new FormKey("table", CommonForms.ObjectName, "The table.", IsRequired: true),
            new FormKey("name", CommonForms.Name, "The constraint.", IsRequired: true),
            new FormKey("if_exists", CommonForms.Flag, "True when its absence is no error."),
            new FormKey("was", new ObjectForm("a mapping with one kind of constraint", [.. ConstraintForm.Keys.Where(static key => key.Name != "name")])
            {
                Groups = ConstraintForm.Groups,
            }, "The constraint as it was, so that 'down: auto' can add it again.")),
        static (node, context) =>
        {
            var fields = Fields.Of(node);
            var (table, name) = (fields.Name("table"), fields.Text("name"));
            var was = fields.Object("was") is { } before ? AddConstraint.Build(table, before, context) : null;
            return new DropConstraint
            {
                Position = context.Position,
                Scope = context.Scope,
                Table = table,
                Constraint = name,
                IfExists = fields.Flag("if_exists"),
                Was = was is null ? null : was with { Constraint = was.Constraint with { Name = name } },
            };
        });

    /// <inheritdoc/>
    public override string Name => Definition.Name;

    /// <summary>The table.</summary>
    public required ObjectName Table { get; init; }

    /// <summary>The constraint.</summary>
    public required string Constraint { get; init; }

    /// <summary>Is its absence no error?</summary>
    public bool IfExists { get; init; }

    /// <summary>The constraint as it was, or null.</summary>
    public AddConstraint? Was { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens) =>
        [Statement($"ALTER TABLE {Table.ToSql(tokens, Scope)} DROP CONSTRAINT {(IfExists ? "IF EXISTS " : "")}{SqlIdentifier.Quote(Constraint)}")];

    /// <inheritdoc/>
    public override Inverse Invert() => Was is null
        ? Inverse.None($"'down: auto' does not know the constraint '{Constraint}' that is dropped here. Add 'was' with its definition, such as 'was: {{unique: [a, b]}}', write 'down' yourself, or 'down: {{irreversible: why}}'.")
        : Inverse.By(Was);
}
