using System.Collections.Immutable;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Manifests.Yaml;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>create_statistics</c>.</summary>
public sealed record CreateStatistics : CreateObject
{
    private static readonly ObjectKind Statistics = new("statistics", "STATISTICS", "{table: ..., columns: [...]}");

    private static readonly EitherForm Element = new(CommonForms.Name, new ObjectForm("a mapping with 'expression'",
        new FormKey("expression", CommonForms.Expression, "An expression instead of a column.", IsRequired: true)));

    /// <summary>How manifests write it and its end.</summary>
    internal static readonly (OperationDefinition Create, OperationDefinition Drop) Definitions = Define(Statistics,
        [
            new FormKey("table", CommonForms.ObjectName, "The table.", IsRequired: true),
            new FormKey("columns", new ListForm(Element, "a list of columns or expressions"), "What is looked at together.", IsRequired: true),
            new FormKey("kinds", new ListForm(new ChoiceForm("ndistinct", "dependencies", "mcv"), "a list of kinds"), "What is kept; all kinds unless set. Of one expression there are none to choose."),
            new FormKey("target", ColumnStorage.Statistics, "How closely ANALYZE looks, from 0 to 10000; as at the columns unless set."),
        ],
        static (name, fields, context) => new CreateStatistics
        {
            Position = context.Position,
            Scope = context.Scope,
            Target = name,
            Table = fields.Name("table"),
            Elements = [.. fields.Items("columns").Select(static item => item is YamlScalar column ? SqlIdentifier.Quote(column.Value) : $"({Fields.Of(item).Text("expression")})")],
            Kinds = fields.Texts("kinds"),
            StatisticsTarget = fields.OptionalText("target"),
        });

    /// <inheritdoc/>
    public override ObjectKind Kind => Statistics;

    /// <summary>The table.</summary>
    public required ObjectName Table { get; init; }

    /// <summary>Columns and expressions in SQL.</summary>
    public required ImmutableArray<string> Elements { get; init; }

    /// <summary>What is kept; empty for all kinds.</summary>
    public ImmutableArray<string> Kinds { get; init; } = [];

    /// <summary>The statistics target, or null.</summary>
    public string? StatisticsTarget { get; init; }

    private protected override string CreateSql(string name, SqlTokens tokens) =>
        $"CREATE STATISTICS {name}{(Kinds.IsEmpty ? "" : $" ({string.Join(", ", Kinds)})")} ON {string.Join(", ", Elements)} FROM {Table.ToSql(tokens, Scope)}";

    private protected override IEnumerable<string> FurtherSql(string name) => StatisticsTarget is null ? [] : [$"ALTER STATISTICS {name} SET STATISTICS {StatisticsTarget}"];
}
