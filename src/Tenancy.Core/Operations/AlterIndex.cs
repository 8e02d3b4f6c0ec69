using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>alter_index</c>.</summary>
public sealed record AlterIndex : Operation
{
    private static readonly FormKey With = StorageParameters.ChangeOf("fillfactor") with { IsRequired = true };

    /// <summary>How manifests write it.</summary>
    internal static readonly OperationDefinition Definition = new("alter_index", "Changes storage parameters of an index; what is there is not written anew.",
        new ObjectForm("a mapping with 'name' and 'with'",
            new FormKey("name", CommonForms.ObjectName, "The index; 'shared.name' for one in the shared schema.", IsRequired: true),
            With,
            new FormKey("was", new ObjectForm("a mapping with 'with'", With), "How it was, so that 'down: auto' can change it back.")),
        static (node, context) =>
        {
            var fields = Fields.Of(node);
            return new AlterIndex
            {
                Position = context.Position,
                Scope = context.Scope,
                Index = fields.Name("name"),
                Parameters = ParameterChanges.Build(fields),
                Was = fields.Object("was") is { } was ? ParameterChanges.Build(was) : null,
            };
        });

    /// <inheritdoc/>
    public override string Name => Definition.Name;

    /// <summary>The index.</summary>
    public required ObjectName Index { get; init; }

    /// <summary>What changes.</summary>
    public required ParameterChanges Parameters { get; init; }

    /// <summary>How it was, or null.</summary>
    public ParameterChanges? Was { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens)
    {
        var index = Index.ToSql(tokens, Scope);
        return Parameters.Actions().Select(action => Statement($"ALTER INDEX {index} {action}"));
    }

    /// <inheritdoc/>
    public override Inverse Invert() => Parameters.Missing(Was) is { } missing
        ? Inverse.Unknown($"'{missing}' of the index '{Index}'", "changed", $"{{with: {{{missing}: ...}}}}")
        : Inverse.By(this with { Parameters = Parameters.Back(Was), Was = Parameters });
}
