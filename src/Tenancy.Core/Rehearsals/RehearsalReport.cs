using System.Globalization;
using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.Planning;
using Tenancy.Model;

namespace Tenancy.Core.Rehearsals;

/// <summary>What a rehearsal of one schema has found: what could not be tried, and what that excuses; times and locks.</summary>
/// <param name="mask">Takes secrets out of what the server says.</param>
internal sealed class RehearsalReport(Func<string, string> mask)
{
    // PostgreSQL manual, appendix A.
    private const string UnsafeNewEnumValueUsage = "55P04";
    private const string ActiveSqlTransaction = "25001";

    private static readonly string[] Modes = ["AccessShare", "RowShare", "RowExclusive", "ShareUpdateExclusive", "Share", "ShareRowExclusive", "Exclusive", "AccessExclusive"];

    private readonly List<RehearsalNote> ranOtherwise = [];
    private readonly List<RehearsalNote> notRehearsed = [];
    private readonly List<RehearsedStatement> statements = [];
    private readonly List<(string Revision, double Seconds)> timings = [];
    private readonly Dictionary<(string Schema, string Name), RehearsedLock> locks = [];
    private readonly Dictionary<string, (string File, long Scans)> files = new(StringComparer.Ordinal);
    private string? enumValue;
    private string? leftOut;

    /// <summary>True where a statement may fail here that will not fail in the run: each is tried by itself from here on.</summary>
    public bool IsCautious => enumValue is not null || leftOut is not null;

    /// <summary>Entries of the lock table at the end.</summary>
    public long LockCount { get; set; }

    /// <summary>Round trips and other waiting that the run will have, seconds.</summary>
    public double RoundTripSeconds { get; set; }

    /// <summary>Pauses between batches that the run will make, seconds.</summary>
    public double PauseSeconds { get; set; }

    /// <summary>What was not rehearsed so far.</summary>
    public IReadOnlyCollection<RehearsalNote> NotRehearsed => notRehearsed;

    /// <summary>Notes that a statement ran in another form.</summary>
    public void RanAs(PlanStage stage, PlannedStatement planned, string message) => ranOtherwise.Add(Note(stage, planned, message));

    /// <summary>Notes that something was not tried.</summary>
    /// <param name="stage">Where.</param>
    /// <param name="planned">The statement; null for the revision.</param>
    /// <param name="why">Why.</param>
    /// <param name="hasEffect">True where what follows may rely on it.</param>
    public void LeaveOut(PlanStage stage, PlannedStatement? planned, string why, bool hasEffect)
    {
        var note = Note(stage, planned, why);
        notRehearsed.Add(note);
        leftOut ??= hasEffect ? Place(note) : null;
    }

    /// <summary>Notes a revision that waits for the other scope.</summary>
    public void Waits(Revisions.RevisionStep step) => notRehearsed.Add(new()
    {
        Revision = step.Manifest.Revision,
        Manifest = step.Manifest.Path,
        Message = $"it waits for {string.Join(", ", step.OtherScope)} of the other scope.",
    });

    /// <summary>Goes on where another's part of the same transaction ended: what that left out is not there for this one either.</summary>
    /// <param name="before">The other's.</param>
    public void Follow(RehearsalReport before)
    {
        enumValue ??= before.enumValue;
        leftOut ??= before.leftOut;
    }

    /// <summary>Takes over why another's part of the same transaction was not rehearsed.</summary>
    /// <param name="other">The other's; itself for none.</param>
    public void TakeOver(RehearsalReport other)
    {
        if (!ReferenceEquals(other, this))
        {
            notRehearsed.InsertRange(0, other.notRehearsed);
        }
    }

    /// <summary>Notes an enum value that was added: in the same transaction nothing can use it.</summary>
    public void AddedEnumValue(PlanStage stage, PlannedStatement planned) => enumValue ??= Place(Note(stage, planned, ""));

    /// <summary>Notes an error that the run may not meet, because something is not as it will be there.</summary>
    /// <param name="error">The error.</param>
    /// <param name="stage">Where.</param>
    /// <param name="planned">The statement, or null.</param>
    /// <returns>Null where it will meet it; else whether the rehearsal can go on.</returns>
    public bool? Excuse(Exception error, PlanStage stage, PlannedStatement? planned)
    {
        var sqlState = error switch
        {
            StatementException failed => failed.Error.SqlState,
            CheckFailedException { Error: { } cause } => cause.SqlState,
            CheckFailedException => "",
            _ => null,
        };
        if (sqlState is null)
        {
            return null;
        }

        if (sqlState == UnsafeNewEnumValueUsage && enumValue is not null)
        {
            LeaveOut(stage, planned, $"it uses an enum value of {enumValue}, which PostgreSQL allows only when that is committed.", hasEffect: true);
            return true;
        }

        if (sqlState == ActiveSqlTransaction && planned is { Statement.IsTransactional: false })
        {
            LeaveOut(stage, planned, "PostgreSQL runs it outside a transaction only, without CONCURRENTLY too.", hasEffect: true);
            return true;
        }

        if (leftOut is null)
        {
            return null;
        }

        LeaveOut(stage, planned, $"not rehearsed from here on: it fails, perhaps only because {leftOut} was not rehearsed: {mask(error.Message)}", hasEffect: true);
        return false;
    }

