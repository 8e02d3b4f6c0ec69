using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>comment</c>.</summary>
public sealed record Comment : Operation
{
    private static readonly FormKey TextKey = new("text", CommonForms.TextOrNull, "The comment; null for none.", IsRequired: true);

    /// <summary>How manifests write it.</summary>
    internal static readonly OperationDefinition Definition = new("comment", "Says what an object is for.",
        new ObjectForm("a mapping with the object and 'text'",
        [
            .. ObjectTarget.Keys,
            TextKey,
            new FormKey("was", new ObjectForm("a mapping with 'text'", TextKey), "The comment as it was, so that 'down: auto' can put it back."),
        ])
        {
            Groups = ObjectTarget.Groups,
        },
        static (node, context) =>
        {
            var fields = Fields.Of(node);
            return ObjectTarget.Build(fields, context) is { } target
                ? new Comment { Position = context.Position, Scope = context.Scope, Target = target, Text = fields.Optional("text")!, Was = fields.Object("was")?.Optional("text") }
                : null;
        });

    /// <inheritdoc/>
    public override string Name => Definition.Name;

    /// <summary>The object.</summary>
    public required ObjectTarget Target { get; init; }

    /// <summary>The comment, or nothing.</summary>
    public required OptionalValue Text { get; init; }

    /// <summary>The comment as it was, or null.</summary>
    public OptionalValue? Was { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens) => [Statement(SqlText.Comment(Target.ToSql(tokens, Scope), Text.Text))];

    /// <inheritdoc/>
    public override Inverse Invert() => Was is null
        ? Inverse.Unknown($"comment on the {Target}", "changed", "{text: ...}")
        : Inverse.By(this with { Text = Was, Was = Text });
}
