using System.Collections.Immutable;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>create_composite_type</c>.</summary>
public sealed record CreateCompositeType : CreateObject
{
    private static readonly ObjectKind Composite = new("composite_type", "TYPE", "{attributes: [{name: ..., type: ...}]}");

    private static readonly ObjectForm Attribute = new("a mapping with 'name' and 'type'",
        new FormKey("name", CommonForms.Name, "Its name.", IsRequired: true),
        new FormKey("type", CommonForms.Type, "Its data type.", IsRequired: true),
        new FormKey("collation", CommonForms.ObjectName, "Its collation."));

    /// <summary>How manifests write it and its end.</summary>
    internal static readonly (OperationDefinition Create, OperationDefinition Drop) Definitions = Define(Composite,
        [new FormKey("attributes", new ListForm(Attribute, "a list of attributes"), "Its attributes, in order.", IsRequired: true)],
        static (name, fields, context) => new CreateCompositeType
        {
            Position = context.Position,
            Scope = context.Scope,
            Target = name,
            Attributes = [.. fields.Objects("attributes").Select(static part => (part.Text("name"), part.Text("type"), part.OptionalName("collation")))],
        });

    /// <inheritdoc/>
    public override ObjectKind Kind => Composite;

    /// <summary>Its attributes, in order, each with a collation or null.</summary>
    public required ImmutableArray<(string Name, string Type, ObjectName? Collation)> Attributes { get; init; }

    private protected override string CreateSql(string name, SqlTokens tokens) => $"CREATE TYPE {name} AS (\n    {string.Join(",\n    ", Attributes.Select(ToSql))}\n)";

    private static string ToSql((string Name, string Type, ObjectName? Collation) part) =>
        $"{SqlIdentifier.Quote(part.Name)} {part.Type}{(part.Collation is null ? "" : $" COLLATE {SqlText.QuoteResolved(part.Collation)}")}";
}
