using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>alter_statistics</c>.</summary>
public sealed record AlterStatistics : Operation
{
    private static readonly FormKey Target = new("target", ColumnStorage.StatisticsOrNull, "How closely ANALYZE looks, from 0 to 10000; null for as at the columns.", IsRequired: true);

    /// <summary>How manifests write it.</summary>
    internal static readonly OperationDefinition Definition = new("alter_statistics", "Changes how closely ANALYZE looks at extended statistics.",
        new ObjectForm("a mapping with 'name' and 'target'",
            new FormKey("name", CommonForms.ObjectName, "The statistics.", IsRequired: true),
            Target,
            new FormKey("was", new ObjectForm("a mapping with 'target'", Target), "How it was, so that 'down: auto' can change it back.")),
        static (node, context) =>
        {
            var fields = Fields.Of(node);
            return new AlterStatistics { Position = context.Position, Scope = context.Scope, Statistics = fields.Name("name"), StatisticsTarget = fields.Optional("target")!, Was = fields.Object("was")?.Optional("target") };
        });

    /// <inheritdoc/>
    public override string Name => Definition.Name;

    /// <summary>The statistics.</summary>
    public required ObjectName Statistics { get; init; }

    /// <summary>The target, or nothing for as at the columns.</summary>
    public required OptionalValue StatisticsTarget { get; init; }

    /// <summary>The target as it was, or null.</summary>
    public OptionalValue? Was { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<SourceText> ToSql(SqlTokens tokens) => [Statement($"ALTER STATISTICS {Statistics.ToSql(tokens, Scope)} SET STATISTICS {StatisticsTarget.Text ?? "-1"}")];

    /// <inheritdoc/>
    public override Inverse Invert() => Was is null
        ? Inverse.Unknown($"'target' of the statistics '{Statistics}'", "changed", "{target: ...}")
        : Inverse.By(this with { StatisticsTarget = Was, Was = StatisticsTarget });
}
