using System.Globalization;
using Npgsql;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Sql;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Execution.Waiting;

/// <summary>
/// Sees who blocks a session, while it blocks: once the lock has timed out nobody knows any more. A transaction that is over soon is not looked at, so it costs nothing; one
/// that takes longer is, now and then, over another connection.
/// </summary>
/// <param name="connector">Opens that connection.</param>
/// <param name="address">The database.</param>
/// <param name="project">The project, for its limits of time.</param>
/// <param name="name">The session's <c>application_name</c>.</param>
/// <param name="mask">Takes secrets out of what is seen.</param>
/// <param name="unread">Told why nobody could look.</param>
internal sealed class BlockerWatch(DatabaseConnector connector, DatabaseAddress address, TenancyProject project, string name, Func<string, string> mask, Action<string> unread)
{
    /// <summary>What to do about whoever blocks.</summary>
    public const string Action = "Run again when that session has ended its transaction, end it with SELECT pg_terminate_backend(pid), or raise timeouts.lock or retries.max.";

    /// <summary>The same about whoever blocks a step outside a transaction.</summary>
    public const string StepAction = "Run again when that session has ended its transaction, end it with SELECT pg_terminate_backend(pid), or raise timeouts.concurrent_lock.";

    /// <summary>The same about whoever blocks what is not tried again: a transaction of all tenants, a rehearsal.</summary>
    public const string ActionOnce = "Run again when that session has ended its transaction, end it with SELECT pg_terminate_backend(pid), or raise timeouts.lock: neither a transaction of all tenants nor a rehearsal is tried again by itself.";

    private const int LongestQuery = 200;

    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromMilliseconds(500);

    // A look that takes longer is given up: the work must not wait for it.
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(2);

    /// <summary>A watch over the work on a schema.</summary>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    public BlockerWatch(RunContext context, SchemaTarget target)
        : this(context.Connector, target.Address, context.Project, context.ApplicationName(target), context.Mask, why => context.Log.Debug($"{target}: who blocks it could not be read: {why}"))
    {
    }

    /// <summary>Does work that is not tried again, and watches meanwhile.</summary>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    /// <param name="transaction">What the work executes.</param>
    /// <param name="work">The work.</param>
    /// <param name="cancellation">Ends the looking too.</param>
    /// <exception cref="BlockedException">It failed, and somebody was seen to block it.</exception>
    public static async Task<T> RunAsync<T>(RunContext context, SchemaTarget target, PlanTransaction transaction, Func<Task<T>> work, CancellationToken cancellation)
    {
        var blockers = new BlockerWatch(context, target);
        try
        {
            return await blockers.WatchAsync(transaction, work, cancellation);
        }
        catch (Exception error) when (blockers.Seen is not null && error is (StatementException or CheckFailedException or PostgresException))
        {
            throw new BlockedException(blockers, error);
        }
    }

    /// <summary>Who was last seen to block, in words; null for nobody.</summary>
    public string? Seen { get; private set; }

    /// <summary>Does the work of a transaction and looks meanwhile.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="work">Its work.</param>
    /// <param name="cancellation">Ends the looking too.</param>
    public Task<T> WatchAsync<T>(PlanTransaction transaction, Func<Task<T>> work, CancellationToken cancellation) => WatchAsync(Interval(transaction.Stages), work, cancellation);

    /// <summary>Does the work of several transactions and looks meanwhile.</summary>
    /// <param name="transactions">The transactions.</param>
    /// <param name="work">Their work.</param>
    /// <param name="cancellation">Ends the looking too.</param>
    public Task WatchAsync(IEnumerable<PlanTransaction> transactions, Func<Task> work, CancellationToken cancellation) => WatchAsync(
        Interval(transactions.SelectMany(static transaction => transaction.Stages)),
        async () =>
        {
            await work();
            return true;
        },
        cancellation);

    /// <summary>The same now and then.</summary>
    /// <param name="interval">How often, at the most.</param>
    /// <param name="work">The work.</param>
    /// <param name="cancellation">Ends the looking too.</param>
    public async Task<T> WatchAsync<T>(TimeSpan interval, Func<Task<T>> work, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(interval > ShortestInterval ? interval : ShortestInterval);
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
    /// <param name="action">What to do about it.</param>
    public MigrationFailure Explain(MigrationFailure failure, string action = Action) => !Explains(failure.SqlState) ? failure : failure with
    {
        Message = $"{failure.Message} Blocked by {Seen}.",
        RecommendedAction = failure.SqlState == PostgresErrorCodes.DeadlockDetected ? failure.RecommendedAction : action,
    };

    /// <summary>True where who was seen is why something failed.</summary>
    /// <param name="sqlState">What it failed with.</param>
    public bool Explains(string? sqlState) => Seen is not null && sqlState is (PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected);

    // Several times within the shortest wait for a lock.
    private TimeSpan Interval(IEnumerable<PlanStage> stages)
    {
        var limit = stages.SelectMany(static stage => stage.Statements).Select(static planned => planned.LockTimeout).Append(project.Timeouts.Lock).Min() / 4;
        return limit > LongestInterval ? LongestInterval : limit;
    }

    private async Task LookAsync(PeriodicTimer timer, CancellationToken cancellation)
    {
        while (await timer.WaitForNextTickAsync(CancellationToken.None))
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(LongestLook);
            try
            {
                Seen = await ReadAsync(limit.Token) is { } seen ? mask(seen) : Seen;
            }
            catch (Exception error)
            {
                // Whatever it is, the work must not fail for it.
                unread(error.Message);
            }
        }
    }

    private Task<string?> ReadAsync(CancellationToken cancellation) => HistoryTransaction.SendAsync(
        connector,
        address,
        project,
        batch => batch.Add(EmbeddedSql.Read("blockers"), name),
        async (_, reader) =>
        {
            List<string> blockers = [];
            while (await reader.ReadAsync(cancellation))
            {
                blockers.Add(await DescribeAsync(reader, cancellation));
            }

            return blockers.Count == 0 ? null : string.Join("; and by ", blockers);
        },
        cancellation,
        isWatched: false);

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
