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
            [
                new FormKey("table", CommonForms.ObjectName, "The table.", IsRequired: true),
                .. ConstraintForm.Keys,
                new FormKey("using_index", CommonForms.Name, "A unique index of these columns that is there, and becomes the constraint's in an instant.") { Needs = ["primary_key", "unique"] },
            ])
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
    public override Inverse Invert()
    {
        var drop = new DropConstraint { Position = Position, Scope = Scope, Table = Table, Constraint = Constraint.Name, Was = this };

        // With the constraint its index goes, which was there before.
        return IndexBefore is { } index ? Inverse.By(drop, index) : Inverse.By(drop);
    }

    /// <summary>The index that becomes the constraint's, as it was before; null where it builds its own.</summary>
    private CreateIndex? IndexBefore => Constraint.UsingIndex is not { } index ? null : new()
    {
        Position = Position,
        Scope = Scope,
        Index = index,
        Table = Table,
        Elements = [.. (Constraint is PrimaryKeyConstraint { Columns: var key } ? key : ((UniqueConstraint)Constraint).Columns).Select(static column => new IndexElement(column, null, null, null, null, null))],
        Include = Constraint is PrimaryKeyConstraint { Include: var carried } ? carried : ((UniqueConstraint)Constraint).Include,
        NullsNotDistinct = Constraint is UniqueConstraint { NullsNotDistinct: true },
        IsUnique = true,
        IsConcurrent = true,
    };

    /// <summary>Builds a constraint of a table from checked values.</summary>
    internal static AddConstraint Build(ObjectName table, Fields fields, BuildContext context) => new()
    {
        Position = context.Position,
        Scope = context.Scope,
        Table = table,
        Constraint = ConstraintForm.Build(fields, table, new HashSet<string>(StringComparer.Ordinal)) with { UsingIndex = fields.OptionalText("using_index") },
    };
}
