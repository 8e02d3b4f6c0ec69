using Npgsql;
using Tenancy.Core.Execution.Waiting;
using Tenancy.Model;

namespace Tenancy.Core.Execution;

/// <summary>Work on one schema in a transaction of its own, under the schema's lock.</summary>
internal static class LockedWork
{
    /// <summary>Begins the transaction and takes the lock.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    public static void AddLockedBegin(this CommandList commands, RunContext context, SchemaTarget target)
    {
        commands.AddBegin(context, target);
        commands.Add($"SELECT {context.History.Quoted}.lock($1, $2, $3)", context.Project.Fleet, target.ScopeName, target.Schema);
    }

    /// <summary>Does the work, again while another run holds the lock, and says what went wrong.</summary>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    /// <param name="work">Begins with <see cref="AddLockedBegin"/> and commits.</param>
    /// <param name="cancellation">Cancels and rolls back.</param>
    /// <returns>What went wrong, or null.</returns>
    public static async Task<MigrationFailure?> AttemptAsync(RunContext context, SchemaTarget target, Func<NpgsqlConnection, Task> work, CancellationToken cancellation)
    {
        var patience = new LockPatience(context, target);
        while (true)
        {
            try
            {
                await TryAsync(context, target, work, cancellation);
                return null;
            }
            catch (PostgresException error) when (error.SqlState == "TN001" && !cancellation.IsCancellationRequested)
            {
                try
                {
                    await patience.WaitAsync(cancellation);
                }
                catch (TenancyException inUse)
                {
                    return new FailureDescriber(context).Describe(inUse, target);
                }
            }
            catch (Exception error) when (!cancellation.IsCancellationRequested)
            {
                return new FailureDescriber(context).Describe(error, target);
            }
        }
    }

    private static async Task TryAsync(RunContext context, SchemaTarget target, Func<NpgsqlConnection, Task> work, CancellationToken cancellation)
    {
        await using var connection = await context.Connector.OpenAsync(target.Address, cancellation);
        try
        {
            await work(connection);
        }
        catch
        {
            await TransactionalWork.RollBackAsync(connection);
            throw;
        }
    }
}
