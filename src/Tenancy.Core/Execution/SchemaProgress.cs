using System.Collections.Immutable;
using Tenancy.Core.History;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Model;

namespace Tenancy.Core.Execution;

/// <summary>How far a run has brought one schema, and what it ends with.</summary>
/// <param name="context">The run.</param>
/// <param name="target">The schema.</param>
/// <param name="state">Its state before.</param>
internal sealed class SchemaProgress(RunContext context, SchemaTarget target, SchemaState state)
{
    private readonly ImmutableArray<string> from = state.Heads;
    private Task? flush = context.Found;

    /// <summary>The schema.</summary>
    public SchemaTarget Target => target;

    /// <summary>Its state as far as it is known.</summary>
    public SchemaState State { get; set; } = state;

    /// <summary>Revisions applied or undone so far, in order.</summary>
    public List<string> Revisions { get; } = [];

    /// <summary>Revisions recorded as applied and not run, in order.</summary>
    public List<string> Marked { get; } = [];

    /// <summary>What the revisions that were left out require, by revision.</summary>
    public Dictionary<string, RevisionCheck> Skipped { get; } = new(StringComparer.Ordinal);

    /// <summary>Where its first plan led; null before.</summary>
    public ResolvedTarget? Goal { get; set; }

    /// <summary>Revisions that wait for the other scope.</summary>
    public ImmutableArray<RevisionStep> Waiting { get; set; } = [];

    /// <summary>True where another run has done what this one found to do.</summary>
    public bool IsTaken { get; set; }

    /// <summary>The run that did, and who ran it; null where history does not know.</summary>
    public (Guid Run, string Who)? Taker { get; set; }

    /// <summary>True where this run has brought a revision to its end.</summary>
    public bool IsMoved => Revisions.Count + Marked.Count > 0;

    /// <summary>True where the hook before its first change has been run in a transaction of many.</summary>
    public bool IsBegun { get; set; }

    /// <summary>When its part of a transaction of many began, UTC; null before.</summary>
    public DateTime? Started { get; set; }

    /// <summary>How long its parts took.</summary>
    public double Seconds { get; set; }

    /// <summary>Takes note of what was done: what the database has now, without asking it.</summary>
    /// <param name="done">The stages, in order, of revisions and of hooks.</param>
    public void Complete(ImmutableArray<PlanStage> done)
    {
        foreach (var stage in done.Where(static stage => stage is { IsLast: true, Revision.Manifest.IsHook: false }))
        {
            (stage.MarkedBecause is null ? Revisions : Marked).Add(stage.Revision.Manifest.Revision);
        }

        Commit(State.After(done));
    }

    /// <summary>Takes note of what of it is done still.</summary>
    /// <param name="recorded">What history has of the run.</param>
    public void Keep(IEnumerable<RecordedStage> recorded)
    {
        var kept = recorded.Where(static one => one.IsEnd).Select(static one => one.Revision).ToHashSet(StringComparer.Ordinal);
        Revisions.RemoveAll(revision => !kept.Contains(revision));
        Marked.RemoveAll(revision => !kept.Contains(revision));
    }

    /// <summary>Takes note of what history says is done, where an answer was lost: of what it knew, a crash may have taken some back.</summary>
    /// <param name="planned">The revisions that were to be done.</param>
    /// <param name="recorded">What history has of the run, in order.</param>
    public void Settle(IEnumerable<string> planned, IEnumerable<RecordedStage> recorded)
    {
        var own = planned.Concat(Revisions).Concat(Marked).ToHashSet(StringComparer.Ordinal);
        var kept = recorded.Where(one => one.IsEnd && own.Contains(one.Revision)).ToLookup(static one => one.IsMarked, static one => one.Revision);
        Revisions.Clear();
        Revisions.AddRange(kept[false]);
        Marked.Clear();
        Marked.AddRange(kept[true]);
        NoteCommit();
    }

    /// <summary>Takes note of a commit.</summary>
    /// <param name="reached">The state with it.</param>
    public void Commit(SchemaState reached)
    {
        State = reached;
        NoteCommit();
    }

    /// <summary>Takes note of a commit that left the state as it was, or that may have happened: it is not durable yet.</summary>
    public void NoteCommit() => flush = context.Durability?.Note(target.Address);

    /// <summary>Takes note that another run has brought it on, whose commit may not be durable yet.</summary>
    public void NoteOther() => flush = context.Others?.NoteFound(target.Address);

    /// <summary>What the run ends with for the schema.</summary>
    /// <param name="failure">What went wrong, or null.</param>
    /// <param name="started">When work on it started, UTC.</param>
    /// <param name="seconds">How long it took.</param>
    public MigrationResult ToResult(MigrationFailure? failure, DateTime started, double seconds) => new()
    {
        Name = target.Name,
        Schema = target.Schema,
        Database = target.Address.Database,
        Server = target.Address.Server.ToString(),
        Scope = target.ScopeName,
        Status = Status(failure),
        Direction = context.Direction,
        Revisions = [.. Revisions],
        MarkedApplied = [.. Marked],
        From = [.. from],
        To = [.. State.Heads],
        Step = State.Stages is [.., { } mark] ? mark.Step
            : Skipped.Values.FirstOrDefault() is { } unmet ? $"{unmet.Stage.Revision.Manifest.Revision} is left out: {unmet.Message}"
            : IsTaken && Taker is { } taker ? $"brought there by {(taker.Run == context.Request.RunId ? "another process of the same run" : $"run {taker.Run}")} of {taker.Who}"
            : null,
        Failure = failure,
        Started = started,
        Seconds = Math.Round(seconds, 4),
        RunId = context.Request.RunId,
        Flush = flush,
        TakenBy = IsTaken ? Taker?.Run : null,
        Labels = target.Labels,
    };

    private string Status(MigrationFailure? failure) => failure switch
    {
        { ErrorId: "Recreated" } => MigrationStatus.Recreated,
        not null => State.Stages.IsEmpty ? MigrationStatus.Failed : MigrationStatus.InProgress,
        _ when !Waiting.IsEmpty => target.Scope == Manifests.MigrationScope.Shared ? MigrationStatus.WaitingForTenants : MigrationStatus.Incomplete,
        _ when Skipped.Count > 0 => MigrationStatus.Skipped,
        _ => IsMoved ? MigrationStatus.Migrated : IsTaken ? MigrationStatus.TakenElsewhere : MigrationStatus.UpToDate,
    };
}
