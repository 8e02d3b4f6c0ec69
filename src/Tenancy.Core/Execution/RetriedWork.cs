using System.Globalization;
using System.Runtime.ExceptionServices;
using Npgsql;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Execution.Waiting;
using Tenancy.Core.Planning;
using Tenancy.Model;

namespace Tenancy.Core.Execution;

/// <summary>
/// One transaction on a schema as a whole, under its lock: again while another run holds the lock, and after what passes by itself, as a migration is. Where the connection was lost at COMMIT, history says whether it happened.
/// </summary>
/// <param name="context">The run.</param>
/// <param name="session">The database.</param>
/// <param name="target">The schema whose lock the transaction takes.</param>
/// <param name="made">The schema of the row of history that the transaction writes.</param>
/// <param name="direction">The direction of that row.</param>
internal sealed class RetriedWork(RunContext context, DatabaseSession session, SchemaTarget target, string made, string direction)
{
    private readonly BlockerWatch blockers = new(context, target);
    private OutcomeUnknownException? unknown;
    private int tries;

    /// <summary>Does the work.</summary>
    /// <param name="work">Begins with <see cref="LockedWork.AddLockedBegin"/> and commits; from its beginning each time.</param>
    /// <param name="cancellation">Cancels and rolls back.</param>
    /// <returns>What went wrong, or null.</returns>
    public async Task<MigrationFailure?> RunAsync(Func<NpgsqlConnection, Task> work, CancellationToken cancellation)
    {
        try
        {
            await context.Retries.RunAsync(token => TryAsync(work, token), Pause, cancellation);
            return null;
        }
        catch (Exception error) when (!cancellation.IsCancellationRequested)
        {
            var failure = blockers.Explain(new FailureDescriber(context).Describe(unknown ?? error, target));
            return tries > 1 && TransientErrors.Is(error) ? failure with { Message = string.Create(CultureInfo.InvariantCulture, $"{failure.Message} Tried {tries} times.") } : failure;
        }
    }

    private async Task<bool> TryAsync(Func<NpgsqlConnection, Task> work, CancellationToken cancellation)
    {
        tries++;
        var patience = new LockPatience(context, target);
        while (true)
        {
            try
            {
                if (unknown is { } lost)
                {
                    // Under the lock: the backend of the lost connection may still hold it, and may still commit.
                    var isDone = await session.HasMadeAsync(target, made, context.Request.RunId, direction, cancellation);
                    unknown = null;
                    if (!isDone)
                    {
                        ExceptionDispatchInfo.Throw(lost.InnerException!);
                    }

                    return true;
                }

                return await blockers.WatchAsync(new PlanTransaction([]), () => AttemptAsync(work, cancellation), cancellation);
            }
            catch (PostgresException error) when (error.SqlState == "TN001" && !cancellation.IsCancellationRequested)
            {
                await patience.WaitAsync(cancellation);
            }
            catch (OutcomeUnknownException error)
            {
                context.Log.Verbose($"{target}: the connection was lost before the answer to COMMIT; history says whether it happened.");
                ClearPool();
                unknown = error;
            }
        }
    }

    private async Task<bool> AttemptAsync(Func<NpgsqlConnection, Task> work, CancellationToken cancellation)
    {
        await using var connection = await context.Retries.OpenAsync(target.Address, cancellation);
        try
        {
            await work(connection);
            return true;
        }
        catch (Exception error) when (error is not OutcomeUnknownException)
        {
            await TransactionalWork.RollBackAsync(connection);
            throw;
        }
    }

    private void Pause(Exception error, TimeSpan pause)
    {
        if (TransientErrors.IsLostConnection(error) || TransientErrors.IsServerMissing(error))
        {
            ClearPool();
        }

        context.Log.Verbose(context.Mask($"{target}: {(error as PostgresException)?.MessageText ?? error.Message}{(blockers.Seen is { } blocker ? $" (blocked by {blocker})" : "")}; tried again in {RetryPolicy.Told(pause)}."));
    }

    // Where one connection ended, those that lie in the pool most likely have too.
    private void ClearPool() => context.Connector.GetDataSource(target.Address).Clear();
}
