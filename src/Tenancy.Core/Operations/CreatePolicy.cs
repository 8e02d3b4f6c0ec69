using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>create_policy</c>.</summary>
public sealed record CreatePolicy : Operation
{
    private static readonly ObjectKind Kind = new("policy", "POLICY", "{using: ...}");

    /// <summary>How manifests write it and its end.</summary>
    internal static readonly (OperationDefinition Create, OperationDefinition Drop) Definitions = DropFromTable.Define(Kind,
        [
            new FormKey("as", new ChoiceForm("permissive", "restrictive"), "Whether one policy or all must let a row pass; permissive unless set."),
            new FormKey("for", new ChoiceForm("all", "select", "insert", "update", "delete"), "The command; all unless set."),
            new FormKey("to", CommonForms.OneOrMoreNames, "The roles; public unless set."),
            new FormKey("using", CommonForms.Expression, "The rows that are there."),
            new FormKey("with_check", CommonForms.Expression, "The rows that may be written; as 'using' unless set."),
        ], Build);

    /// <inheritdoc/>
    public override string Name => Kind.CreateKey;

    /// <summary>The table.</summary>
    public required ObjectName Table { get; init; }

    /// <summary>The policy's name.</summary>
    public required string Policy { get; init; }

    /// <summary><c>permissive</c> or <c>restrictive</c>, or null.</summary>
    public string? As { get; init; }

    /// <summary>The command, or null for all.</summary>
    public string? For { get; init; }

    /// <summary>The roles; empty for public.</summary>
    public ImmutableArray<string> To { get; init; } = [];

    /// <summary>The rows that are there, or null.</summary>
    public string? Using { get; init; }

    /// <summary>The rows that may be written, or null.</summary>
    public string? WithCheck { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens) =>
        [Statement($"CREATE POLICY {SqlIdentifier.Quote(Policy)} ON {Table.ToSql(tokens, Scope)}"
            + (As is null ? "" : $" AS {As.ToUpperInvariant()}")
            + (For is null ? "" : $" FOR {For.ToUpperInvariant()}")
            + (To.IsEmpty ? "" : $" TO {SqlText.Roles(To)}")
            + (Using is null ? "" : $" USING ({Using})")
            + (WithCheck is null ? "" : $" WITH CHECK ({WithCheck})"))];

    /// <inheritdoc/>
    public override Inverse Invert() => Inverse.By(new DropFromTable { Position = Position, Scope = Scope, Kind = Kind, Table = Table, Target = Policy, Was = this });

    private static CreatePolicy Build(ObjectName table, string name, Fields fields, BuildContext context) => new()
    {
        Position = context.Position,
        Scope = context.Scope,
        Table = table,
        Policy = name,
        As = fields.OptionalText("as"),
        For = fields.OptionalText("for"),
        To = fields.Texts("to"),
        Using = fields.OptionalText("using"),
        WithCheck = fields.OptionalText("with_check"),
    };
}
