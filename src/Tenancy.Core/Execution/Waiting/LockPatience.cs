using System.Globalization;
using Npgsql;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Model;

namespace Tenancy.Core.Execution.Waiting;

/// <summary>Waits between tries for a schema that another run holds, and in the end says who holds it.</summary>
internal sealed class LockPatience
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private const int MostLooks = 20;

    private readonly RunContext context;
    private readonly SchemaTarget target;
    private DateTime deadline;
    private TimeSpan pause = FirstPause;

    /// <summary>Patience for one schema, as long as the project's <c>tenant_lock</c>.</summary>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    public LockPatience(RunContext context, SchemaTarget target)
        : this(context, target, context.Project.Timeouts.TenantLock)
    {
    }

    /// <summary>Patience for something of one schema.</summary>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    /// <param name="limit">How long it lasts.</param>
    public LockPatience(RunContext context, SchemaTarget target, TimeSpan limit)
    {
        this.context = context;
        this.target = target;
        deadline = DateTime.UtcNow + limit;
    }

    /// <summary>True when it is at its end.</summary>
    public bool IsExhausted => DateTime.UtcNow >= deadline;

    /// <summary>Waits a jittered, growing while. The lock itself is only ever tried: a waiter would hold a snapshot.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException"><c>TenantInUse</c>: the patience is at its end.</exception>
    public Task WaitAsync(CancellationToken cancellation) => WaitAsync(new(places: null), cancellation);

    /// <summary>The same without holding a place. What others take of it meanwhile, beyond the pause, is not the schema's.</summary>
    /// <param name="turn">The schema's turn.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException"><c>TenantInUse</c>: the patience is at its end.</exception>
    public async Task WaitAsync(Turn turn, CancellationToken cancellation)
    {
        if (IsExhausted)
        {
            throw await InUseAsync(cancellation);
        }

        await PauseAsync(turn, "TenantInUse", cancellation);
    }

    /// <summary>Waits the same while, whether the patience is at its end or not.</summary>
    /// <param name="turn">The schema's turn.</param>
    /// <param name="cause">What is waited for, as telemetry counts it.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task PauseAsync(Turn turn, string cause, CancellationToken cancellation)
    {
        Telemetry.CountRetry(cause);
        var wait = pause * (0.5 + Random.Shared.NextDouble());
        pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        var began = DateTime.UtcNow;
        await turn.PauseAsync(wait, cancellation);
        if (DateTime.UtcNow - began - wait is { Ticks: > 0 } queued)
        {
            deadline += queued;
        }
    }

    private async Task<TenancyException> InUseAsync(CancellationToken cancellation)
    {
        // Work on any tenant holds the shared scope: another session each time, and at some moments none.
        var holder = await FindHolderAsync(cancellation);
        for (var look = 0; holder is null && target.Scope == MigrationScope.Shared && look < MostLooks; look++)
        {
            await Task.Delay(FirstPause, cancellation);
            holder = await FindHolderAsync(cancellation);
        }

        var seconds = string.Create(CultureInfo.InvariantCulture, $"for more than {context.Project.Timeouts.TenantLock.TotalSeconds:0.#} s");
        return target.Scope == MigrationScope.Shared
            ? new(
                "TenantInUse",
                $"other runs were at work on the shared schema of {target.Address}, or on tenants there, {seconds}{(holder is null ? "" : $"; the last seen: {holder}")}.",
                "Run again when those runs have ended, or raise timeouts.tenant_lock; what is done stays done.")
            : new(
                "TenantInUse",
                $"another run has been at work on it {seconds}{(holder is null ? "" : $": {holder}")}.",
                "Wait for that run to end and run again; what is done stays done.");
    }

    private Task<string?> FindHolderAsync(CancellationToken cancellation) => HistoryTransaction.RunAsync(
        context.Connector,
        target.Address,
        context.Project,
        async connection =>
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.Add(context.History.File("lock_holder"), context.Project.Fleet, target.ScopeName, target.Schema);
            await using var reader = await batch.ExecuteReaderAsync(cancellation);
            return await reader.ReadAsync(cancellation)
                ? string.Create(CultureInfo.InvariantCulture, $"process {reader.GetInt32(0)}, '{reader.GetString(1)}', for {reader.GetDouble(2):0.#} s")
                : null;
        },
        cancellation);
}
