using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>drop_index</c>.</summary>
public sealed record DropIndex : Operation
{
    /// <summary>How manifests write it.</summary>
    internal static readonly OperationDefinition Definition = new("drop_index", "Drops an index.",
        new ObjectForm("a mapping with 'name'",
            new FormKey("name", CommonForms.ObjectName, "The index; 'shared.name' for one in the shared schema.", IsRequired: true),
            new FormKey("concurrently", CommonForms.Flag, "True drops it without blocking anybody, outside a transaction."),
            new FormKey("if_exists", CommonForms.Flag, "True when its absence is no error."),
            new FormKey("was", new ObjectForm("a mapping with 'table' and 'columns'", CreateIndex.KeysWithoutName), "The index as it was, so that 'down: auto' can create it again.")),
        static (node, context) =>
        {
            var fields = Fields.Of(node);
            var index = fields.Name("name");
            var isOwn = context.CreatedIndexes.Remove(index.Qualify(context.Tokens, context.Scope));
            return new DropIndex
            {
                Position = context.Position,
                Scope = context.Scope,
                Index = index,
                IsConcurrent = fields.Flag("concurrently") && !isOwn,
                IfExists = fields.Flag("if_exists"),
                Was = fields.Object("was") is { } was ? CreateIndex.Build(index.Name, was, context) : null,
            };
        });

    /// <inheritdoc/>
    public override string Name => Definition.Name;

    /// <summary>The index.</summary>
    public required ObjectName Index { get; init; }

    /// <summary>Is it dropped without blocking anybody?</summary>
    public bool IsConcurrent { get; init; }

    /// <summary>Is its absence no error?</summary>
    public bool IfExists { get; init; }

    /// <summary>The index as it was, or null.</summary>
    public CreateIndex? Was { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens) =>
        [Statement($"DROP INDEX {(IsConcurrent ? "CONCURRENTLY " : "")}{(IfExists ? "IF EXISTS " : "")}{Index.ToSql(tokens, Scope)}")];

    /// <inheritdoc/>
    public override Inverse Invert() => Was is null
        ? Inverse.None($"'down: auto' does not know the index '{Index}' that is dropped here. Add 'was: {{table: ..., columns: [...]}}' to create it again, write 'down' yourself, or 'down: {{irreversible: why}}'.")
        : Inverse.By(Was with { IsConcurrent = Was.IsConcurrent || IsConcurrent });
}
