using System.Collections.Immutable;
using System.Diagnostics;
using Tenancy.Core.History;
using Tenancy.Core.Planning;
using Tenancy.Model;

namespace Tenancy.Core.Execution.Steps;

/// <summary>Tells of each step when it begins, and when it ends or fails; where the answer to its COMMIT was lost, once history has said what became of it.</summary>
/// <param name="context">The run.</param>
/// <param name="target">The schema.</param>
internal sealed class StepLog(RunContext context, SchemaTarget target)
{
    private Unanswered? lost;

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
        catch (Exception error)
        {
            var seconds = clock.Elapsed.TotalSeconds;
            Fail(error, new([transaction], DateTime.UtcNow.AddSeconds(-seconds), seconds, IsMessage: false));
            throw;
        }
    }

    /// <summary>The same for transactions of one message. Only at its end the runner knows how far it came: what is behind the first is told as begun then, if it was.</summary>
    /// <param name="transactions">The transactions, in order.</param>
    /// <param name="work">Their work; it calls its argument for each that is committed, in order, with its seconds.</param>
    public async Task TellAsync(ImmutableArray<PlanTransaction> transactions, Func<Action<PlanTransaction, double>, Task> work)
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
                if (done < transactions.Length)
                {
                    TellBegun(transactions[done]);
                }
            });
        }
        catch (Exception error)
        {
            // None is left where all are committed, and the log itself failed.
            Fail(error, new(transactions[done..], ended, Math.Max(0, clock.Elapsed.TotalSeconds - seconds), IsMessage: true));
            throw;
        }
    }

    /// <summary>Tells what became of transactions whose answer was lost.</summary>
    /// <param name="recorded">What history has of the run on the schema; final.</param>
    /// <returns>True where any of them is committed.</returns>
    public bool Settle(IReadOnlyCollection<RecordedStage> recorded)
    {
        if (lost is not { } answer)
        {
            return false;
        }

        lost = null;
        var rows = answer.Transactions.Select(transaction => transaction.Stages.Select(stage => Find(recorded, stage)).ToList()).ToList();
        // A hook is not recorded: it was before what is.
        var committed = rows.FindLastIndex(static stages => stages.Exists(static row => row is not null)) + 1;
        var (ended, left) = (answer.Began, answer.Seconds);
        for (var number = 0; number < answer.Transactions.Length && number <= committed; number++)
        {
            var transaction = answer.Transactions[number];
            if (number > 0)
            {
                TellBegun(transaction);
            }

            if (number == committed)
            {
                Tell(transaction.Stages, MigrationStep.Failed, Math.Max(0, left), answer.Began.AddSeconds(answer.Seconds));
                break;
            }

            var seconds = answer.IsMessage ? rows[number].Max(static row => row?.Seconds) ?? 0 : answer.Seconds;
            (ended, left) = (ended.AddSeconds(seconds), left - seconds);
            Tell(transaction.Stages.Where((_, stage) => rows[number][stage] is not { IsMarked: true }), MigrationStep.Done, seconds, ended);
        }

        return committed > 0;
    }

    /// <summary>Tells the first of them as failed: nobody will come to know.</summary>
    public void GiveUp() => Settle([]);

    private static RecordedStage? Find(IEnumerable<RecordedStage> recorded, PlanStage stage) => recorded.LastOrDefault(row =>
        row.IsDone && row.Revision == stage.Revision.Manifest.Revision && (row.IsMarked || row.Stage == (stage.IsLast ? null : (int?)stage.Number)));

    private void Fail(Exception error, Unanswered answer)
    {
        if (error is OutcomeUnknownException)
        {
            lost = answer;
        }
        else
        {
            Tell(answer.Transactions.Take(1).SelectMany(static transaction => transaction.Stages), MigrationStep.Failed, answer.Seconds, DateTime.UtcNow);
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

    // Seconds: until it failed. Of the transactions of one message history has those of each.
    private sealed record Unanswered(ImmutableArray<PlanTransaction> Transactions, DateTime Began, double Seconds, bool IsMessage);
}
