using Npgsql;
using Tenancy.Core.Execution.Waiting;
using Tenancy.Core.Operations;
using Tenancy.Core.Planning;
using Tenancy.Core.Sql;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Execution.Steps;

/// <summary>A session for steps outside a transaction: over a direct connection, because it holds lock and settings beyond a transaction's end; cleaned before the connection goes back.</summary>
internal sealed class DirectSession
{
    // Longer than the pauses in which it asks for a lock, or whether somebody builds still.
    private static readonly TimeSpan ShortestIdle = TimeSpan.FromSeconds(3);

    private readonly RunContext context;
    private readonly SchemaTarget target;

    /// <summary>A session for one schema.</summary>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    public DirectSession(RunContext context, SchemaTarget target)
    {
        this.context = context;
        this.target = target;
    }

    /// <summary>Does work under the schema's lock, with the settings of a statement.</summary>
    /// <param name="planned">The statement.</param>
    /// <param name="waits">True to wait for the lock as long as the project's <c>tenant_lock</c>; false to give up where another run has it.</param>
    /// <param name="work">The work, given the connection and, of a concurrent index statement, what surrounds it.</param>
    /// <param name="cancellation">Cancels the running statement.</param>
    /// <exception cref="TenancyException"><c>PoolerWithoutDirectServer</c>, <c>TenantInUse</c>, <c>WrongSchema</c>.</exception>
    public async Task<T> RunAsync<T>(PlannedStatement planned, bool waits, Func<NpgsqlConnection, ConcurrentIndexWork?, Task<T>> work, CancellationToken cancellation)
    {
        var address = context.Connector.FindDirect(target.Address);
        await using var connection = await context.Retries.OpenAsync(address, cancellation);
        try
        {
            await EnsureDirectAsync(connection, target.Address, cancellation);
            await LimitAsync(connection, planned, cancellation);
            await LockAsync(connection, waits, cancellation);
            await SetSessionAsync(connection, planned, cancellation);
            return await work(connection, planned.Statement.ConcurrentIndex is { } concurrent ? new ConcurrentIndexWork(context, target, concurrent, connection) : null);
        }
        finally
        {
            await CleanAsync(connection, context.Connector, address);
        }
    }

    // Session state set behind a pooler leaks to its next client.
    private static async Task EnsureDirectAsync(NpgsqlConnection connection, DatabaseAddress address, CancellationToken cancellation)
    {
        if ((await ServerFacts.ReadAsync(connection, cancellation)).IsBehindPooler)
        {
            throw BehindPooler(address);
        }
    }

    /// <summary>The error of a non-transactional step behind a pooler.</summary>
    public static TenancyException BehindPooler(DatabaseAddress address) => new(
        "PoolerWithoutDirectServer",
        $"{address} is behind a connection pooler, and a pending revision has a statement that cannot run in a transaction.",
        "Give -DirectServer the address of the server itself.");

    private async Task LockAsync(NpgsqlConnection connection, bool waits, CancellationToken cancellation)
    {
        var patience = new LockPatience(context, target);
        while (true)
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.Add($"SELECT {context.History.Quoted}.try_lock_session($1, $2, $3)", context.Project.Fleet, target.ScopeName, target.Schema);
            if (await batch.ExecuteScalarAsync(cancellation) is true)
            {
                return;
            }

            if (!waits)
            {
                throw new TenancyException("TenantInUse", "another run is at work on it.", "Wait for that run to end.");
            }

            await patience.WaitAsync(cancellation);
        }
    }

    // Session settings: a direct connection is ours alone, and there is no transaction to hold them. That of a runner that does not answer any more (a machine that sleeps, say) lets go of the lock:
    // no transaction is idle there, and nobody else would end it.
    private async Task LimitAsync(NpgsqlConnection connection, PlannedStatement planned, CancellationToken cancellation)
    {
        CommandList commands = [];
        commands.AddSettings(context, target, planned.LockTimeout, planned.StatementTimeout, isLocal: false);
        commands.Add(
            """
            SELECT pg_catalog.set_config('idle_session_timeout', $1, false), pg_catalog.set_config('default_transaction_read_only', 'off', false),
              pg_catalog.set_config('default_transaction_isolation', 'read committed', false), pg_catalog.set_config('default_transaction_deferrable', 'off', false)
            """,
            Batches.Milliseconds(context.Project.Timeouts.Idle > ShortestIdle ? context.Project.Timeouts.Idle : ShortestIdle));
        await commands.ExecuteAsync(connection, cancellation);
    }

    private async Task SetSessionAsync(NpgsqlConnection connection, PlannedStatement planned, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add("SELECT pg_catalog.set_config('search_path', $1, false)", planned.Operation is SqlOperation ? context.UnprovedSearchPath(target) : context.SearchPath(target));
        batch.Add("SELECT pg_catalog.current_schema()::pg_catalog.text AS tenancy_current");
        if (context.Project.Owner is { } owner)
        {
            batch.Add("SET ROLE " + SqlIdentifier.Quote(owner));
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        do
        {
            if (reader.FieldCount == 1 && reader.GetName(0) == "tenancy_current" && context.CurrentSchema(target) is { } expected
                && (!await reader.ReadAsync(cancellation) || await reader.IsDBNullAsync(0, cancellation) || reader.GetString(0) != expected))
            {
                throw new TenancyException("WrongSchema", $"Names would not land in schema {expected}: the role may lack USAGE on it.", "Grant the role USAGE and CREATE on the schema.");
            }
        }
        while (await reader.NextResultAsync(cancellation));
    }

    /// <summary>Cleans a session before its connection goes back to a pool that resets nothing. DISCARD ALL also lets go of the session's locks.</summary>
    /// <param name="connection">The connection, in no transaction.</param>
    /// <param name="connector">Whose connection it is.</param>
    /// <param name="address">Where it leads.</param>
    public static async Task CleanAsync(NpgsqlConnection connection, DatabaseConnector connector, DatabaseAddress address)
    {
        try
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.Add("DISCARD ALL");
            await batch.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception error) when (error is NpgsqlException or InvalidOperationException)
        {
            // Not NpgsqlConnection.ClearPool, which knows nothing of a data source's pool. What is in use is closed on its return.
            connector.GetDataSource(address).Clear();
        }
    }
}
