using System.Collections.Immutable;
using Tenancy.Core.Catalog;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Provisioning;

/// <summary>What tenants are made from: a schema's definition as statements, compiled once and filled for each tenant.</summary>
/// <param name="Early">What comes before rows: tables, and all that they and their columns need.</param>
/// <param name="Late">What comes after them, or would see or hinder them: foreign keys in the schema that rows do not meet as they come, what is not valid, triggers, rules, policies, materialised views.</param>
/// <param name="Last">What locks tables of other schemas until COMMIT: keys to them.</param>
/// <param name="Shape">That of the schema that it was taken from: what is made of it must have the same.</param>
internal sealed record Blueprint(PlanTransaction? Early, PlanTransaction? Late, PlanTransaction? Last, SchemaSnapshot Shape)
{
    /// <summary>What gives constraints the names that they have there, once what comes early is made (<see cref="NotNullNames"/>).</summary>
    public ImmutableArray<SqlTemplate> Names { get; init; } = [];

    /// <summary>Rows that every tenant begins with, and where its sequences stand.</summary>
    public ImmutableArray<SqlTemplate> Rows { get; init; } = [];

    /// <summary>About how many entries of the server's lock table one tenant takes: one a relation, for the most part.</summary>
    public long Locks { get; init; }

    /// <summary>About how many tenants could be made of it in one transaction before the server's lock table is full.</summary>
    public long Room { get; init; }

    /// <summary>Its parts that have statements, in order; rows come after the early one.</summary>
    public IEnumerable<PlanTransaction> Parts => new[] { Early, Late, Last }.OfType<PlanTransaction>();

    /// <summary>What locks nothing of others, and rows, as one text of SQL.</summary>
    /// <param name="values">Those of the tenant.</param>
    public string OwnText(SqlValues values) => Text(Statements(Early).Concat(Names).Concat(Rows).Concat(Statements(Late)), values);

    /// <summary>What comes last, as one text of SQL; empty for nothing.</summary>
    /// <param name="values">Those of the tenant.</param>
    public string LastText(SqlValues values) => Text(Statements(Last), values);

    /// <summary>What its statements change or lock outside the schema, by what they are.</summary>
    public IEnumerable<Touch> Touches => Parts.SelectMany(static part => part.Touches);

    /// <summary>True for a stage of it.</summary>
    /// <param name="stage">The stage.</param>
    public bool Holds(PlanStage stage) => Parts.Any(part => part.Stages.Contains(stage));

    private static string Text(IEnumerable<SqlTemplate> statements, SqlValues values) => string.Concat(statements.Select(statement => statement.Render(values) + ";\n"));

    private static IEnumerable<SqlTemplate> Statements(PlanTransaction? part) => part?.Stages.SelectMany(static stage => stage.Statements).Select(static planned => planned.Statement.Template) ?? [];
}
