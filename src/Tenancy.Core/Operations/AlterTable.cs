using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>alter_table</c>.</summary>
public sealed record AlterTable : Operation
{
    /// <summary>How manifests write it.</summary>
    internal static readonly OperationDefinition Definition = new("alter_table", "Changes how a table is kept: storage parameters, log, replica identity, the index of CLUSTER.",
        new ObjectForm("a mapping with 'name' and what changes",
        [
            new FormKey("name", CommonForms.ObjectName, "The table, or a materialized view.", IsRequired: true),
            .. TableChange.Keys,
            new FormKey("was", new ObjectForm("a mapping such as {with: {fillfactor: null}}", TableChange.Keys), "How it was, so that 'down: auto' can change it back."),
        ]),
        static (node, context) =>
        {
            var fields = Fields.Of(node);
            var change = TableChange.Build(fields);
            if (change.IsEmpty)
            {
                context.Errors.Report(fields.Position, "Nothing changes here. Write one of with, unlogged, replica_identity and cluster_on; columns and constraints have operations of their own.");
                return null;
            }

            return new AlterTable
            {
                Position = context.Position,
                Scope = context.Scope,
                Table = fields.Name("name"),
                Change = change,
                Was = fields.Object("was") is { } was ? TableChange.Build(was) : null,
            };
        });

    /// <inheritdoc/>
    public override string Name => Definition.Name;

    /// <summary>The table.</summary>
    public required ObjectName Table { get; init; }

    /// <summary>What changes.</summary>
    public required TableChange Change { get; init; }

    /// <summary>How it was, or null.</summary>
    public TableChange? Was { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens) => [Statement($"ALTER TABLE {Table.ToSql(tokens, Scope)} {string.Join(", ", Change.Actions())}")];

    /// <inheritdoc/>
    public override Inverse Invert() => Change.Missing(Was) is { } missing
        ? Inverse.Unknown($"'{missing.Split(':')[0]}' of the table '{Table}'", "changed", $"{{{missing}}}")
        : Inverse.By(this with { Change = Change.Back(Was), Was = Change });
}
