using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>drop_sequence</c>, <c>drop_view</c> and their like: dropping what a name alone tells.</summary>
public sealed record DropObject : Operation
{
    /// <inheritdoc/>
    public override string Name => Kind.DropKey;

    /// <summary>What kind of object.</summary>
    public required ObjectKind Kind { get; init; }

    /// <summary>The object.</summary>
    public required ObjectName Target { get; init; }

    /// <summary>Is its absence no error?</summary>
    public bool IfExists { get; init; }

    /// <summary>What creates it as it was, or null.</summary>
    public Operation? Was { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens) => [Statement($"DROP {Kind.Sql} {(IfExists ? "IF EXISTS " : "")}{Target.ToSql(tokens, Scope)}")];

    /// <inheritdoc/>
    public override Inverse Invert() => Was is null ? Inverse.Unknown($"{Kind.Words} '{Target}'", "dropped", Kind.Example) : Inverse.By(Was);

    /// <summary>How manifests write the dropping of a kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="was">The keys of <c>was</c>.</param>
    /// <param name="build">Builds what <c>was</c> says.</param>
    internal static OperationDefinition Define(ObjectKind kind, ObjectForm was, Func<ObjectName, Fields, BuildContext, Operation> build) => new(kind.DropKey, $"Drops a {kind.Words}.",
        new ObjectForm("a mapping with 'name'",
            new FormKey("name", CommonForms.ObjectName, $"The {kind.Words}.", IsRequired: true),
            new FormKey("if_exists", CommonForms.Flag, "True when its absence is no error."),
            new FormKey("was", was, $"The {kind.Words} as it was, so that 'down: auto' can create it again.")),
        (node, context) =>
        {
            var fields = Fields.Of(node);
            var name = fields.Name("name");
            return new DropObject
            {
                Position = context.Position,
                Scope = context.Scope,
                Kind = kind,
                Target = name,
                IfExists = fields.Flag("if_exists"),
                Was = fields.Object("was") is { } before ? build(name, before, context) : null,
            };
        });
}
