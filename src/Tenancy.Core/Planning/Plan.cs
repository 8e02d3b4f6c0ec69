using System.Collections.Immutable;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Operations;
using Tenancy.Core.Revisions;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Planning;

/// <summary>What schemas in one state need: data, made without a database, shared by all schemas in that state.</summary>
internal sealed record Plan
{
    /// <summary>The scope of the schemas.</summary>
    public required MigrationScope Scope { get; init; }

    /// <summary>Which way.</summary>
    public required RevisionDirection Direction { get; init; }

    /// <summary>The heads before, in ordinal order.</summary>
    public required ImmutableArray<string> From { get; init; }

    /// <summary>The heads after, in ordinal order.</summary>
    public required ImmutableArray<string> To { get; init; }

    /// <summary>The revisions, in order.</summary>
    public required ImmutableArray<RevisionStep> Revisions { get; init; }

    /// <summary>The transactions and non-transactional steps, in order.</summary>
    public required ImmutableArray<PlanTransaction> Transactions { get; init; }

    /// <summary>The project's hook before them, or null; not where there is nothing to do.</summary>
    public PlanTransaction? Before { get; init; }

    /// <summary>The project's hook after them, or null; not where there is nothing to do.</summary>
    public PlanTransaction? After { get; init; }

    /// <summary>All that is sent, in order, hooks included.</summary>
    public IEnumerable<PlanTransaction> Everything => new[] { Before }.Concat(Transactions).Append(After).OfType<PlanTransaction>();

    /// <summary>Revisions that must wait for the other scope, with everything behind them; they are in neither <see cref="Revisions"/> nor <see cref="To"/>.</summary>
    public ImmutableArray<RevisionStep> Waiting { get; init; } = [];

    /// <summary>What the request's identifier means for the schema, for its further plans in the same run; null where the other scope says how far it goes.</summary>
    public ResolvedTarget? Goal { get; init; }

    /// <summary>Revisions that are undone though they lie on another branch than the one asked for.</summary>
    public IEnumerable<RevisionStep> OnOtherBranches => Revisions.Where(static step => step.IsOnOtherBranch);

    /// <summary>True when a step cannot run in a transaction, and so needs a direct connection.</summary>
    public bool NeedsDirectConnection => Transactions.Any(static transaction => transaction.Stages.Any(static stage => !stage.IsTransactional));
}

/// <summary>What commits together, or one statement that cannot.</summary>
/// <param name="Stages">The stages, in order; exactly one, with one statement, when not transactional.</param>
/// <param name="OtherScope">What the other scope was seen to have; null where nothing depends on it.</param>
internal sealed record PlanTransaction(ImmutableArray<PlanStage> Stages, OtherScopeState? OtherScope = null)
{
    /// <summary>What its revisions declare to change or lock outside the schema.</summary>
    public ImmutableArray<Touch> Touches => [.. Stages.SelectMany(static stage => stage.Revision.Manifest.Touches).Distinct()];

    /// <summary>False for a statement that PostgreSQL refuses inside a transaction.</summary>
    public bool IsTransactional => Stages[0].IsTransactional;

    /// <summary>True for a hook that nothing recorded follows: history could not tell that a crash of the server took it back, so its COMMIT waits for the disk, whatever the run's others do.</summary>
    public bool Flushes { get; init; }

    /// <summary>The heads after it, given those before.</summary>
    /// <param name="heads">The heads before, in ordinal order.</param>
    public ImmutableArray<string> HeadsAfter(ImmutableArray<string> heads)
    {
        foreach (var stage in Stages)
        {
            if (stage.IsLast)
            {
                heads = [.. heads.Except(stage.Revision.Heads.Remove).Concat(stage.Revision.Heads.Add).Order(StringComparer.Ordinal)];
            }
        }

        return heads;
    }
}

/// <summary>A part of one revision that commits as a whole; most revisions have one.</summary>
/// <param name="Revision">The revision.</param>
/// <param name="Number">Its number within the revision, from 1.</param>
/// <param name="IsLast">True when the revision's head moves with it.</param>
/// <param name="Statements">Its statements, in order.</param>
internal sealed record PlanStage(RevisionStep Revision, int Number, bool IsLast, ImmutableArray<PlannedStatement> Statements)
{
    /// <summary>False for a statement that PostgreSQL refuses inside a transaction.</summary>
    public bool IsTransactional => Statements.All(static planned => planned.Statement.IsTransactional);

    /// <summary>For a stage that commits in batches (and holds nothing else): what is to be known of them; else null.</summary>
    public SqlBatch? Batch => Statements is [{ Statement.Batch: { } batch }] ? batch : null;

    /// <summary>Why the revision is recorded as applied though nothing was run (<c>on_fail: mark_applied</c>); null where it ran.</summary>
    public string? MarkedBecause { get; init; }

    /// <summary>The stage that stands for a whole revision that is recorded and not run.</summary>
    /// <param name="reason">Why.</param>
    public PlanStage MarkedAsApplied(string reason) => this with { IsLast = true, MarkedBecause = reason };

    /// <summary>What history says of a revision that is recorded and not run.</summary>
    /// <param name="reason">Why.</param>
    public static string MarkedMessage(string reason) => "not run, marked as applied: " + reason;

    /// <summary>The mark of the stage in history.</summary>
    /// <param name="isDone">False when it is only started.</param>
    public StageMark Mark(bool isDone) => new(Revision.Manifest.Revision, Revision.Direction, Number, isDone, Description, Revision.Manifest.Checksum);

    /// <summary>What it does, in a few words.</summary>
    public string Description => string.Join(", ", Statements.Select(static planned => planned.Statement.Command).Distinct());
}

/// <summary>A statement with its limits of time.</summary>
/// <param name="Operation">The operation that it belongs to.</param>
/// <param name="Statement">The statement.</param>
/// <param name="LockTimeout"><c>lock_timeout</c>.</param>
/// <param name="StatementTimeout"><c>statement_timeout</c>.</param>
internal sealed record PlannedStatement(Operation Operation, SqlStatement Statement, TimeSpan LockTimeout, TimeSpan StatementTimeout);
