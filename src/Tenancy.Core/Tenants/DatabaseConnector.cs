using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net.Sockets;
using Npgsql;
using Tenancy.Model;

namespace Tenancy.Core.Tenants;

/// <summary>
/// Opens connections to the databases of a fleet, one pool a database, all with the same user. Connections are safe behind PgBouncer in
/// transaction mode: nothing is set at start, nothing is reset at the end. Only built-in types are known; cast others in SQL.
/// </summary>
public sealed class DatabaseConnector : IAsyncDisposable
{
    private readonly ResolvedConnection connection;
    private readonly ConcurrentDictionary<DatabaseAddress, Lazy<(NpgsqlDataSource Source, ConnectionCare Care)>> pools = new();
    private readonly ConcurrentDictionary<ServerAddress, bool> reached = new();

    /// <summary>Decides where and how to connect; connects to nothing.</summary>
    /// <param name="settings">What the user says.</param>
    /// <param name="environment">What the machine says; null means this process's environment.</param>
    /// <exception cref="TenancyException"><c>InvalidConnection</c>, <c>ServiceNotFound</c>.</exception>
    public DatabaseConnector(ConnectionSettings settings, ConnectionEnvironment? environment = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        connection = ConnectionResolver.Resolve(settings, environment ?? ConnectionEnvironment.OfProcess());
        Default = new(connection.Server, connection.Database);
    }

    /// <summary>The database of tenants that name none.</summary>
    public DatabaseAddress Default { get; }

    /// <summary>The role that logs in.</summary>
    public string Username => connection.Username;

    /// <summary>The name that the server shows for idle connections.</summary>
    public string ApplicationName => connection.ApplicationName;

    /// <summary>What was set but is not used, and why; show it to the user once.</summary>
    public ImmutableArray<string> Warnings => connection.Warnings;

    /// <summary>The whole address of a server and a database, either of which may be left out.</summary>
    /// <param name="server">Host, <c>host:port</c> or socket folder; null means the session's. Without a port: the session's port for the session's host, else PGPORT or 5432.</param>
    /// <param name="database">The database; null means the session's.</param>
    /// <exception cref="TenancyException"><c>InvalidConnection</c>.</exception>
    public DatabaseAddress Locate(string? server, string? database)
    {
        database ??= Default.Database;
        if (server is null)
        {
            return Default with { Database = database };
        }

        var (host, port) = ServerAddress.Split(server);
        var address = ServerAddress.Of(host, port ?? connection.OtherPort);
        return new(port is null && address.Host == Default.Server.Host ? Default.Server : address, database);
    }

    /// <summary>The whole address of a tenant's database.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <exception cref="TenancyException"><c>InvalidConnection</c>.</exception>
    public DatabaseAddress Locate(Tenant tenant)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        return Locate(tenant.Server, tenant.Database);
    }

    /// <summary>Where the non-transactional steps of a database go: behind the pooler if a direct server was given for it, else the address itself.</summary>
    /// <param name="address">The database.</param>
    public DatabaseAddress FindDirect(DatabaseAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return connection.DirectServer is { } direct && address.Server == Default.Server ? address with { Server = direct } : address;
    }

    /// <summary>The pool of a database; owned by the connector. Open it asynchronously, or through <see cref="OpenAsync"/> for better errors.</summary>
    /// <param name="address">The database.</param>
    public NpgsqlDataSource GetDataSource(DatabaseAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return GetPool(address).Source;
    }

    /// <summary>Opens a connection from the pool.</summary>
    /// <param name="address">The database.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException"><c>ConnectionFailed</c>, <c>AuthenticationFailed</c> or <c>DatabaseNotFound</c>.</exception>
    public async ValueTask<NpgsqlConnection> OpenAsync(DatabaseAddress address, CancellationToken cancellation)
    {
        try
        {
            var (source, care) = GetPool(address);
            var opened = await ConnectAsync(source, cancellation);
            reached.TryAdd(address.Server, true);
            if (care.IsWorn(opened.ProcessID))
            {
                // What is idle is closed now, what is in use when it is given back.
                source.Clear();
            }

            return opened;
        }
        catch (Exception error) when (error is NpgsqlException or SocketException or TimeoutException or IOException or ArgumentException or System.Security.Cryptography.CryptographicException)
        {
            cancellation.ThrowIfCancellationRequested();
            throw ConnectionErrors.Describe(error, address, connection.Username);
        }
    }

    /// <summary>True where a server has taken a connection: its name is right, and where it takes none now it may be back soon.</summary>
    /// <param name="server">The server.</param>
    public bool HasReached(ServerAddress server) => reached.ContainsKey(server);

    /// <summary>Takes note of what a connection's backend keeps in memory; where it is much, the connection is closed when it is given back, and the others of its pool too.</summary>
    /// <param name="address">The database.</param>
    /// <param name="opened">The connection.</param>
    /// <param name="relations">How many relations it has made, or read the definitions of.</param>
    public void Wear(DatabaseAddress address, NpgsqlConnection opened, long relations)
    {
        ArgumentNullException.ThrowIfNull(opened);
        var (source, care) = GetPool(address);
        if (care.IsWorn(opened.ProcessID, ConnectionCare.Uses(relations)))
        {
            source.Clear();
        }
    }

    /// <summary>Closes the connections of a database, which is worked on no more for now; one that is in use closes when it is given back.</summary>
    /// <param name="address">The database; the direct way to it is closed too.</param>
    public async ValueTask ReleaseAsync(DatabaseAddress address)
    {
        foreach (var way in new HashSet<DatabaseAddress> { address, FindDirect(address) })
        {
            if (pools.TryRemove(way, out var pool))
            {
                await pool.Value.Source.DisposeAsync();
            }
        }
    }

    /// <summary>Closes all connections.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var pool in pools.Values)
        {
            await pool.Value.Source.DisposeAsync();
        }
    }

    // While a server takes the connection and says nothing, Npgsql hears of no cancellation until its timeout: so it is left to that.
    private static async Task<NpgsqlConnection> ConnectAsync(NpgsqlDataSource source, CancellationToken cancellation)
    {
        var opening = source.OpenConnectionAsync(cancellation);
        if (opening.IsCompleted)
        {
            return await opening;
        }

        var task = opening.AsTask();
        try
        {
            return await task.WaitAsync(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            _ = CloseAsync(task);
            throw;
        }
    }

    private static async Task CloseAsync(Task<NpgsqlConnection> opening)
    {
        await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (opening.IsCompletedSuccessfully)
        {
            await (await opening).DisposeAsync();
        }
    }

    private (NpgsqlDataSource Source, ConnectionCare Care) GetPool(DatabaseAddress address) =>
        pools.GetOrAdd(address, key => new(() => (DataSourceFactory.Build(connection, key), new()))).Value;
}
