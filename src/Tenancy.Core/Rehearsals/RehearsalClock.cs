using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.History;
using Tenancy.Core.Planning;

namespace Tenancy.Core.Rehearsals;

/// <summary>
/// Times what a part of a rehearsal does, and sees which statement takes which lock: by a reading of the server's clock and of the own locks after each statement, in the same message.
/// Round trips are not in it.
/// </summary>
/// <param name="history">The history schema's SQL.</param>
internal sealed class RehearsalClock(HistorySql history)
{
    private readonly Queue<Mark> sent = [];
    private readonly List<Interval> intervals = [];
    private Reading? last;

    /// <summary>What was done, in order.</summary>
    public IReadOnlyList<Interval> Intervals => intervals;

    /// <summary>Adds the reading with which a message begins.</summary>
    public void AddStart(CommandList commands) => Add(commands, new(true, null, null));

    /// <summary>Adds the reading that ends something.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="stage">What it was done for.</param>
    /// <param name="statement">The statement; null for a check, deferred constraints, proof and history.</param>
    public void AddEnd(CommandList commands, PlanStage stage, PlannedStatement? statement) => Add(commands, new(false, stage, statement));

    /// <summary>Forgets readings that were sent and will not come: what came before them failed.</summary>
    public void Drop() => sent.Clear();

    /// <summary>True where the reader stands at a reading.</summary>
    public static bool IsReading(NpgsqlDataReader reader) => reader.FieldCount == 4 && reader.GetName(0) == "tenancy_clock";

    /// <summary>Takes the reading.</summary>
    public async Task ReadAsync(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        await reader.ReadAsync(cancellation);
        var reading = new Reading(reader.GetDouble(0), [.. reader.GetFieldValue<string[]>(1)], reader.GetFieldValue<string[]>(2), reader.GetDouble(3));
        if (sent.Dequeue() is { IsStart: false, Stage: { } stage, Statement: var statement })
        {
            intervals.Add(new(stage, statement, Math.Max(0, reading.Ended - last!.Begins), [.. reading.Locks.Except(last.Locks)], reading.Files));
        }

        last = reading;
    }

    private void Add(CommandList commands, Mark mark)
    {
        sent.Enqueue(mark);
        commands.Add(history.File("rehearsal_clock"));
    }

    /// <summary>Something that was done.</summary>
    /// <param name="Stage">What for.</param>
    /// <param name="Statement">The statement, or null.</param>
    /// <param name="Seconds">How long it took.</param>
    /// <param name="Locks">The locks that it took and that were not held before: the relation's OID, a blank, the mode.</param>
    /// <param name="Files">The tables that are locked after it: OID, file and how often it was read from end to end, with blanks between.</param>
    public sealed record Interval(PlanStage Stage, PlannedStatement? Statement, double Seconds, IReadOnlyList<string> Locks, IReadOnlyList<string> Files);

    private sealed record Mark(bool IsStart, PlanStage? Stage, PlannedStatement? Statement);

    private sealed record Reading(double Ended, HashSet<string> Locks, string[] Files, double Begins);
}
