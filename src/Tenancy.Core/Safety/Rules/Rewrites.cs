using Tenancy.Core.Safety.Reading;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Safety.Rules;

/// <summary>What reads or writes a whole table under a lock.</summary>
internal static class Rewrites
{
    /// <summary><c>table-rewrite</c>.</summary>
    public static readonly SafetyRule TableRewrite = new(
        "table-rewrite",
        "A table is written anew under a lock",
        "Every row and every index is written again while nobody can read or write the table, and the disk must hold both copies.",
        "Add a plain column and fill it in batches (update with batch); numbers come from a sequence and a default set afterwards. VACUUM FULL and CLUSTER belong in a window, or are done by pg_repack.",
        SafetySeverity.Warning,
        static judged => Find(judged).Select(static found => new SafetyFault(found.Message, found.Table) { Lock = TableLock.AccessExclusive, Effect = SafetyFault.Rewrite }))
    {
        NoteBelow = TableSize.Small,
        ErrorFrom = TableSize.Large,
    };

    /// <summary><c>lock-during-scan</c>.</summary>
    public static readonly SafetyRule LockDuringScan = new(
        "lock-during-scan",
        "A lock is held while a table is read",
        "The lock is held as long as it takes to read every row, and whoever comes later waits behind it.",
        "Refresh and reindex concurrently. Before attaching a partition, give it a check of its bounds: not_valid, then validate_constraint; attaching reads nothing then.",
        SafetySeverity.Warning,
        FindScans)
    {
        NoteBelow = TableSize.Small,
        ErrorFrom = TableSize.Large,
    };

    /// <summary><c>type-change-rewrite</c>.</summary>
    public static readonly SafetyRule TypeChange = new(
        "type-change-rewrite",
        "A new type writes the table anew",
        "Where the stored form differs, every row and every index is written again while nobody can read or write the table.",
        "Add a column of the new type, fill it in batches, let the application write both, and drop the old column in a later revision. A longer varchar, text for varchar, and a numeric of more digits and the same scale change nothing stored.",
        SafetySeverity.Warning,
        FindTypeChanges)
    {
        NoteBelow = TableSize.Small,
        ErrorFrom = TableSize.Large,
    };

    private static IEnumerable<(string Message, TableName Table)> Find(JudgedStatement judged)
    {
        var text = judged.Text;
        if (text.Target is not { } table || !judged.IsInUse(table))
        {
            yield break;
        }

        var name = judged.Show(table);
        if (text.Command == "CLUSTER" || (text.Command == "VACUUM" && IsFull(text.Code)))
        {
            yield return ($"{text.Command}{(text.Command == "VACUUM" ? " FULL" : "")} writes {name} anew.", table);
        }

        foreach (var action in text.Command == "ALTER TABLE" ? text.Actions : [])
        {
            if (action.Kind == ActionKind.Rewrite)
            {
                yield return ($"{Words(text.Code, action)} writes {name} anew.", table);
            }
            else if (action.Column is { IsStored: true } column)
            {
                yield return ($"each row of {name} gets a value of {column.Name}, which writes the table anew.", table);
            }
        }
    }

    private static IEnumerable<SafetyFault> FindScans(JudgedStatement judged)
    {
        var text = judged.Text;
        if (text.Command == "REFRESH MATERIALIZED VIEW" && !text.IsConcurrent && text.Target is { } view && judged.IsInUse(view) && !text.Code.Follows(text.AfterTarget, "WITH NO DATA"))
        {
            yield return new($"{judged.Show(view)} can be read by nobody until its query has run.", view) { Lock = TableLock.AccessExclusive, Effect = SafetyFault.Rewrite };
        }

        if (text.Command.StartsWith("REINDEX", StringComparison.Ordinal) && !text.IsConcurrent)
        {
            var (kind, _) = SqlNonTransactional.Reindex(text.Code);
            var table = text.Code.Is(kind, "TABLE") ? text.Target : text.Code.Is(kind, "INDEX") ? judged.Known.TableOf(text.Target?.Name ?? "") : null;
            if (table is null || judged.IsInUse(table))
            {
                yield return new($"whoever writes {(table is null ? "the table" : judged.Show(table))} waits until the index is built anew.", table) { Lock = TableLock.Share, Effect = SafetyFault.IndexBuild };
            }
        }

        foreach (var action in text.Actions.Where(static action => action.Kind == ActionKind.Attach))
        {
            var at = action.Start + 2;
            if (TableName.Read(text.Code, ref at, text.Tokens, text.Scope) is { } partition && judged.IsInUse(partition) && judged.Known[partition]?.HasCheck != true)
            {
                yield return new($"each row of {judged.Show(partition)} is read, to see that it belongs there.", partition) { Lock = TableLock.AccessExclusive, Effect = SafetyFault.Scan };
            }
        }
    }

    private static IEnumerable<SafetyFault> FindTypeChanges(JudgedStatement judged)
    {
        if (judged.Text is not { Command: "ALTER TABLE", Target: { } table } || !judged.IsInUse(table))
        {
            yield break;
        }

        foreach (var action in judged.Text.Actions.Where(static action => action.Kind == ActionKind.AlterType))
        {
            var before = judged.Known[table]?.Types.GetValueOrDefault(action.Name!);
            if (action.IsComputed || before is null || !TypeNames.KeepsRows(before, action.Type!))
            {
                yield return new($"{judged.Show(table)}.{action.Name} becomes {action.Type}{(before is null ? "" : $" from {before}")}{(action.IsComputed ? ", by an expression" : "")}, which writes the table anew{(before is null ? ", unless both are stored alike" : "")}.", table)
                {
                    Lock = TableLock.AccessExclusive,
                    Effect = SafetyFault.Rewrite,
                };
            }
            else if (action.IsCollated)
            {
                // Rows stay, their order does not (PostgreSQL, indexcmds.c, CheckIndexCompatible).
                yield return new($"{judged.Show(table)}.{action.Name} gets a collation, with which each index that has the column is built anew.", table)
                {
                    Lock = TableLock.AccessExclusive,
                    Effect = SafetyFault.IndexBuild,
                };
            }
        }
    }

    private static bool IsFull(SqlCode code)
    {
        for (var index = 1; index < code.Count && (code.Kind(1) != SqlTokenKind.OpenParenthesis || code.Kind(index - 1) != SqlTokenKind.CloseParenthesis); index++)
        {
            if (code.Is(index, "FULL"))
            {
                return !code.IsAny(index + 1, "FALSE", "OFF");
            }
        }

        return false;
    }

    private static string Words(SqlCode code, TableAction action) =>
        string.Join(' ', Enumerable.Range(action.Start, Math.Min(3, action.End - action.Start)).Select(code.Keyword).Where(static word => word is "SET" or "LOGGED" or "UNLOGGED" or "ACCESS" or "METHOD" or "TABLESPACE"));
}
