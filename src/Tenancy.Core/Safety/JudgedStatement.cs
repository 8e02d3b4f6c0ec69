using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Safety.Reading;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Safety;

/// <summary>A statement in its place of a plan, with what rules ask of it.</summary>
/// <param name="Planned">The statement.</param>
/// <param name="Text">It, as it was read.</param>
/// <param name="Stage">Its stage.</param>
/// <param name="Transaction">The number of its transaction in the plan.</param>
internal sealed record JudgedStatement(PlannedStatement Planned, StatementText Text, PlanStage Stage, int Transaction)
{
    // Every later statement of the transaction asks for them.
    private readonly Lazy<IReadOnlyList<TableLock>> locks = new(() => [.. TableLock.Of(Text)]);
    private readonly Lazy<IReadOnlyList<string>> enumValues = new(() => [.. EnumValues.AddedBy(Text)]);

    /// <summary>The plan.</summary>
    public required PlanText Plan { get; init; }

    /// <summary>Its number in the plan.</summary>
    public required int Number { get; init; }

    /// <summary>The locks that it takes.</summary>
    public IReadOnlyList<TableLock> Locks => locks.Value;

    /// <summary>The enum values that it adds.</summary>
    public IReadOnlyList<string> AddedEnumValues => enumValues.Value;

    /// <summary>The schema before it.</summary>
    public KnownSchema Known => Plan.Known;

    /// <summary>The manifest.</summary>
    public Manifest Manifest => Stage.Revision.Manifest;

    /// <summary>Does it undo?</summary>
    public bool IsDown => Stage.Revision.Direction == RevisionDirection.Down;

    /// <summary>The statements of the same transaction before it.</summary>
    public IEnumerable<JudgedStatement> Before => Plan.Statements.Take(Number).Where(other => other.Transaction == Transaction);

    /// <summary>The statements of the same transaction after it.</summary>
    public IEnumerable<JudgedStatement> After => Plan.Statements.Skip(Number + 1).TakeWhile(other => other.Transaction == Transaction);

    /// <summary>Does anybody use the table already? Not where the plan makes it.</summary>
    /// <param name="table">The table.</param>
    public bool IsInUse(TableName table) => !Known.IsNew(table);

    /// <summary>The table as it is shown.</summary>
    public string Show(TableName table) => table.Show(Text.Tokens);

    /// <summary>True for a table, view or the like of the tenants, or of the shared schema for its own revisions.</summary>
    public bool IsOwn(TableName name) => name.Schema == (Manifest.Scope == MigrationScope.Tenant ? Text.Tokens.Tenant : Text.Tokens.Shared);
}

/// <summary>A plan as it is judged.</summary>
/// <param name="Project">The project.</param>
/// <param name="Known">The schema, as it is before the statement that is judged.</param>
/// <param name="Target">What is known of where it will run.</param>
internal sealed record PlanText(TenancyProject Project, KnownSchema Known, JudgedTarget Target)
{
    private Dictionary<TableName, int>? made;

    /// <summary>Its statements, in order.</summary>
    public ImmutableArray<JudgedStatement> Statements { get; set; } = [];

    /// <summary>Is a table made by a statement before another one?</summary>
    /// <param name="table">The table.</param>
    /// <param name="number">The number of the other.</param>
    public bool IsMadeBefore(TableName table, int number)
    {
        made ??= Statements.Where(static judged => judged.Text is { IsCreateTable: true, Target: not null }).GroupBy(static judged => judged.Text.Target!).ToDictionary(static group => group.Key, static group => group.Min(static judged => judged.Number));
        return made.TryGetValue(table, out var first) && first < number;
    }
}

/// <summary>Where a plan will run, as far as that is known.</summary>
/// <param name="Tenants">Names and schemas of the tenants; empty without a connection.</param>
/// <param name="ExtensionSchemas">Where the database's extensions are; null where nobody knows.</param>
/// <param name="Arguments">The run's arguments; empty where there are none.</param>
internal sealed record JudgedTarget(IReadOnlyCollection<(string Name, string Schema)> Tenants, IReadOnlyCollection<string>? ExtensionSchemas, IReadOnlyDictionary<string, string> Arguments)
{
    /// <summary>Nobody knows.</summary>
    public static JudgedTarget Unknown { get; } = new([], null, new Dictionary<string, string>());

    /// <summary>The schemas of the tenants.</summary>
    public IReadOnlySet<string> Schemas { get; } = Tenants.Select(static tenant => tenant.Schema).ToHashSet(StringComparer.Ordinal);
}
