using System.Collections.Concurrent;
using System.Collections.Immutable;
using Npgsql;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Policies;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Execution.Servers;

/// <summary>A run on one server: its databases side by side, as far as its limit of connections goes. A database that cannot be worked on fails only its tenants.</summary>
internal sealed class ServerRun
{
    private readonly TenancyProject project;
    private readonly RevisionGraph graph;
    private readonly DatabaseConnector connector;
    private readonly MigrationRequest request;
    private readonly IRunLog log;
    private readonly StartGate gate;
    private readonly RunDurability durability;
    private readonly ServerAddress server;
    private readonly ImmutableArray<DatabaseTenants> databases;
    private readonly ConcurrentQueue<DatabaseAddress> large = [];

    /// <summary>A run on one server.</summary>
    public ServerRun(
        TenancyProject project, RevisionGraph graph, DatabaseConnector connector, MigrationRequest request, IRunLog log, StartGate gate, RunDurability durability, ServerAddress server, ImmutableArray<DatabaseTenants> databases)
    {
        this.project = project;
        this.graph = graph;
        this.connector = connector;
        this.request = request;
        this.log = log;
        this.gate = gate;
        this.durability = durability;
        this.server = server;
        this.databases = databases;
    }

    /// <summary>True where the run has no other database: what is wrong with it is wrong with the run.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Runs.</summary>
    /// <param name="give">Takes a result.</param>
    /// <param name="cancellation">Cancels what is running.</param>
    /// <exception cref="TenancyException">As <see cref="FleetRun.RunAsync"/>.</exception>
    public async Task RunAsync(Func<MigrationResult, ValueTask> give, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var free = new SemaphoreSlim(0);
        var choice = new ConnectionChoice(request, log, databases);
        List<Task> running = [];
        try
        {
            if (!choice.IsDecided)
            {
                // It asks what the server can take with the message that it begins with, for all of them.
                running.Add(RunAsync(databases[0], choice, free, give, stop));
            }

            var limits = await choice.Limits;
            free.Release(limits.Server);
            foreach (var database in databases)
            {
                // Only here is anything taken, so whoever waits for several waits for nobody who waits.
                for (var taken = 0; taken < limits.Share(database.Tenants.Count); taken++)
                {
                    await free.WaitAsync(stop.Token);
                }

                if (running.Count == 0 || database != databases[0])
                {
                    running.Add(RunAsync(database, choice, free, give, stop));
                }
            }
        }
        finally
        {
            // Also when one of them has stopped the others: its error is the one to tell.
            await Task.WhenAll(running);
        }

        await EndAsync(cancellation);
    }

    // Every transaction of this run on this server has ended, and none will follow.
    private async Task EndAsync(CancellationToken cancellation)
    {
        await durability.TryFlushAsync(log, server, cancellation);
        foreach (var address in request.SkipVacuum ? [] : large)
        {
            await new CatalogCare(project, connector, log, address).RunAsync(cancellation);
        }

        foreach (var database in databases)
        {
            await ReleaseAsync(database.Address);
        }
    }

    private async Task RunAsync(DatabaseTenants database, ConnectionChoice choice, SemaphoreSlim free, Func<MigrationResult, ValueTask> give, CancellationTokenSource stop)
    {
        var isLeft = false;
        try
        {
            await using var own = new OwnCancellation(stop.Token);
            await RunAsync(database, choice, give, LeaveAsync, own.Token);
            await LeaveAsync();
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
        finally
        {
            await FreeAsync();
        }

        async ValueTask LeaveAsync()
        {
            await ReleaseAsync(database.Address);
            await FreeAsync();
        }

        async ValueTask FreeAsync()
        {
            if (!isLeft)
            {
                isLeft = true;
                // Where it was not even asked.
                choice.Decide(null);
                free.Release((await choice.Limits).Share(database.Tenants.Count));
            }
        }
    }

    private async Task RunAsync(DatabaseTenants database, ConnectionChoice choice, Func<MigrationResult, ValueTask> give, Func<ValueTask> leave, CancellationToken cancellation)
    {
        HashSet<string> ended = new(database.Tenants.Count, StringComparer.Ordinal);
        var changes = 0;
        MigrationFailure failure;
        try
        {
            await foreach (var result in new DatabaseRun(project, graph, connector, request, log, gate, database.Address, database.Tenants, durability, choice) { NothingToDo = leave }.RunAsync(cancellation))
            {
                ended.Add(result.Schema);
                changes += result.Revisions.Length;
                await give(result);
            }

            if (changes >= CatalogCare.LargeRun)
            {
                large.Enqueue(database.Address);
            }

            return;
        }
        catch (TenancyException error) when (!IsWhole || ended.Count > 0)
        {
            failure = Fleet.Describe(error);
        }
        catch (NpgsqlException error) when (!cancellation.IsCancellationRequested)
        {
            failure = DatabaseFailure.Describe(database.Address, error);
        }

        await FailAsync(database, ended, failure, give);
    }

    // What is idle here are another database's connections now.
    private ValueTask ReleaseAsync(DatabaseAddress address) => IsWhole ? default : connector.ReleaseAsync(address);

    private async Task FailAsync(DatabaseTenants database, HashSet<string> ended, MigrationFailure failure, Func<MigrationResult, ValueTask> give)
    {
        log.Verbose(failure.Message);
        foreach (var tenant in database.Tenants.Where(tenant => !ended.Contains(tenant.Schema)))
        {
            var target = SchemaTarget.Of(tenant, database.Address);
            var result = gate.End(new(target), Fleet.Failed(tenant, database.Address, request, failure));
            using (var span = Telemetry.StartTenant(target.Traced))
            {
                span.End(result);
            }

            await give(result);
        }

        log.Progress(new(database.Address.ToString(), database.Tenants.Count, database.Tenants.Count, null));
    }
}
