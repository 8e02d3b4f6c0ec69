using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Waiting;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Policies;

/// <summary>Holds work back while a standby of its server replays too far behind. A server is asked once an interval, however many tenants it has.</summary>
/// <param name="limit">How far behind is allowed.</param>
/// <param name="connector">Opens connections.</param>
/// <param name="log">Told when work is held back, and when it goes on.</param>
internal sealed class ReplicaLagCondition(TimeSpan limit, DatabaseConnector connector, IRunLog log) : IStartCondition
{
    /// <summary>How far behind, in bytes of WAL, a standby may be that reports no lag in time; one segment of the default size (manual, 30.5).</summary>
    internal const long MostBytes = 16 << 20;

    // Seconds.
    private const int Patience = 10;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<ServerAddress, Server> servers = new();

    /// <inheritdoc/>
    public async ValueTask<StartRefusal?> AskAsync(StartQuestion work, CancellationToken cancellation)
    {
        var server = servers.GetOrAdd(work.Target.Address.Server, static _ => new());
        await server.Turn.WaitAsync(cancellation);
        try
        {
            if (server.Asked is not { } asked || Stopwatch.GetElapsedTime(asked) >= Interval)
            {
                Tell(server, work.Target.Address, await MeasureAsync(work.Target.Address, cancellation));
                server.Asked = Stopwatch.GetTimestamp();
            }

            return server.Late is null ? null : new("ReplicaLag", server.Late, "Run again when the standby has caught up.") { RetryAfter = Interval };
        }
        finally
        {
            server.Turn.Release();
        }
    }

    /// <inheritdoc/>
    /// <exception cref="TenancyException"><c>ReplicaLagDenied</c>.</exception>
    public async Task PrepareAsync(IReadOnlyCollection<DatabaseAddress> databases, CancellationToken cancellation)
    {
        foreach (var database in databases.DistinctBy(static database => database.Server))
        {
            if (await MeasureAsync(database, cancellation) is not { } standbys)
            {
                continue;
            }

            if (!standbys.IsReadable)
            {
                throw new TenancyException(
                    "ReplicaLagDenied",
                    $"User '{connector.Username}' may not see the standbys of {database.Server}, so -MaxReplicaLag has nothing to go by.",
                    "GRANT pg_monitor to the user, or run without -MaxReplicaLag.");
            }

            if (standbys.Count == 0)
            {
                log.Warn($"No standby is connected to {database.Server}: -MaxReplicaLag holds nothing back there until one is.");
            }
        }
    }

    private void Tell(Server server, DatabaseAddress address, Standbys? standbys)
    {
        var late = standbys?.Late;
        if (late is not null && server.Late is null)
        {
            log.Verbose($"{address.Server}: nothing new is started: {late}.");
        }
        else if (late is null && server.Late is not null)
        {
            log.Verbose($"{address.Server}: its standbys have caught up; the run goes on.");
        }

        server.Late = late;
    }

    // Null where the server cannot be asked: whatever is started there says so itself.
    private async Task<Standbys?> MeasureAsync(DatabaseAddress address, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await connector.OpenAsync(address, cancellation);
            await using var command = new NpgsqlCommand(Core.Sql.EmbeddedSql.Read("replica_lag"), connection) { CommandTimeout = Patience };
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            var (isReadable, count, late) = (true, 0, (string?)null);
            while (await reader.ReadAsync(cancellation))
            {
                isReadable &= reader.GetBoolean(0);
                double? seconds = reader.IsDBNull(2) ? null : reader.GetDouble(2);
                long? bytes = reader.IsDBNull(3) ? null : reader.GetInt64(3);
                count += bytes is null ? 0 : 1;
                if (seconds > limit.TotalSeconds)
                {
                    late = string.Create(CultureInfo.InvariantCulture, $"standby '{reader.GetString(1)}' of {address.Server} is {seconds:0.#} s behind, and {limit.TotalSeconds:0.###} s are allowed");
                }
                else if (seconds is null && bytes > MostBytes)
                {
                    late = string.Create(CultureInfo.InvariantCulture, $"standby '{reader.GetString(1)}' of {address.Server} is {bytes >> 20} MB behind, and tells no time");
                }
            }

            return new(isReadable, count, late);
        }
        catch (Exception error) when (error is TenancyException or NpgsqlException)
        {
            cancellation.ThrowIfCancellationRequested();
            return null;
        }
    }

    private sealed class Server
    {
        public SemaphoreSlim Turn { get; } = new(1);

        public long? Asked { get; set; }

        // What is late, or null.
        public string? Late { get; set; }
    }

    private sealed record Standbys(bool IsReadable, int Count, string? Late);
}
