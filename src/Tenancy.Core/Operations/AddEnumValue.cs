using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>add_enum_value</c>. The engine commits after it: PostgreSQL lets nobody use the value before (manual, ALTER TYPE, notes).</summary>
public sealed record AddEnumValue : Operation
{
    /// <summary>How manifests write it.</summary>
    internal static readonly OperationDefinition Definition = new("add_enum_value", "Adds a value to an enum. What came before is committed with it; PostgreSQL cannot take it away again.",
        new ObjectForm("a mapping with 'enum' and 'value'",
            new FormKey("enum", CommonForms.ObjectName, "The enum.", IsRequired: true),
            new FormKey("value", EnumValue.Form, "The new value.", IsRequired: true),
            new FormKey("before", EnumValue.Form, "The value that it comes before; the last unless set."),
            new FormKey("after", EnumValue.Form, "The value that it comes after; the last unless set."),
            new FormKey("if_not_exists", CommonForms.Flag, "True when its presence is no error, as after an undo that had to leave it."))
        {
            Groups = [new KeyGroup(false, "before", "after")],
        },
        static (node, context) =>
        {
            var fields = Fields.Of(node);
            return new AddEnumValue
            {
                Position = context.Position,
                Scope = context.Scope,
                Enum = fields.Name("enum"),
                Value = fields.Text("value"),
                Neighbour = fields.OptionalText("before") ?? fields.OptionalText("after"),
                IsBefore = fields.Has("before"),
                IfNotExists = fields.Flag("if_not_exists"),
            };
        });

    /// <inheritdoc/>
    public override string Name => Definition.Name;

    /// <summary>The enum.</summary>
    public required ObjectName Enum { get; init; }

    /// <summary>The new value.</summary>
    public required string Value { get; init; }

    /// <summary>The value beside it; null at the end.</summary>
    public string? Neighbour { get; init; }

    /// <summary>Does it come before its neighbour?</summary>
    public bool IsBefore { get; init; }

    /// <summary>Is its presence no error?</summary>
    public bool IfNotExists { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens)
    {
        var place = Neighbour is null ? "" : $" {(IsBefore ? "BEFORE" : "AFTER")} {SqlLiteral.Quote(Neighbour)}";
        yield return Statement($"ALTER TYPE {Enum.ToSql(tokens, Scope)} ADD VALUE {(IfNotExists ? "IF NOT EXISTS " : "")}{SqlLiteral.Quote(Value)}{place}");
    }

    /// <inheritdoc/>
    public override Inverse Invert() => Inverse.None(
        $"PostgreSQL cannot take the value '{Value}' out of an enum. Leave it there with 'down: []' and 'if_not_exists: true' here, write 'down' yourself, or 'down: {{irreversible: why}}'.");
}
