using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>rename_enum_value</c>.</summary>
public sealed record RenameEnumValue : Operation
{
    /// <summary>How manifests write it.</summary>
    internal static readonly OperationDefinition Definition = new("rename_enum_value", "Renames a value of an enum, in all rows at once.",
        new ObjectForm("a mapping with 'enum', 'from' and 'to'",
            new FormKey("enum", CommonForms.ObjectName, "The enum.", IsRequired: true),
            new FormKey("from", EnumValue.Form, "The value.", IsRequired: true),
            new FormKey("to", EnumValue.Form, "Its new name.", IsRequired: true)),
        static (node, context) =>
        {
            var fields = Fields.Of(node);
            return new RenameEnumValue { Position = context.Position, Scope = context.Scope, Enum = fields.Name("enum"), From = fields.Text("from"), To = fields.Text("to") };
        });

    /// <inheritdoc/>
    public override string Name => Definition.Name;

    /// <summary>The enum.</summary>
    public required ObjectName Enum { get; init; }

    /// <summary>The value.</summary>
    public required string From { get; init; }

    /// <summary>Its new name.</summary>
    public required string To { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens) =>
        [Statement($"ALTER TYPE {Enum.ToSql(tokens, Scope)} RENAME VALUE {SqlLiteral.Quote(From)} TO {SqlLiteral.Quote(To)}")];

    /// <inheritdoc/>
    public override Inverse Invert() => Inverse.By(this with { From = To, To = From });
}
