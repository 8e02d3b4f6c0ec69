using Tenancy.Core.Catalog.Diffs.Values;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>The hazards that statements have (manual, ALTER TABLE, CREATE INDEX; 13.3.1 of the manual for locks).</summary>
internal static class Hazards
{
    private const string Exclusive = "ACCESS EXCLUSIVE";

    /// <summary>Nobody may use the table, for a moment.</summary>
    public static ChangeHazard Instant(string table) => Lock(table, Exclusive, LockDuration.Instant, $"Nobody reads or writes {table} for an instant (ACCESS EXCLUSIVE).");

    /// <summary>Nobody may use the table while every row is read.</summary>
    public static ChangeHazard Scan(string table) => Lock(table, Exclusive, LockDuration.Scan, $"Nobody reads or writes {table} while all its rows are read (ACCESS EXCLUSIVE).");

    /// <summary>Nobody may use the table while every row is written.</summary>
    public static ChangeHazard Rewrite(string table) => new(HazardKind.RewritesTable, $"All rows of {table} are written anew, and nobody reads or writes it meanwhile (ACCESS EXCLUSIVE).") { Table = table, Lock = Exclusive, Duration = LockDuration.Rewrite };

    /// <summary>A materialized view is filled, and its indexes built.</summary>
    public static ChangeHazard Fill(string view) => new(HazardKind.RewritesTable, $"{view} is filled again: its query reads all that it is about, its indexes are built anew, and nobody reads it meanwhile (ACCESS EXCLUSIVE).") { Table = view, Lock = Exclusive, Duration = LockDuration.Rewrite };

    /// <summary>The indexes of a column are built while nobody may use the table.</summary>
    public static ChangeHazard Rebuild(string table, string column) => new(HazardKind.BuildsIndex, $"The indexes of {table} that sort by {column} are built anew, and nobody reads or writes {table} meanwhile (ACCESS EXCLUSIVE).") { Table = table, Lock = Exclusive, Duration = LockDuration.Rewrite };

    /// <summary>Rows that the log does not have (manual, CREATE TABLE, UNLOGGED).</summary>
    public static ChangeHazard Unlogged(string table) => new(HazardKind.NotCrashSafe, $"The rows of {table} are gone after a crash of the server as long as it is unlogged, and standbys have none.") { Table = table };

    /// <summary>Writers go on while every row is read.</summary>
    public static ChangeHazard Validate(string table) => new(HazardKind.ScansTable, $"All rows of {table} are read; writers go on (SHARE UPDATE EXCLUSIVE).") { Table = table, Lock = "SHARE UPDATE EXCLUSIVE", Duration = LockDuration.Scan };

    /// <summary>An index is built while writers go on.</summary>
    public static ChangeHazard BuildOnline(string table) => new(HazardKind.BuildsIndex, $"An index of {table} is built; writers go on, and it takes room on the disk (SHARE UPDATE EXCLUSIVE).") { Table = table, Lock = "SHARE UPDATE EXCLUSIVE", Duration = LockDuration.Rewrite };

    /// <summary>An index is built while writers wait.</summary>
    public static ChangeHazard Build(string table) => new(HazardKind.BuildsIndex, $"An index of {table} is built, and writers wait meanwhile (SHARE).") { Table = table, Lock = "SHARE", Duration = LockDuration.Rewrite };

    /// <summary>Writers of both tables wait for a moment.</summary>
    public static ChangeHazard WritersWait(string table, LockDuration duration) => Lock(table, "SHARE ROW EXCLUSIVE", duration,
        duration == LockDuration.Instant ? $"Writers of {table} wait for an instant (SHARE ROW EXCLUSIVE)." : $"Writers of {table} wait while all rows are read (SHARE ROW EXCLUSIVE).");

    /// <summary>Rows or values go.</summary>
    public static ChangeHazard Deletes(string what) => new(HazardKind.DeletesData, $"{what} {(what.StartsWith("The rows", StringComparison.Ordinal) || what.StartsWith("The values", StringComparison.Ordinal) ? "are" : "is")} gone, also after an undo.");

    /// <summary>What values lose when they get another type, and what is taken for granted.</summary>
    public static IEnumerable<ChangeHazard> Converted(string column, string type, ValueConversion conversion)
    {
        if (conversion.Losses.Count > 0)
        {
            yield return new(HazardKind.DeletesData, $"Values of {column} that {type} does not hold change without an error, also after an undo: {string.Join("; ", conversion.Losses)}.");
        }

        if (conversion.TakesUtc)
        {
            yield return new(HazardKind.AssumesTimeZone, $"Values of {column} without a zone are taken to be UTC: where they are of another zone, write it in 'using'.");
        }

        if (conversion.DependsOnSession)
        {
            yield return new(HazardKind.AssumesTimeZone, $"Values of {column} are converted by the TimeZone and DateStyle of the role or database that it runs with: they must be those with which the values were written.");
        }
    }

    /// <summary>Something is gone between two commits.</summary>
    public static ChangeHazard Away(ObjectIdentity what) => new(HazardKind.LeavesGap, $"The {what} is gone until it is made again further down, and something in between commits: whoever works meanwhile works without it. Stop the application for that time, or use plain forms.") { Table = what.Table };

    /// <summary>Everybody may call what they might not before.</summary>
    public static ChangeHazard Opens(ObjectIdentity routine, ObjectIdentity former) => new(HazardKind.OpensAccess, $"PUBLIC may execute the {routine}, and might not the {former}, in whose place it comes. Where that is not meant, REVOKE EXECUTE … FROM PUBLIC.");

    /// <summary>It fails on some data.</summary>
    public static ChangeHazard Fails(string why) => new(HazardKind.DependsOnData, $"It fails where {why}.");

    private static ChangeHazard Lock(string table, string mode, LockDuration duration, string message) => new(HazardKind.TakesLock, message) { Table = table, Lock = mode, Duration = duration };
}
