using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Catalog.Scratch;

/// <summary>
/// A transaction in which scratch schemas are made, and which is always rolled back: nobody else ever sees them, and nothing is left behind, whatever happens. What must commit
/// needs <see cref="CommittedScratch"/>.
/// </summary>
internal sealed class ScratchTransaction : IAsyncDisposable
{
    private const string Savepoint = "tenancy_try";

    private readonly RunContext context;

    private ScratchTransaction(RunContext context, NpgsqlConnection connection)
    {
        this.context = context;
        Connection = connection;
        Snapshots = new(connection);
    }

    /// <summary>The connection, in the transaction.</summary>
    public NpgsqlConnection Connection { get; }

    /// <summary>Reads snapshots in the transaction.</summary>
    public RepeatedSnapshots Snapshots { get; }

    /// <summary>Sweeps what dead runs have left, and begins the transaction with a run's limits of time.</summary>
    /// <param name="context">The run.</param>
    /// <param name="address">The database.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException">What connecting throws.</exception>
    public static async Task<ScratchTransaction> BeginAsync(RunContext context, DatabaseAddress address, CancellationToken cancellation)
    {
        var connection = await context.Connector.OpenAsync(address, cancellation);
        try
        {
            await ScratchSweep.RunAsync(connection, context, address, cancellation);
            var scratch = new ScratchTransaction(context, connection);
            await scratch.BeginAsync(cancellation);
            return scratch;
        }
        catch
        {
            await EndAsync(connection);
            throw;
        }
    }

    /// <summary>Makes a scratch schema; the role is then the one that logged in.</summary>
    /// <param name="like">The tenant that it stands for.</param>
    /// <param name="suffix">What it is for; one of its own for each schema of a run.</param>
    /// <param name="cancellation">Cancels.</param>
    public Task<ScratchSchema> CreateAsync(SchemaTarget like, string suffix, CancellationToken cancellation) =>
        ScratchSchema.CreateAsync(Connection, context, like, suffix, cancellation);

    /// <summary>Tries something; what it did is undone where it fails.</summary>
    /// <param name="work">What to try.</param>
    /// <param name="isFailure">Which failures that is for; any other leaves the transaction of no use.</param>
    /// <param name="otherwise">What to do then instead.</param>
    /// <param name="cancellation">Cancels.</param>
    public async Task<T> TryAsync<T>(Func<Task<T>> work, Func<TenancyException, bool> isFailure, Func<TenancyException, Task<T>> otherwise, CancellationToken cancellation)
    {
        TenancyException failure;
        await SendAsync($"SAVEPOINT {Savepoint}", cancellation);
        try
        {
            var done = await work();
            await SendAsync($"RELEASE SAVEPOINT {Savepoint}", cancellation);
            return done;
        }
        catch (TenancyException error) when (isFailure(error) && !cancellation.IsCancellationRequested)
        {
            failure = error;
        }

        await SendAsync($"ROLLBACK TO SAVEPOINT {Savepoint}", cancellation);
        return await otherwise(failure);
    }

    /// <summary>Rolls back, and gives the connection back.</summary>
    public async ValueTask DisposeAsync()
    {
        await Snapshots.DisposeAsync();
        await EndAsync(Connection);
    }

    /// <summary>Rolls all back, and begins anew: what was made is gone.</summary>
    /// <param name="cancellation">Cancels.</param>
    public async Task RestartAsync(CancellationToken cancellation)
    {
        await Snapshots.DisposeAsync();
        await TransactionalWork.RollBackAsync(Connection);
        await BeginAsync(cancellation);
    }

    private async Task BeginAsync(CancellationToken cancellation)
    {
        CommandList commands = [];
        commands.AddBegin(context, ScratchNames.ApplicationName(context.Request.RunId));
        await commands.ExecuteAsync(Connection, cancellation);
    }

    private async Task SendAsync(string command, CancellationToken cancellation)
    {
        CommandList commands = [];
        commands.Add(command);
        await commands.ExecuteAsync(Connection, cancellation);
    }

    private static async ValueTask EndAsync(NpgsqlConnection connection)
    {
        await TransactionalWork.RollBackAsync(connection, TransactionCommands.FreeSessionLocks);
        await connection.DisposeAsync();
    }
}
