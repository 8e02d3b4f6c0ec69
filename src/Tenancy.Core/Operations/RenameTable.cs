using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>rename_table</c>.</summary>
public sealed record RenameTable : Operation
{
    /// <summary>How manifests write it.</summary>
    internal static readonly OperationDefinition Definition = new("rename_table", "Renames a table.",
        new ObjectForm("a mapping with 'from' and 'to'",
            new FormKey("from", CommonForms.ObjectName, "The table.", IsRequired: true),
            new FormKey("to", CommonForms.Name, "Its new name, without a schema.", IsRequired: true)),
        static (node, context) =>
        {
            var fields = Fields.Of(node);
            var rename = new RenameTable { Position = context.Position, Scope = context.Scope, From = fields.Name("from"), To = fields.Text("to") };
            if (context.CreatedTables.Remove(rename.From.Qualify(context.Tokens, context.Scope)))
            {
                context.CreatedTables.Add((rename.From with { Name = rename.To }).Qualify(context.Tokens, context.Scope));
            }

            return rename;
        });

    /// <inheritdoc/>
    public override string Name => Definition.Name;

    /// <summary>The table.</summary>
    public required ObjectName From { get; init; }

    /// <summary>Its new name.</summary>
    public required string To { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens) => [Statement($"ALTER TABLE {From.ToSql(tokens, Scope)} RENAME TO {SqlIdentifier.Quote(To)}")];

    /// <inheritdoc/>
    public override Inverse Invert() => Inverse.By(this with { From = From with { Name = To }, To = From.Name });
}
