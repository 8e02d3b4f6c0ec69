using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Manifests.Yaml;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary>A column or expression of an index.</summary>
/// <param name="Column">The column; null for an expression.</param>
/// <param name="Expression">The expression; null for a column.</param>
/// <param name="Collation">Its collation, or null.</param>
/// <param name="OperatorClass">Its operator class, or null for the type's own.</param>
/// <param name="Order"><c>asc</c> or <c>desc</c>, or null.</param>
/// <param name="Nulls"><c>first</c> or <c>last</c>, or null.</param>
public sealed record IndexElement(string? Column, string? Expression, ObjectName? Collation, ObjectName? OperatorClass, string? Order, string? Nulls)
{
    /// <summary>The keys of an element, as in an index.</summary>
    internal static readonly FormKey[] Keys =
    [
        new("column", CommonForms.Name, "The column."),
        new("expression", CommonForms.Expression, "An expression instead of a column, such as lower(email)."),
        new("collation", CommonForms.ObjectName, "The collation of this element."),
        new("opclass", CommonForms.ObjectName, "The operator class, such as text_pattern_ops or gin_trgm_ops."),
        new("order", new ChoiceForm("asc", "desc"), "Ascending unless set."),
        new("nulls", new ChoiceForm("first", "last"), "Where nulls come; last unless descending."),
    ];

    /// <summary>An element in an index: a column's name, or a mapping.</summary>
    internal static readonly EitherForm Form = new(CommonForms.Name, new ObjectForm("a mapping with 'column' or 'expression'", [.. Keys])
    {
        Groups = [new KeyGroup(true, "column", "expression")],
    });

    /// <summary>Builds it from a checked value.</summary>
    internal static IndexElement Build(YamlNode node)
    {
        if (node is YamlScalar name)
        {
            return new IndexElement(name.Value, null, null, null, null, null);
        }

        var fields = Fields.Of(node);
        return new IndexElement(
            fields.OptionalText("column"),
            fields.OptionalText("expression"),
            fields.OptionalName("collation"),
            fields.OptionalName("opclass"),
            fields.OptionalText("order"),
            fields.OptionalText("nulls"));
    }

    /// <summary>The element in SQL.</summary>
    public string ToSql() =>
        (Column is null ? $"({Expression})" : SqlIdentifier.Quote(Column))
        + (Collation is null ? "" : $" COLLATE {SqlText.QuoteResolved(Collation)}")
        + (OperatorClass is null ? "" : $" {SqlText.QuoteResolved(OperatorClass)}")
        + (Order is null ? "" : $" {Order.ToUpperInvariant()}")
        + (Nulls is null ? "" : $" NULLS {Nulls.ToUpperInvariant()}");
}
