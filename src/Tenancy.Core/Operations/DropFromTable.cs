using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>drop_trigger</c> and <c>drop_policy</c>: dropping what has its name within a table.</summary>
public sealed record DropFromTable : Operation
{
    /// <inheritdoc/>
    public override string Name => Kind.DropKey;

    /// <summary>What kind of thing.</summary>
    public required ObjectKind Kind { get; init; }

    /// <summary>The table.</summary>
    public required ObjectName Table { get; init; }

    /// <summary>The thing's name.</summary>
    public required string Target { get; init; }

    /// <summary>Is its absence no error?</summary>
    public bool IfExists { get; init; }

    /// <summary>What creates it as it was, or null.</summary>
    public Operation? Was { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens) =>
        [Statement($"DROP {Kind.Sql} {(IfExists ? "IF EXISTS " : "")}{SqlIdentifier.Quote(Target)} ON {Table.ToSql(tokens, Scope)}")];

    /// <inheritdoc/>
    public override Inverse Invert() => Was is null ? Inverse.Unknown($"{Kind.Words} '{Target}'", "dropped", Kind.Example) : Inverse.By(Was);

    /// <summary>How manifests write the creating and the dropping of a kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="keys">Its keys apart from table and name.</param>
    /// <param name="build">Builds it from checked values.</param>
    internal static (OperationDefinition Create, OperationDefinition Drop) Define(ObjectKind kind, ImmutableArray<FormKey> keys, Func<ObjectName, string, Fields, BuildContext, Operation> build)
    {
        var table = new FormKey("table", CommonForms.ObjectName, "The table.", IsRequired: true);
        var name = new FormKey("name", CommonForms.Name, $"The {kind.Words}'s name.", IsRequired: true);
        var required = string.Concat(keys.Where(static key => key.IsRequired).Select(static key => $", '{key.Name}'"));
        return (new OperationDefinition(kind.CreateKey, $"Creates a {kind.Words}.", new ObjectForm($"a mapping with 'table', 'name'{required}", [table, name, .. keys]),
                (node, context) => build(Fields.Of(node).Name("table"), Fields.Of(node).Text("name"), Fields.Of(node), context)),
            new OperationDefinition(kind.DropKey, $"Drops a {kind.Words}.",
                new ObjectForm("a mapping with 'table' and 'name'",
                    table, name,
                    new FormKey("if_exists", CommonForms.Flag, "True when its absence is no error."),
                    new FormKey("was", new ObjectForm($"a mapping such as {kind.Example}", keys), $"The {kind.Words} as it was, so that 'down: auto' can create it again.")),
                (node, context) =>
                {
                    var fields = Fields.Of(node);
                    return new DropFromTable
                    {
                        Position = context.Position,
                        Scope = context.Scope,
                        Kind = kind,
                        Table = fields.Name("table"),
                        Target = fields.Text("name"),
                        IfExists = fields.Flag("if_exists"),
                        Was = fields.Object("was") is { } was ? build(fields.Name("table"), fields.Text("name"), was, context) : null,
                    };
                }));
    }
}
