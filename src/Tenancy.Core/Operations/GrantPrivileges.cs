using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>grant</c> and <c>revoke</c>, each the other's inverse.</summary>
public sealed record GrantPrivileges : Operation
{
    private static readonly FormKey WithGrantOption = new("with_grant_option", CommonForms.Flag, "True when they may pass it on.");

    /// <summary>How manifests write a grant.</summary>
    internal static readonly OperationDefinition Grant = Define("grant", "Gives privileges on objects to roles.", "to", WithGrantOption);

    /// <summary>How manifests write its end.</summary>
    internal static readonly OperationDefinition Revoke = Define("revoke", "Takes privileges on objects from roles.", "from",
        new FormKey("grant_option_only", CommonForms.Flag, "True when they keep the privilege, and may pass it on no longer."),
        new FormKey("was", new ObjectForm("a mapping with 'with_grant_option'", WithGrantOption with { IsRequired = true }), "How it was granted, so that 'down: auto' can grant it again."));

    /// <inheritdoc/>
    public override string Name => IsRevoked ? Revoke.Name : Grant.Name;

    /// <summary>The privileges, and on what.</summary>
    public required GrantTarget Target { get; init; }

    /// <summary>The roles; <c>public</c> is everybody.</summary>
    public required ImmutableArray<string> Roles { get; init; }

    /// <summary>Are they taken away?</summary>
    public bool IsRevoked { get; init; }

    /// <summary>May the roles pass them on (what is taken away included)?</summary>
    public bool HasGrantOption { get; init; }

    /// <summary>Is only the right to pass them on taken away?</summary>
    public bool IsGrantOptionOnly { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens)
    {
        var (target, roles) = (Target.ToSql(tokens, Scope), SqlText.Roles(Roles));
        yield return Statement(IsRevoked
            ? $"REVOKE {(IsGrantOptionOnly ? "GRANT OPTION FOR " : "")}{target} FROM {roles}"
            : $"GRANT {target} TO {roles}{(HasGrantOption ? " WITH GRANT OPTION" : "")}");
    }

    /// <inheritdoc/>
    public override Inverse Invert() => Inverse.By(this with { IsRevoked = !IsRevoked });

    private static OperationDefinition Define(string name, string description, string roles, params ImmutableArray<FormKey> more) => new(name, description,
        new ObjectForm($"a mapping with 'privileges', what they are on, and '{roles}'",
            [.. GrantTarget.Keys, new FormKey(roles, CommonForms.OneOrMoreNames, "Roles; 'public' for everybody.", IsRequired: true), .. more])
        {
            Groups = GrantTarget.Groups,
        },
        (node, context) =>
        {
            var fields = Fields.Of(node);
            var (target, isOptionOnly) = (GrantTarget.Build(fields, context), fields.Flag("grant_option_only"));
            return target is null ? null : new GrantPrivileges
            {
                Position = context.Position,
                Scope = context.Scope,
                Target = target,
                Roles = fields.Texts(roles),
                IsRevoked = roles == "from",
                HasGrantOption = isOptionOnly || (fields.Object("was") ?? fields).Flag("with_grant_option"),
                IsGrantOptionOnly = isOptionOnly,
            };
        });
}
