using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Steps;
using Tenancy.Core.History;
using Tenancy.Core.Sql;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Scratch;

/// <summary>
/// Scratch schemas that are committed, for what must commit: concurrent forms, enum values that are used. They are dropped at the end; where this run dies, by the next one, which finds the lock free that this
/// one holds as long as its session lives. Over a direct connection: behind a pooler a session's lock is nobody's.
/// </summary>
internal sealed class CommittedScratch : IAsyncDisposable
{
    private readonly RunContext context;
    private readonly DatabaseAddress address;
    private readonly List<string> made = [];

    private CommittedScratch(RunContext context, DatabaseAddress address, NpgsqlConnection connection)
    {
        this.context = context;
        this.address = address;
        Connection = connection;
        Snapshots = new(connection);
    }

    /// <summary>The connection, in no transaction, with a run's limits of time.</summary>
    public NpgsqlConnection Connection { get; }

    /// <summary>Reads snapshots, each inside a transaction.</summary>
    public RepeatedSnapshots Snapshots { get; }

    /// <summary>Sweeps what dead runs have left, and takes this run's lock.</summary>
    /// <param name="context">The run.</param>
    /// <param name="address">The database.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException"><c>PoolerWithoutDirectServer</c>; <c>ScratchInUse</c>: the run has committed scratch schemas already; or what connecting throws.</exception>
    public static async Task<CommittedScratch> OpenAsync(RunContext context, DatabaseAddress address, CancellationToken cancellation)
    {
        var direct = context.Connector.FindDirect(address);
        var connection = await context.Connector.OpenAsync(direct, cancellation);
        var scratch = new CommittedScratch(context, direct, connection);
        try
        {
            if ((await ServerFacts.ReadAsync(connection, cancellation)).IsBehindPooler)
            {
                throw new TenancyException(
                    "PoolerWithoutDirectServer",
                    $"{address} is behind a connection pooler, and what is to be tried must be committed, in a scratch schema that a session's lock keeps.",
                    "Give -DirectServer the address of the server itself.");
            }

            await ScratchSweep.RunAsync(connection, context, address, cancellation);
            CommandList commands = [];
            // As long as a step outside a transaction may take: a concurrent build waits for every older snapshot.
            commands.AddSettings(context, context.Project.Timeouts.ConcurrentLock, context.Project.Timeouts.ConcurrentStatement, ScratchNames.ApplicationName(context.Request.RunId), isLocal: false);
            await commands.ExecuteAsync(connection, cancellation);
            await using var batch = new NpgsqlBatch(connection);
            batch.Add("SELECT pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended($1, 0))", ScratchNames.LockName(context.Request.RunId));
            return await batch.ExecuteScalarAsync(cancellation) is true
                ? scratch
                : throw new TenancyException("ScratchInUse", $"Run {context.Request.RunId} has scratch schemas in {address} already.", "Wait for that to end.");
        }
        catch
        {
            await scratch.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes a scratch schema and commits it; the role is then the one that logged in.</summary>
    /// <param name="like">The tenant that it stands for.</param>
    /// <param name="suffix">What it is for; one of its own for each schema of a run.</param>
    /// <param name="cancellation">Cancels.</param>
    public async Task<ScratchSchema> CreateAsync(SchemaTarget like, string suffix, CancellationToken cancellation)
    {
        // Before it is there: it may be committed though the answer was lost.
        made.Add(ScratchNames.Of(context.Request.RunId, suffix));
        return await RunAsync(() => ScratchSchema.CreateAsync(Connection, context, like, suffix, cancellation), cancellation);
    }

    /// <summary>Makes a schema with what the engine itself needs, and commits it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="texts">What makes it: statements without parameters, nothing of a user's.</param>
    /// <param name="cancellation">Cancels.</param>
    public async Task CreateAsync(string name, IReadOnlyCollection<string> texts, CancellationToken cancellation)
    {
        made.Add(name);
        await RunAsync(
            async () =>
            {
                foreach (var text in texts.Prepend($"CREATE SCHEMA {SqlIdentifier.Quote(name)}"))
                {
                    await using var command = new NpgsqlCommand(text, Connection);
                    await command.ExecuteNonQueryAsync(cancellation);
                }

                return true;
            },
            cancellation);
    }

    /// <summary>Does work in a transaction of its own, which is committed.</summary>
    /// <param name="work">The work.</param>
    /// <param name="cancellation">Cancels and rolls back.</param>
    public Task<T> RunAsync<T>(Func<Task<T>> work, CancellationToken cancellation) => RunAsync(work, keeps: true, cancellation);

    /// <summary>Looks at something in a transaction of its own, which is rolled back.</summary>
    /// <param name="look">What looks.</param>
    /// <param name="cancellation">Cancels.</param>
    public Task<T> LookAsync<T>(Func<Task<T>> look, CancellationToken cancellation) => RunAsync(look, keeps: false, cancellation);

    private async Task<T> RunAsync<T>(Func<Task<T>> work, bool keeps, CancellationToken cancellation)
    {
        try
        {
            CommandList commands = [];
            commands.AddBegin(context, ScratchNames.ApplicationName(context.Request.RunId));
            await commands.ExecuteAsync(Connection, cancellation);
            var done = await work();
            if (keeps)
            {
                await TransactionalWork.CommitAsync(Connection);
            }
            else
            {
                await TransactionalWork.RollBackAsync(Connection);
            }

            return done;
        }
        catch
        {
            await TransactionalWork.RollBackAsync(Connection);
            throw;
        }
    }

    /// <summary>Drops what was made, lets go of the lock, and gives the connection back. What cannot be dropped now is said, and swept by the next run.</summary>
    public async ValueTask DisposeAsync()
    {
        await TransactionalWork.RollBackAsync(Connection);
        await Snapshots.DisposeAsync();
        foreach (var schema in made)
        {
            await ScratchSweep.DropAsync(Connection, context, schema, CancellationToken.None);
        }

        await DirectSession.CleanAsync(Connection, context.Connector, address);
        await Connection.DisposeAsync();
    }
}
