namespace Tenancy.Core.Safety.Reading;

/// <summary>A lock that a statement takes on a table that is there already.</summary>
/// <param name="Table">The table.</param>
/// <param name="Mode">The mode in one word, such as <c>AccessExclusive</c>.</param>
internal sealed record TableLock(TableName Table, string Mode)
{
    /// <summary>Shuts out everybody.</summary>
    public const string AccessExclusive = nameof(AccessExclusive);

    /// <summary>Shuts out whoever writes, and other schema changes.</summary>
    public const string ShareRowExclusive = nameof(ShareRowExclusive);

    /// <summary>Shuts out whoever writes.</summary>
    public const string Share = nameof(Share);

    /// <summary>Shuts out other schema changes and VACUUM.</summary>
    public const string ShareUpdateExclusive = nameof(ShareUpdateExclusive);

    /// <summary>The locks stronger than reading and writing rows that a statement takes (manual, 13.3.1, and ALTER TABLE; each is confirmed on a server by a test).</summary>
    /// <param name="text">The statement.</param>
    public static IEnumerable<TableLock> Of(StatementText text) => text.Command switch
    {
        "ALTER TABLE" or "ALTER FOREIGN TABLE" when text.Target is { } table => OfAlter(table, text),
        "CREATE TABLE" => text.Constraints.Select(static constraint => constraint.References).OfType<TableName>().Select(static table => new TableLock(table, ShareRowExclusive)),
        "CREATE INDEX" when text.Target is { } table => [new(table, text.IsConcurrent ? ShareUpdateExclusive : Share)],
        "CREATE TRIGGER" when text.Target is { } table => [new(table, ShareRowExclusive)],
        "CREATE POLICY" or "ALTER POLICY" or "CREATE RULE" or "DROP POLICY" or "DROP TRIGGER" or "DROP RULE" when text.Target is { } table => [new(table, AccessExclusive)],
        "DROP TABLE" or "TRUNCATE" or "DROP VIEW" or "DROP MATERIALIZED VIEW" or "CLUSTER" => text.Targets.Select(static table => new TableLock(table, AccessExclusive)),
        "LOCK" => text.Targets.Select(table => new TableLock(table, LockMode(text))),
        "REFRESH MATERIALIZED VIEW" when text.Target is { } view => [new(view, text.IsConcurrent ? "Exclusive" : AccessExclusive)],
        _ => [],
    };

    private static IEnumerable<TableLock> OfAlter(TableName table, StatementText text)
    {
        // One statement takes the strongest of what its actions need.
        yield return new(table, text.Actions.Select(ModeOf).MaxBy(Rank) ?? AccessExclusive);
        foreach (var constraint in text.Actions.SelectMany(static action => (action.Column?.Constraints ?? []).Append(action.Constraint!)).Where(static constraint => constraint?.References is not null))
        {
            yield return new(constraint.References!, ShareRowExclusive);
        }
    }

    private static string ModeOf(TableAction action) => action.Kind switch
    {
        ActionKind.Validate or ActionKind.Tune or ActionKind.Attach or ActionKind.DetachConcurrently => ShareUpdateExclusive,
        ActionKind.SetTrigger => ShareRowExclusive,
        ActionKind.AddConstraint when action.Constraint!.Kind == ConstraintKind.ForeignKey => ShareRowExclusive,
        _ => AccessExclusive,
    };

    private static string LockMode(StatementText text)
    {
        var at = text.AfterTarget;
        return text.Code.Follows(at, "IN ACCESS SHARE") ? "AccessShare" : text.Code.Follows(at, "IN ROW SHARE") ? "RowShare" : text.Code.Follows(at, "IN ROW EXCLUSIVE") ? "RowExclusive"
            : text.Code.Follows(at, "IN SHARE UPDATE") ? ShareUpdateExclusive : text.Code.Follows(at, "IN SHARE ROW") ? ShareRowExclusive : text.Code.Follows(at, "IN SHARE") ? Share
            : text.Code.Follows(at, "IN EXCLUSIVE") ? "Exclusive" : AccessExclusive;
    }

    private static int Rank(string mode) => Rehearsals.RehearsalReport.Strength(mode);
}
