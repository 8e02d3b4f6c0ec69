using System.Diagnostics;
using Tenancy.Core.Planning;
using Tenancy.Model;

namespace Tenancy.Core.Execution.Steps;

/// <summary>Tells of each step when it begins, and when it ends or fails.</summary>
/// <param name="context">The run.</param>
/// <param name="target">The schema.</param>
internal sealed class StepLog(RunContext context, SchemaTarget target)
{
    /// <summary>Does the work of a transaction and tells of its steps.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="work">Its work.</param>
    public async Task<TransactionOutcome> TellAsync(PlanTransaction transaction, Func<Task<TransactionOutcome>> work)
    {
        var clock = Stopwatch.StartNew();
        TellBegun(transaction);
        try
        {
            var outcome = await work();
            Tell(outcome.Done.Where(static stage => stage.MarkedBecause is null), MigrationStep.Done, clock.Elapsed.TotalSeconds, DateTime.UtcNow);
            return outcome;
        }
        catch
        {
            Tell(transaction.Stages, MigrationStep.Failed, clock.Elapsed.TotalSeconds, DateTime.UtcNow);
            throw;
        }
    }

    /// <summary>The same for transactions of one message. Only at its end the runner knows how far it came: what is behind the first is told as begun then, if it was.</summary>
    /// <param name="transactions">The transactions, in order.</param>
    /// <param name="work">Their work; it calls its argument for each that is committed, in order, with its seconds.</param>
    public async Task TellAsync(IReadOnlyList<PlanTransaction> transactions, Func<Action<PlanTransaction, double>, Task> work)
    {
        var clock = Stopwatch.StartNew();
        var ended = DateTime.UtcNow;
        var (done, seconds) = (0, 0.0);
        TellBegun(transactions[0]);
        try
        {
            await work((transaction, took) =>
            {
                (done, seconds, ended) = (done + 1, seconds + took, ended.AddSeconds(took));
                Tell(transaction.Stages, MigrationStep.Done, took, ended);
                if (done < transactions.Count)
                {
                    TellBegun(transactions[done]);
                }
            });
        }
        catch
        {
            // None where all are committed, and the log itself failed.
            Tell(transactions.Skip(done).Take(1).SelectMany(static transaction => transaction.Stages), MigrationStep.Failed, Math.Max(0, clock.Elapsed.TotalSeconds - seconds), DateTime.UtcNow);
            throw;
        }
    }

    private void TellBegun(PlanTransaction transaction) => Tell(transaction.Stages, MigrationStep.Begun, 0, default);

    private void Tell(IEnumerable<PlanStage> stages, string outcome, double seconds, DateTime ended)
    {
        foreach (var stage in stages)
        {
            var manifest = stage.Revision.Manifest;
            var direction = manifest.IsHook ? "hook" : context.Direction;
            int? number = stage.Number > 1 || !stage.IsLast ? stage.Number : null;
            if (outcome != MigrationStep.Begun)
            {
                Telemetry.TellRevision(target.Traced, manifest.Revision, direction, number, seconds, ended, outcome == MigrationStep.Failed);
            }

            context.Log.StepChanged(new()
            {
                RunId = context.Request.RunId,
                Database = target.Address.ToString(),
                Scope = target.Scope,
                Name = target.Name,
                Schema = target.Schema,
                Revision = manifest.Revision,
                Direction = direction,
                Number = number,
                Description = manifest.Description,
                Outcome = outcome,
                Seconds = seconds,
                Target = target.ToString(),
            });
        }
    }
}
