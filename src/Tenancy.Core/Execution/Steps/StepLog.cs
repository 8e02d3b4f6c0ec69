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
        Tell(transaction.Stages, MigrationStep.Begun, 0);
        try
        {
            var outcome = await work();
            Tell(outcome.Done.Where(static stage => stage.MarkedBecause is null), MigrationStep.Done, clock.Elapsed.TotalSeconds);
            return outcome;
        }
        catch
        {
            Tell(transaction.Stages, MigrationStep.Failed, clock.Elapsed.TotalSeconds);
            throw;
        }
    }

    private void Tell(IEnumerable<PlanStage> stages, string outcome, double seconds)
    {
        foreach (var stage in stages)
        {
            var manifest = stage.Revision.Manifest;
            var direction = manifest.IsHook ? "hook" : context.Direction;
            int? number = stage.Number > 1 || !stage.IsLast ? stage.Number : null;
            if (outcome != MigrationStep.Begun)
            {
                Telemetry.TellRevision(target.Traced, manifest.Revision, direction, number, seconds, outcome == MigrationStep.Failed);
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
