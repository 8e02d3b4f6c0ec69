using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>create_sequence</c>, <c>create_view</c> and their like: creating what a name alone tells.</summary>
public abstract record CreateObject : Operation
{
    /// <inheritdoc/>
    public sealed override string Name => Kind.CreateKey;

    /// <summary>What kind of object.</summary>
    public abstract ObjectKind Kind { get; }

    /// <summary>The object.</summary>
    public required ObjectName Target { get; init; }

    /// <summary>A comment on it; null leaves what is there.</summary>
    public OptionalValue? Comment { get; init; }

    /// <inheritdoc/>
    public sealed override IEnumerable<SourceText> ToSql(SqlTokens tokens)
    {
        var name = Target.ToSql(tokens, Scope);
        yield return Statement(CreateSql(name, tokens));
        foreach (var further in FurtherSql(name))
        {
            yield return Statement(further);
        }

        if (Comment is not null)
        {
            yield return Statement(SqlText.Comment($"{Kind.Sql} {name}", Comment.Text));
        }
    }

    /// <inheritdoc/>
    public override Inverse Invert() => Inverse.By(new DropObject { Position = Position, Scope = Scope, Kind = Kind, Target = Target, Was = this });

    /// <summary>The statement that creates it.</summary>
    /// <param name="name">Its name in SQL.</param>
    /// <param name="tokens">The tokens to write for the schemas.</param>
    private protected abstract string CreateSql(string name, SqlTokens tokens);

    /// <summary>The statements that follow it.</summary>
    /// <param name="name">Its name in SQL.</param>
    private protected virtual IEnumerable<string> FurtherSql(string name) => [];

    /// <summary>The comment of checked values.</summary>
    private protected static OptionalValue? CommentOf(Fields fields) => fields.OptionalText("comment") is { } text ? new OptionalValue(text) : null;

    /// <summary>How manifests write the creating and the dropping of a kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="keys">Its keys apart from name and comment.</param>
    /// <param name="build">Builds it from checked values.</param>
    /// <param name="own">Keys that have no meaning in <c>was</c>.</param>
    internal static (OperationDefinition Create, OperationDefinition Drop) Define(ObjectKind kind, ImmutableArray<FormKey> keys, Func<ObjectName, Fields, BuildContext, CreateObject> build, params ImmutableArray<FormKey> own)
    {
        var name = new FormKey("name", CommonForms.ObjectName, "Its name.", IsRequired: true);
        var comment = new FormKey("comment", CommonForms.Text, "A comment on it.");
        var required = string.Join(" and ", keys.Where(static key => key.IsRequired).Select(static key => $"'{key.Name}'"));
        var form = new ObjectForm($"a mapping with 'name'{(required.Length > 0 ? $" and {required}" : "")}", [name, .. keys, .. own, comment]);
        var was = new ObjectForm(required.Length > 0 ? $"a mapping with {required}" : $"a mapping such as {kind.Example}", [.. keys, comment]);
        CreateObject Build(ObjectName name, Fields fields, BuildContext context) => build(name, fields, context) with { Comment = CommentOf(fields) };
        return (new OperationDefinition(kind.CreateKey, $"Creates a {kind.Words}.", form, (node, context) => Build(Fields.Of(node).Name("name"), Fields.Of(node), context)),
            DropObject.Define(kind, was, Build));
    }
}
