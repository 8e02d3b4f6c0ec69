using System.Runtime.ExceptionServices;
using Tenancy.Core.Execution.Waiting;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Model;

namespace Tenancy.Core.Execution;

/// <summary>The project's hooks around a run on one database: SQL in the shared schema, each in a transaction of its own, with the proof of placement but without the scope's lock.</summary>
/// <param name="context">The run.</param>
/// <param name="shared">The shared schema.</param>
internal sealed class RunHooks(RunContext context, SchemaTarget shared)
{
    /// <summary>Runs the hook before the first change, where there is one and something to do.</summary>
    /// <param name="state">The shared schema's state.</param>
    /// <param name="cancellation">Cancels and rolls back.</param>
    /// <returns>True where it ran: what was read before it may be another by now.</returns>
    /// <exception cref="TenancyException"><c>HookFailed</c>: nothing else is to be run.</exception>
    public async Task<bool> RunBeforeAsync(SchemaState state, CancellationToken cancellation)
    {
        if (await RunAsync(context.Project.Hooks.BeforeRun, state, cancellation) is { } failure)
        {
            throw new TenancyException("HookFailed", $"{failure.Message} Nothing was run in {shared.Address}.", failure.RecommendedAction);
        }

        return context is { HasWork: true, Project.Hooks.BeforeRun: not null };
    }

    /// <summary>Runs the hook after everything, where there is one and there was something to do.</summary>
    /// <param name="state">The shared schema's state by then.</param>
    /// <param name="cancellation">Cancels and rolls back.</param>
    /// <returns>A result for the shared schema if it failed, or null.</returns>
    public async Task<MigrationResult?> RunAfterAsync(SchemaState state, CancellationToken cancellation)
    {
        var started = DateTime.UtcNow;
        return await RunAsync(context.Project.Hooks.AfterRun, state, cancellation) is not { } failure ? null : new()
        {
            Name = shared.Name,
            Schema = shared.Schema,
            Database = shared.Address.Database,
            Server = shared.Address.Server.ToString(),
            Scope = shared.ScopeName,
            Status = MigrationStatus.Failed,
            Direction = context.Direction,
            From = [.. state.Heads],
            To = [.. state.Heads],
            Failure = failure with { ErrorId = "HookFailed" },
            Started = started,
            Seconds = Math.Round((DateTime.UtcNow - started).TotalSeconds, 4),
            RunId = context.Request.RunId,
        };
    }

    private async Task<MigrationFailure?> RunAsync(Manifest? hook, SchemaState state, CancellationToken cancellation)
    {
        if (hook is null || !context.HasWork)
        {
            return null;
        }

        if (state.Oid is null)
        {
            return new()
            {
                ErrorId = "SchemaMissing",
                Message = $"{shared}, {hook.Title} ({hook.Position}): the schema does not exist.",
                RecommendedAction = "Create it, or name in shared_schema the schema that the hook works in.",
            };
        }

        var blockers = new BlockerWatch(context, shared);
        try
        {
            var transaction = Hooks.Plan(hook, context.Project.Timeouts) with { Flushes = true };
            await context.Retries.RunAsync(
                token => blockers.WatchAsync(
                    transaction,
                    async () =>
                    {
                        await using var connection = await context.Retries.OpenAsync(shared.Address, token);
                        try
                        {
                            return await new TransactionalWork(context, shared).RunUnlockedAsync(connection, transaction, state, token);
                        }
                        catch (OutcomeUnknownException lost)
                        {
                            // Nothing records a hook: it is run again, as after any lost connection.
                            ExceptionDispatchInfo.Throw(lost.InnerException!);
                            throw;
                        }
                    },
                    token),
                (error, pause) =>
                {
                    if (TransientErrors.IsLostConnection(error))
                    {
                        // Where one ended, those that lie in the pool most likely have too.
                        context.Connector.GetDataSource(shared.Address).Clear();
                    }

                    context.Log.Verbose($"{shared}, {hook.Title}: {error.Message}{(blockers.Seen is { } blocker ? $" (blocked by {blocker})" : "")}; tried again in {RetryPolicy.Told(pause)}.");
                },
                cancellation);
            context.Durability?.Note(shared.Address);
            return null;
        }
        catch (Exception error) when (!cancellation.IsCancellationRequested)
        {
            return blockers.Explain(new FailureDescriber(context).Describe(error, shared));
        }
    }
}
