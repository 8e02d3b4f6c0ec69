using System.Collections.Immutable;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>create_materialized_view</c>.</summary>
public sealed record CreateMaterializedView : CreateObject
{
    private static readonly ObjectKind View = new("materialized_view", "MATERIALIZED VIEW", "{query: ...}");

    /// <summary>How manifests write it and its end.</summary>
    internal static readonly (OperationDefinition Create, OperationDefinition Drop) Definitions = Define(View,
        [
            new FormKey("query", CommonForms.Query, "The query.", IsRequired: true),
            new FormKey("columns", CommonForms.Names, "The names of its columns; those of the query unless set."),
            StorageParameters.Key,
            new FormKey("with_data", CommonForms.Flag, "False leaves it unusable until it is refreshed; true unless set."),
        ],
        static (name, fields, context) => new CreateMaterializedView
        {
            Position = context.Position,
            Scope = context.Scope,
            Target = name,
            Query = fields.Text("query"),
            Columns = fields.Texts("columns"),
            Storage = StorageParameters.Build(fields),
            HasData = fields.OptionalFlag("with_data") ?? true,
        });

    /// <inheritdoc/>
    public override ObjectKind Kind => View;

    /// <summary>The query.</summary>
    public required string Query { get; init; }

    /// <summary>The names of its columns; empty for those of the query.</summary>
    public ImmutableArray<string> Columns { get; init; } = [];

    /// <summary>Storage parameters with their values in SQL.</summary>
    public ImmutableArray<(string Name, string Value)> Storage { get; init; } = [];

    /// <summary>Is it filled at once?</summary>
    public bool HasData { get; init; } = true;

    private protected override string CreateSql(string name, SqlTokens tokens) =>
        $"CREATE MATERIALIZED VIEW {name}{(Columns.IsEmpty ? "" : $" ({SqlText.QuoteAll(Columns)})")}{StorageParameters.ToSql(Storage)} AS\n{Query}\n{(HasData ? "WITH DATA" : "WITH NO DATA")}";
}
