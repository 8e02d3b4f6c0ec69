using System.Collections.Concurrent;
using Npgsql;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Execution.Servers;

/// <summary>
/// What a run committed without waiting for the disk, or found that others had, server by server. A commit that waits, writes a row and comes after all the others makes them durable with it: the log is one sequence a server,
/// and a commit that wrote nothing would flush nothing (manual, 30.4).
/// </summary>
/// <param name="project">The project.</param>
/// <param name="connector">Opens connections.</param>
/// <param name="run">The run.</param>
internal sealed class RunDurability(TenancyProject project, DatabaseConnector connector, Guid run)
{
    private const int MostTries = 5;

    // A server that is gone, or whose standby is, would not let go of who asked for an end.
    private static readonly TimeSpan LongestWhenCancelled = TimeSpan.FromSeconds(5);

    private readonly List<Server> servers = [];
    private readonly ConcurrentDictionary<DatabaseAddress, Server> databases = new();
    private readonly ConcurrentQueue<string> unsure = [];

    /// <summary>Notes that work on a database begins. Before its first commit.</summary>
    /// <param name="address">The database.</param>
    /// <param name="life">Which life of its server that is.</param>
    public void Begin(DatabaseAddress address, ServerLife life)
    {
        lock (servers)
        {
            // By its life too: a pooler is one address before many servers.
            var server = servers.Find(server => server.Address == address.Server && server.Life.IsSame(life));
            if (server is null)
            {
                servers.Add(server = new(address.Server, life));
            }

            databases[address] = server;
        }
    }

    /// <summary>Notes a commit, or one that may have happened.</summary>
    /// <param name="address">The database; it has the run's row.</param>
    /// <returns>Done when the commit is durable.</returns>
    public Task Note(DatabaseAddress address)
    {
        var server = databases[address];
        server.Last = address;
        return server.Flushed.Task;
    }

    /// <summary>Notes that the run counts on what others committed, which may not be durable yet: they go on, or were killed.</summary>
    /// <param name="address">The database.</param>
    /// <returns>Done when it is durable.</returns>
    public Task NoteFound(DatabaseAddress address)
    {
        var server = databases[address];
        server.Found = address;
        return server.Flushed.Task;
    }

    /// <summary>Makes everything durable. After the last commit.</summary>
    /// <param name="log">Takes what is done.</param>
    /// <param name="only">The server whose work is over; null means all that are left.</param>
    /// <param name="cancellation">Gives up, a few seconds later: most often it is short.</param>
    public async Task TryFlushAsync(IRunLog log, ServerAddress? only, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource();
        await using var link = cancellation.UnsafeRegister(static limit => ((CancellationTokenSource)limit!).CancelAfter(LongestWhenCancelled), limit);
        foreach (var server in Left(only))
        {
            var address = server.Address;
            server.IsAsked = true;
            try
            {
                if (server.Life.IsSame(await FlushAsync(server, limit.Token)))
                {
                    server.Flushed.TrySetResult();
                    log.Verbose($"{address}: everything committed is durable.");
                }
                else
                {
                    unsure.Enqueue($"{address} restarted meanwhile");
                }
            }
            catch (TenancyException error) when (error.ErrorId == "HistoryDenied" && server.Last is null)
            {
                // A role that may only look did nothing; that its results are not durable says enough.
                log.Verbose($"Not known to be durable: what other runs committed: {error.Message}");
            }
            catch (TenancyException error)
            {
                unsure.Enqueue(error.Message.TrimEnd('.'));
            }
            catch (OperationCanceledException)
            {
                unsure.Enqueue($"{address} did not answer before the run was cancelled");
            }
        }

        if (!unsure.IsEmpty)
        {
            log.Verbose($"Not known to be durable: {string.Join("; ", unsure)}.");
        }
    }

    /// <summary>Makes sure that all servers were.</summary>
    /// <exception cref="TenancyException"><c>NotDurable</c>: a server restarted since the run began, or could not be asked.</exception>
    public void EnsureFlushed()
    {
        if (!unsure.IsEmpty)
        {
            throw new TenancyException(
                "NotDurable",
                $"Whether everything that the run committed is kept is not certain: {string.Join("; ", unsure)}. Tenants that were the last to commit may stand where they were before.",
                "Run again: what is done stays done, and what was taken back is done again. -Durability Each waits for the disk with each commit.");
        }
    }

    private List<Server> Left(ServerAddress? only)
    {
        lock (servers)
        {
            return servers.FindAll(server => server is { Asks: not null, IsAsked: false } && (only is null || server.Address == only));
        }
    }

    private async Task<ServerLife> FlushAsync(Server server, CancellationToken cancellation)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await CommitAsync(server, cancellation);
            }
            catch (TenancyException error) when (error.ErrorId is "ConnectionFailed" or "ConnectionLost" && tries < MostTries)
            {
                // A server that is restarting, perhaps.
                await Task.Delay(TimeSpan.FromSeconds(tries), cancellation);
            }
        }
    }

    // The server's life is asked within: it is that of the commit.
    private Task<ServerLife> CommitAsync(Server server, CancellationToken cancellation) => HistoryTransaction.SendAsync(
        connector,
        server.Asks!,
        project,
        batch =>
        {
            var sql = new HistorySql(project.HistorySchema);
            if (server.Last is not null)
            {
                batch.Add(sql.File("keep_durable"), project.Fleet, run);
            }

            batch.Add(sql.File("note_flushed"), project.Fleet);
            batch.Add(ServerFacts.Query);
        },
        async (connection, reader) =>
        {
            await reader.ReadAsync(cancellation);
            return ServerFacts.Read(connection, reader).Life;
        },
        cancellation,
        writes: true);

    private sealed class Server(ServerAddress address, ServerLife life)
    {
        public ServerAddress Address => address;

        public ServerLife Life => life;

        public DatabaseAddress? Last { get; set; }

        public DatabaseAddress? Found { get; set; }

        // The run's row is where it did something.
        public DatabaseAddress? Asks => Last ?? Found;

        public bool IsAsked { get; set; }

        public TaskCompletionSource Flushed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