    /// <summary>Takes times and locks of a part.</summary>
    /// <param name="intervals">What it did.</param>
    /// <param name="known">Relations that were there before, by OID.</param>
    /// <param name="plain">Statements that ran in their plain form.</param>
    public void Take(IReadOnlyList<RehearsalClock.Interval> intervals, IReadOnlyDictionary<string, (string Schema, string Name, string File)> known, IReadOnlySet<PlannedStatement> plain)
    {
        for (var i = 0; i < intervals.Count; i++)
        {
            var (stage, planned, seconds, taken, after) = intervals[i];
            timings.Add((stage.Revision.Manifest.Revision, seconds));
            var (rewritten, scanned) = Compare(after, known);
            // Each batch is a transaction of its own in the run.
            var held = stage.Batch is null ? intervals.Skip(i).Sum(static interval => interval.Seconds) : intervals.Max(static interval => interval.Seconds);
            List<RehearsedLock> own = [];
            foreach (var (relation, mode) in taken.Select(static text => text.Split(' ')).Select(static parts => (parts[0], parts[1][..^"Lock".Length])))
            {
                if (known.TryGetValue(relation, out var name))
                {
                    own.Add(Take((name.Schema, name.Name), mode, held, planned, plain));
                }
            }

            if (planned is not null)
            {
                Take(stage, planned, seconds, own, rewritten, scanned);
            }
        }
    }

    /// <summary>What it ends with.</summary>
    /// <param name="result">The result without what is here.</param>
    public MigrationRehearsal Complete(MigrationRehearsal result) => result with
    {
        Seconds = Math.Round(timings.Sum(static timing => timing.Seconds) + RoundTripSeconds, 6),
        PauseSeconds = PauseSeconds,
        Timings = [.. timings.GroupBy(static timing => timing.Revision).Select(static group => new RehearsedRevision { Revision = group.Key, Seconds = Math.Round(group.Sum(static timing => timing.Seconds), 6) })],
        Statements = [.. statements],
        Locks = [.. Ordered(locks.Values)],
        LockCount = LockCount,
        RanOtherwise = [.. ranOtherwise],
        NotRehearsed = [.. notRehearsed],
    };

    /// <summary>Locks, the strongest first, then those held longest.</summary>
    public static IEnumerable<RehearsedLock> Ordered(IEnumerable<RehearsedLock> locks) =>
        locks.OrderByDescending(static held => Strength(held.Mode)).ThenByDescending(static held => held.Seconds).ThenBy(static held => held.ToString(), StringComparer.Ordinal);

    /// <summary>How much a mode shuts out, as a number to compare.</summary>
    public static int Strength(string mode) => Array.IndexOf(Modes, mode);

    // Which tables have another file than before, and which were read from end to end since.
    private (string[] Rewritten, string[] Scanned) Compare(IReadOnlyList<string> after, IReadOnlyDictionary<string, (string Schema, string Name, string File)> known)
    {
        List<string> rewritten = [];
        List<string> scanned = [];
        foreach (var parts in after.Select(static text => text.Split(' ')))
        {
            var (file, scans) = (parts[1], long.Parse(parts[2], CultureInfo.InvariantCulture));
            if (known.TryGetValue(parts[0], out var relation))
            {
                var before = files.GetValueOrDefault(parts[0], (relation.File, 0));
                rewritten.AddRange(before.Item1 != file ? [$"{relation.Schema}.{relation.Name}"] : []);
                scanned.AddRange(before.Item2 < scans ? [$"{relation.Schema}.{relation.Name}"] : []);
            }

            files[parts[0]] = (file, scans);
        }

        return ([.. rewritten.Distinct()], [.. scanned.Distinct()]);
    }

    private void Take(PlanStage stage, PlannedStatement planned, double seconds, List<RehearsedLock> taken, string[] rewritten, string[] scanned)
    {
        if (statements is [.., { } last] && last.Line == planned.Statement.Position.Line && last.Manifest == planned.Statement.Position.File && stage.Batch is not null)
        {
            statements[^1] = last with { Seconds = last.Seconds + seconds };
            return;
        }

        statements.Add(new()
        {
            Revision = stage.Revision.Manifest.Revision,
            Manifest = planned.Statement.Position.File,
            Line = planned.Statement.Position.Line,
            Operation = planned.Operation.Name,
            Statement = planned.Statement.Template.Source,
            Seconds = Math.Round(seconds, 6),
            Locks = [.. Ordered(taken)],
            Rewritten = rewritten,
            Scanned = scanned,
        });
    }

    private RehearsedLock Take((string Schema, string Name) relation, string mode, double held, PlannedStatement? planned, IReadOnlySet<PlannedStatement> plain)
    {
        var taken = new RehearsedLock
        {
            Schema = relation.Schema,
            Relation = relation.Name,
            Mode = mode,
            Seconds = Math.Round(held, 6),
            Manifest = planned?.Statement.Position.File,
            Line = planned?.Statement.Position.Line,
            IsOfPlainForm = planned is not null && plain.Contains(planned),
        };
        if (!locks.TryGetValue(relation, out var before) || Strength(before.Mode) < Strength(mode))
        {
            locks[relation] = taken;
        }

        return taken;
    }

    private static RehearsalNote Note(PlanStage stage, PlannedStatement? planned, string message) => new()
    {
        Revision = stage.Revision.Manifest.Revision,
        Manifest = planned?.Statement.Position.File ?? stage.Revision.Manifest.Path,
        Line = planned?.Statement.Position.Line,
        Operation = planned?.Operation.Name,
        Message = message,
    };

    private static string Place(RehearsalNote note) => string.Create(CultureInfo.InvariantCulture, $"{note.Manifest}{(note.Line is { } line ? $":{line}" : "")}");
}

/// <summary>What follows cannot be rehearsed; the report says why.</summary>
internal sealed class RehearsalEndedException : Exception;
