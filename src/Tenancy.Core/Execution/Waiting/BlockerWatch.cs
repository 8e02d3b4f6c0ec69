using System.Globalization;
using Npgsql;
using Tenancy.Core.History;
using Tenancy.Core.Planning;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Execution.Waiting;

/// <summary>
/// Sees who blocks the work on one schema, while it blocks: once the lock has timed out nobody knows any more. A transaction that is over soon is not looked at, so it costs nothing; one
/// that takes longer is, now and then, over another connection.
/// </summary>
/// <param name="context">The run.</param>
/// <param name="target">The schema.</param>
internal sealed class BlockerWatch(RunContext context, SchemaTarget target)
{
    private const int LongestQuery = 200;

    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromMilliseconds(500);

    // A look that takes longer is given up: the work must not wait for it.
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(2);

    /// <summary>Who was last seen to block, in words; null for nobody.</summary>
    public string? Seen { get; private set; }

    /// <summary>Does the work of a transaction and looks meanwhile.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="work">Its work.</param>
    /// <param name="cancellation">Ends the looking too.</param>
    public async Task<T> WatchAsync<T>(PlanTransaction transaction, Func<Task<T>> work, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Interval(transaction));
        var looking = LookAsync(timer, cancellation);
        try
        {
            return await work();
        }
        finally
        {
            timer.Dispose();
            await looking;
        }
    }

    /// <summary>A failure that says who blocked, where it is one of a lock.</summary>
    /// <param name="failure">The failure.</param>
    public MigrationFailure Explain(MigrationFailure failure) => Seen is null || failure.SqlState is not (PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected) ? failure : failure with
    {
        Message = $"{failure.Message} Blocked by {context.Mask(Seen)}.",
        RecommendedAction = failure.SqlState == PostgresErrorCodes.DeadlockDetected
            ? failure.RecommendedAction
            : $"Run again when that session has ended its transaction, end it with SELECT pg_terminate_backend(pid), or raise timeouts.lock or retries.max.",
    };

    // Several times within the shortest wait for a lock.
    private TimeSpan Interval(PlanTransaction transaction)
    {
        var limit = transaction.Stages.SelectMany(static stage => stage.Statements).Select(static planned => planned.LockTimeout).Append(context.Project.Timeouts.Lock).Min() / 4;
        return limit < ShortestInterval ? ShortestInterval : limit > LongestInterval ? LongestInterval : limit;
    }

    private async Task LookAsync(PeriodicTimer timer, CancellationToken cancellation)
    {
        while (await timer.WaitForNextTickAsync(CancellationToken.None))
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(LongestLook);
            try
            {
                Seen = await ReadAsync(limit.Token) ?? Seen;
            }
            catch (Exception error)
            {
                // Whatever it is, the work must not fail for it.
                context.Log.Debug($"{target}: who blocks it could not be read: {error.Message}");
            }
        }
    }

    private Task<string?> ReadAsync(CancellationToken cancellation) => HistoryTransaction.SendAsync(
        context.Connector,
        target.Address,
        context.Project,
        batch => batch.Add(context.History.File("blockers"), context.ApplicationName(target)),
        async (_, reader) =>
        {
            List<string> blockers = [];
            while (await reader.ReadAsync(cancellation))
            {
                blockers.Add(await DescribeAsync(reader, cancellation));
            }

            return blockers.Count == 0 ? null : string.Join("; and by ", blockers);
        },
        cancellation);

    private static async Task<string> DescribeAsync(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        var process = reader.GetInt32(0);
        if (process == 0)
        {
            return "a prepared transaction (see pg_prepared_xacts)";
        }

        var who = string.Create(CultureInfo.InvariantCulture, $"process {process} of {reader.GetString(2)} ('{reader.GetString(1)}'");
        if (await reader.IsDBNullAsync(3, cancellation))
        {
            return $"{who}, whose state and statement only a member of pg_read_all_stats may see)";
        }

        var age = await reader.IsDBNullAsync(4, cancellation) ? "" : string.Create(CultureInfo.InvariantCulture, $", its transaction {reader.GetDouble(4):0.#} s old");
        return $"{who}, {reader.GetString(3)}{age}): {SqlLiteralMask.Apply(reader.GetString(5), LongestQuery)}";
    }
}
