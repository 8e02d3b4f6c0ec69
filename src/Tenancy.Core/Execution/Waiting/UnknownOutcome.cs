using Npgsql;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.History;
using Tenancy.Core.Planning;
using Tenancy.Model;

namespace Tenancy.Core.Execution.Waiting;

/// <summary>A COMMIT of one schema whose outcome a lost connection left open. History, read under the schema's lock, says whether it happened: then it is final.</summary>
/// <param name="context">The run.</param>
/// <param name="session">Reads the state.</param>
/// <param name="plan">The plan that was being carried out.</param>
/// <param name="lost">How the connection was lost.</param>
internal sealed class UnknownOutcome(RunContext context, DatabaseSession session, Plan plan, OutcomeUnknownException lost)
{
    /// <summary>How the connection was lost.</summary>
    public OutcomeUnknownException Lost => lost;

    /// <summary>Finds out, and puts state and revisions of the progress right.</summary>
    /// <param name="progress">How far the schema was thought to be.</param>
    /// <param name="turn">The schema's turn.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>What history has of the run on the schema.</returns>
    /// <exception cref="OutcomeUnknownException">The server did not come back in time.</exception>
    /// <exception cref="TenancyException"><c>TenantInUse</c>: the lock is held for longer than the patience. <c>ConnectionFailed</c>, <c>ConnectionLost</c>: to be tried again.</exception>
    public async Task<IReadOnlyCollection<RecordedStage>> SettleAsync(SchemaProgress progress, Turn turn, CancellationToken cancellation)
    {
        var patience = new LockPatience(context, progress.Target);
        while (true)
        {
            try
            {
                progress.State = await session.ReadLockedAsync(progress.Target, cancellation);
                var recorded = await session.ReadRecordedAsync(progress.Target, context.Request.RunId, cancellation);
                progress.Settle(plan.Revisions.Select(static step => step.Manifest.Revision), recorded);
                return recorded;
            }
            catch (PostgresException error) when (error.SqlState == "TN001")
            {
                // The backend of the lost connection may still hold the lock, and may still commit.
            }
            catch (TenancyException error) when (error.ErrorId is "ConnectionFailed" or "ConnectionLost")
            {
                // A server that is restarting, perhaps: the whole is tried again, where anything is.
                if (context.Retries.Handles(error))
                {
                    throw;
                }

                if (patience.IsExhausted || context.Retries.IsMissing(progress.Target.Address))
                {
                    throw lost;
                }
            }

            await patience.WaitAsync(turn, cancellation);
        }
    }
}
