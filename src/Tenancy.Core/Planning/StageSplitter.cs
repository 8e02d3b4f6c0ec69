using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;

namespace Tenancy.Core.Planning;

/// <summary>
/// Splits a revision into stages where PostgreSQL demands a commit between: around a statement that cannot run in a transaction, after an enum
/// value that what follows may use, before a constraint is validated. The split depends on the manifest alone, so that another run, in whatever
/// transaction mode, finds the same stages.
/// </summary>
internal static class StageSplitter
{
    /// <summary>The stages of a revision, in order; one without statements for a revision that does nothing this way (a merge).</summary>
    /// <param name="step">The revision and its direction.</param>
    /// <param name="timeouts">The project's limits of time.</param>
    public static ImmutableArray<PlanStage> Split(RevisionStep step, MigrationTimeouts timeouts)
    {
        var operations = step.Direction == RevisionDirection.Up ? step.Manifest.Up : step.Manifest.Down;
        List<List<PlannedStatement>> stages = [[]];
        var mustBreak = false;
        foreach (var operation in operations)
        {
            foreach (var statement in operation.Statements)
            {
                var breaksBefore = mustBreak || statement.CommitBefore || !statement.IsTransactional;
                if (breaksBefore && stages[^1].Count > 0)
                {
                    stages.Add([]);
                }

                stages[^1].Add(new(
                    operation.Operation,
                    statement,
                    operation.Operation.LockTimeout ?? (statement.IsTransactional ? timeouts.Lock : timeouts.ConcurrentLock),
                    operation.Operation.StatementTimeout ?? (statement.IsTransactional ? timeouts.Statement : timeouts.ConcurrentStatement)));
                mustBreak = statement.CommitAfter || !statement.IsTransactional;
            }
        }

        return [.. stages.Select((statements, index) => new PlanStage(step, index + 1, index == stages.Count - 1, [.. statements]))];
    }

    /// <summary>Joins stages to transactions.</summary>
    /// <param name="revisions">The stages still to run, by revision, in order.</param>
    /// <param name="mode">How much commits together.</param>
    /// <param name="otherScope">What the other scope was seen to have.</param>
    public static ImmutableArray<PlanTransaction> Join(IEnumerable<ImmutableArray<PlanStage>> revisions, TransactionMode mode, OtherScopeState otherScope)
    {
        List<List<PlanStage>> transactions = [];
        foreach (var stages in revisions)
        {
            for (var i = 0; i < stages.Length; i++)
            {
                // Stages of one revision never commit together, except where all must: what made them two holds in every other mode.
                var joins = transactions.Count > 0 && mode switch
                {
                    TransactionMode.AllTenants => true,
                    TransactionMode.PerTenant => i == 0 && CanFollow(transactions[^1][^1], stages[i]),
                    _ => false,
                };
                if (joins)
                {
                    transactions[^1].Add(stages[i]);
                }
                else
                {
                    transactions.Add([stages[i]]);
                }
            }
        }

        return [.. transactions.Select(stages => new PlanTransaction([.. stages], otherScope))];
    }

    private static bool CanFollow(PlanStage before, PlanStage stage) =>
        before.IsTransactional && stage.IsTransactional
        && !before.Statements.Any(static planned => planned.Statement.CommitAfter)
        && !stage.Statements.Any(static planned => planned.Statement.CommitBefore);
}
