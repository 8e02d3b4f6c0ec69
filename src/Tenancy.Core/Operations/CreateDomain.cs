using System.Collections.Immutable;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>create_domain</c>.</summary>
public sealed record CreateDomain : CreateObject
{
    private static readonly ObjectKind Domain = new("domain", "DOMAIN", "{type: ...}");

    private static readonly ListForm Checks = new(new ObjectForm("a mapping with 'check'",
        new FormKey("name", CommonForms.Name, "The constraint's name; unless set, one that PostgreSQL chooses."),
        new FormKey("check", CommonForms.Expression, "The condition; VALUE is the value.", IsRequired: true)), "a list of checks");

    /// <summary>How manifests write it and its end.</summary>
    internal static readonly (OperationDefinition Create, OperationDefinition Drop) Definitions = Define(Domain,
        [
            new FormKey("type", CommonForms.Type, "The type beneath it.", IsRequired: true),
            new FormKey("collation", CommonForms.ObjectName, "Its collation."),
            new FormKey("default", CommonForms.Expression, "The default of columns of this type."),
            new FormKey("nullable", CommonForms.Flag, "False forbids nulls; true unless set."),
            new FormKey("constraints", Checks, "What its values must meet."),
        ],
        static (name, fields, context) => new CreateDomain
        {
            Position = context.Position,
            Scope = context.Scope,
            Target = name,
            Type = fields.Text("type"),
            Collation = fields.OptionalName("collation"),
            Default = fields.OptionalText("default"),
            IsNullable = fields.OptionalFlag("nullable") ?? true,
            Conditions = [.. fields.Objects("constraints").Select(static check => (check.OptionalText("name"), check.Text("check")))],
        });

    /// <inheritdoc/>
    public override ObjectKind Kind => Domain;

    /// <summary>The type beneath it.</summary>
    public required string Type { get; init; }

    /// <summary>Its collation, or null.</summary>
    public ObjectName? Collation { get; init; }

    /// <summary>The expression of its default, or null.</summary>
    public string? Default { get; init; }

    /// <summary>May it hold nulls?</summary>
    public bool IsNullable { get; init; } = true;

    /// <summary>What its values must meet, with names or null.</summary>
    public ImmutableArray<(string? Name, string Check)> Conditions { get; init; } = [];

    private protected override string CreateSql(string name, SqlTokens tokens) =>
        $"CREATE DOMAIN {name} AS {Type}"
        + (Collation is null ? "" : $" COLLATE {SqlText.QuoteResolved(Collation)}")
        + (Default is null ? "" : $" DEFAULT ({Default})")
        + (IsNullable ? "" : " NOT NULL")
        + string.Concat(Conditions.Select(static condition => $"{(condition.Name is null ? "" : $" CONSTRAINT {SqlIdentifier.Quote(condition.Name)}")} CHECK ({condition.Check})"));
}
