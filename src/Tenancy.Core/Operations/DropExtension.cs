using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>drop_extension</c>: in the shared scope only.</summary>
public sealed record DropExtension : Operation
{
    /// <summary>How manifests write it.</summary>
    internal static readonly OperationDefinition Definition = new("drop_extension", "Drops an extension that nothing uses; in the shared scope only.",
        new ObjectForm("a mapping with 'name'",
            new FormKey("name", CommonForms.Name, "The extension.", IsRequired: true),
            new FormKey("if_exists", CommonForms.Flag, "True when its absence is no error."),
            new FormKey("was", new ObjectForm("a mapping such as {schema: extensions}", CreateExtension.KeysWithoutName), "The extension as it was, so that 'down: auto' can create it again.")),
        static (node, context) =>
        {
            var fields = Fields.Of(node);
            var name = fields.Text("name");
            return !CreateExtension.CheckScope(fields, context) ? null : new DropExtension
            {
                Position = context.Position,
                Scope = context.Scope,
                Extension = name,
                IfExists = fields.Flag("if_exists"),
                Was = fields.Object("was") is { } was ? CreateExtension.Build(name, was, context) : null,
            };
        });

    /// <inheritdoc/>
    public override string Name => Definition.Name;

    /// <summary>The extension.</summary>
    public required string Extension { get; init; }

    /// <summary>Is its absence no error?</summary>
    public bool IfExists { get; init; }

    /// <summary>The extension as it was, or null.</summary>
    public CreateExtension? Was { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens) => [Statement($"DROP EXTENSION {(IfExists ? "IF EXISTS " : "")}{SqlIdentifier.Quote(Extension)}")];

    /// <inheritdoc/>
    public override IEnumerable<Touch> Touches(SqlTokens tokens) => CreateExtension.TouchesOf(Was?.Schema, tokens);

    /// <inheritdoc/>
    public override Inverse Invert() => Was is null ? Inverse.Unknown($"extension '{Extension}'", "dropped", "{schema: ...}") : Inverse.By(Was);
}
