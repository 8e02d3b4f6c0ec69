using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>set_trigger</c>.</summary>
public sealed record SetTrigger : Operation
{
    /// <summary>How manifests write it.</summary>
    internal static readonly OperationDefinition Definition = new("set_trigger", "Switches a trigger of a table on or off.",
        new ObjectForm("a mapping with 'table', 'name' and 'enabled'",
            new FormKey("table", CommonForms.ObjectName, "The table.", IsRequired: true),
            new FormKey("name", CommonForms.Name, "The trigger.", IsRequired: true),
            new FormKey("enabled", CommonForms.Flag, "False keeps it from running.", IsRequired: true)),
        static (node, context) =>
        {
            var fields = Fields.Of(node);
            return new SetTrigger { Position = context.Position, Scope = context.Scope, Table = fields.Name("table"), Trigger = fields.Text("name"), IsEnabled = fields.Flag("enabled") };
        });

    /// <inheritdoc/>
    public override string Name => Definition.Name;

    /// <summary>The table.</summary>
    public required ObjectName Table { get; init; }

    /// <summary>The trigger.</summary>
    public required string Trigger { get; init; }

    /// <summary>Does it run?</summary>
    public required bool IsEnabled { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens) =>
        [Statement($"ALTER TABLE {Table.ToSql(tokens, Scope)} {(IsEnabled ? "ENABLE" : "DISABLE")} TRIGGER {SqlIdentifier.Quote(Trigger)}")];

    /// <inheritdoc/>
    public override Inverse Invert() => Inverse.By(this with { IsEnabled = !IsEnabled });
}
