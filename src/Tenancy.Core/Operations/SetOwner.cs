using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>set_owner</c>.</summary>
public sealed record SetOwner : Operation
{
    private static readonly FormKey OwnerKey = new("to", CommonForms.Name, "The role.", IsRequired: true);

    /// <summary>How manifests write it.</summary>
    internal static readonly OperationDefinition Definition = new("set_owner", "Gives an object to another owner.",
        new ObjectForm("a mapping with the object and 'to'",
        [
            .. ObjectTarget.WholeKeys,
            OwnerKey,
            new FormKey("was", new ObjectForm("a mapping with 'to'", OwnerKey), "The owner as it was, so that 'down: auto' can give it back."),
        ])
        {
            Groups = ObjectTarget.WholeGroups,
        },
        static (node, context) =>
        {
            var fields = Fields.Of(node);
            return ObjectTarget.Build(fields, context) is { } target
                ? new SetOwner { Position = context.Position, Scope = context.Scope, Target = target, Owner = fields.Text("to"), Was = fields.Object("was")?.Text("to") }
                : null;
        });

    /// <inheritdoc/>
    public override string Name => Definition.Name;

    /// <summary>The object.</summary>
    public required ObjectTarget Target { get; init; }

    /// <summary>The role.</summary>
    public required string Owner { get; init; }

    /// <summary>The owner as it was, or null.</summary>
    public string? Was { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens) => [Statement($"ALTER {Target.ToSql(tokens, Scope)} OWNER TO {SqlIdentifier.Quote(Owner)}")];

    /// <inheritdoc/>
    public override Inverse Invert() => Was is null
        ? Inverse.Unknown($"owner of the {Target}", "changed", "{to: ...}")
        : Inverse.By(this with { Owner = Was, Was = Owner });
}
