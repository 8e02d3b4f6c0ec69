using System.Collections.Immutable;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>create_enum</c>.</summary>
public sealed record CreateEnumType : CreateObject
{
    private static readonly ObjectKind Enum = new("enum", "TYPE", "{values: [...]}");

    /// <summary>How manifests write it and its end.</summary>
    internal static readonly (OperationDefinition Create, OperationDefinition Drop) Definitions = Define(Enum,
        [new FormKey("values", new ListForm(EnumValue.Form, "a list of values"), "Its values, in order.", IsRequired: true)],
        static (name, fields, context) => new CreateEnumType { Position = context.Position, Scope = context.Scope, Target = name, Values = fields.Texts("values") });

    /// <inheritdoc/>
    public override ObjectKind Kind => Enum;

    /// <summary>Its values, in order.</summary>
    public required ImmutableArray<string> Values { get; init; }

    private protected override string CreateSql(string name, SqlTokens tokens) => $"CREATE TYPE {name} AS ENUM ({string.Join(", ", Values.Select(SqlLiteral.Quote))})";
}
