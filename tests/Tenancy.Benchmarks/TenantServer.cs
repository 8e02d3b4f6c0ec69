using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using Tenancy.Core.Tenants;
using Tenancy.LocalPostgres;
using Tenancy.Model;

namespace Tenancy.Benchmarks;

/// <summary>A throwaway server that flushes what it commits, with databases of many tenants <c>t00000</c>, <c>t00001</c>, …; each measurement works on a copy of its own.</summary>
internal sealed class TenantServer : IAsyncDisposable
{
    private readonly LocalPostgresServer server;

    private int copies;

    private TenantServer(LocalPostgresServer server) => this.server = server;

    /// <summary>The version as the server says it.</summary>
    public string Version => server.Version;

    /// <summary>Its socket; on Windows its port.</summary>
    public EndPoint EndPoint => server.SocketDirectory is { } sockets
        ? new UnixDomainSocketEndPoint(Path.Combine(sockets, string.Create(CultureInfo.InvariantCulture, $".s.PGSQL.{server.Port}")))
        : new IPEndPoint(IPAddress.Loopback, server.Port);

    /// <summary>Starts one.</summary>
    public static async Task<TenantServer> StartAsync() => new(await LocalPostgresServer.StartAsync(new() { Durable = true }));

    /// <summary>A tenant's schema.</summary>
    public static string Schema(int number) => "t" + number.ToString("00000", CultureInfo.InvariantCulture);

    /// <summary>The first tenants.</summary>
    public static Tenant[] Tenants(int count) => [.. Enumerable.Range(0, count).Select(static number => new Tenant { Name = Schema(number), Schema = Schema(number) })];

    /// <summary>How the engine connects.</summary>
    /// <param name="database">The database.</param>
    public ConnectionSettings Settings(string database) =>
        new() { Host = server.SocketDirectory ?? server.Host, Port = server.Port, Database = database, Username = server.SuperUser };

    /// <summary>How Python connects.</summary>
    /// <param name="database">The database.</param>
    public string Url(string database) => string.Create(
        CultureInfo.InvariantCulture, $"postgresql+psycopg2://{server.SuperUser}@/{database}?host={server.SocketDirectory ?? server.Host}&port={server.Port}");

    /// <summary>Makes a database with tenants.</summary>
    /// <param name="database">Its name.</param>
    /// <param name="tenants">How many.</param>
    /// <param name="sql">What each has, with the token <c>tenant_schema</c>.</param>
    public async Task CreateAsync(string database, int tenants, string sql)
    {
        await ExecuteAsync("postgres", $"CREATE DATABASE {database}");
        await ForEachAsync(database, tenants, "CREATE SCHEMA tenant_schema; " + sql);
    }

    /// <summary>Does the same in every tenant, on the server, in transactions of 200.</summary>
    /// <param name="database">The database.</param>
    /// <param name="tenants">How many tenants.</param>
    /// <param name="sql">What to do, with the token <c>tenant_schema</c>.</param>
    public Task ForEachAsync(string database, int tenants, string sql) => ExecuteAsync(database, $$"""
        DO $do$ BEGIN FOR number IN 0..{{tenants - 1}} LOOP
            EXECUTE replace($sql${{sql}}$sql$, 'tenant_schema', 't' || lpad(number::text, 5, '0'));
            IF number % 200 = 199 THEN COMMIT; END IF;
        END LOOP; END $do$
        """);

    /// <summary>Does something with a copy of a database, which is dropped afterwards.</summary>
    /// <param name="template">The database; nobody may be connected to it.</param>
    /// <param name="work">What to do with the copy, by its name.</param>
    public async Task<T> WithCopyAsync<T>(string template, Func<string, Task<T>> work)
    {
        const string Copy = "copy";
        await PrepareAsync(() => ExecuteAsync("postgres", $"CREATE DATABASE {Copy} TEMPLATE {template}"));
        try
        {
            return await work(Copy);
        }
        finally
        {
            await ExecuteAsync("postgres", $"DROP DATABASE {Copy} WITH (FORCE)");
        }
    }

    /// <summary>Copies a database. The copy stays as long as the server: ext4 does not take the inodes of files again that were deleted some minutes ago, and looks at each of them for each new file.</summary>
    /// <param name="template">The database; nobody may be connected to it.</param>
    /// <returns>The copy's name.</returns>
    public async Task<string> CopyAsync(string template)
    {
        var copy = string.Create(CultureInfo.InvariantCulture, $"copy_{++copies}");
        await PrepareAsync(() => ExecuteAsync("postgres", $"CREATE DATABASE {copy} TEMPLATE {template}"));
        return copy;
    }

    /// <summary>Waits until nobody is connected to a database, so that the processor time of its sessions counts.</summary>
    /// <param name="database">The database.</param>
    public async Task WaitUntilLeftAsync(string database)
    {
        while ((await QueryAsync("postgres", "SELECT count(*)::text FROM pg_stat_activity WHERE datname = $1", database))[0] != "0")
        {
            await Task.Delay(10);
        }
    }

    /// <summary>Prepares what is measured later: without a flush a file, which would take minutes, and with nothing left to write at its end.</summary>
    /// <param name="work">The work.</param>
    public async Task PrepareAsync(Func<Task> work)
    {
        await ExecuteAsync("postgres", "ALTER SYSTEM SET fsync = off");
        await ReloadAsync("off");
        await work();
        await ExecuteAsync("postgres", "CHECKPOINT");
        if (Child.Find("sync") is { } sync)
        {
            await Child.RunAsync(new(sync));
        }

        await ExecuteAsync("postgres", "ALTER SYSTEM RESET fsync");
        await ReloadAsync("on");
    }

    /// <summary>Vacuums and analyses catalogs and history, which autovacuum would do in the middle of the measurement. Tenants' tables are empty.</summary>
    public async Task AnalyzeAsync(string database) => await ExecuteAsync(database, "VACUUM (ANALYZE) " + string.Join(", ", await QueryAsync(
        database, "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname IN ('pg_catalog', 'tenancy')")));

    /// <summary>Runs statements that give nothing.</summary>
    public async Task ExecuteAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString(database));
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The first column of a query, as text.</summary>
    public async Task<IReadOnlyList<string>> QueryAsync(string database, string sql, params string[] values)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString(database));
        await using var command = source.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        await using var reader = await command.ExecuteReaderAsync();
        List<string> lines = [];
        while (await reader.ReadAsync())
        {
            lines.Add(reader.GetString(0));
        }

        return lines;
    }

    /// <summary>Processor time of sessions that have ended, on Linux; elsewhere 0. What the machine does besides lengthens every clock but this.</summary>
    public async Task<double> ReadProcessorSecondsAsync()
    {
        var postmaster = (await QueryAsync("postgres", "SELECT split_part(pg_read_file('postmaster.pid'), chr(10), 1)"))[0];
        if (!OperatingSystem.IsLinux())
        {
            return 0;
        }

        // proc(5): the time of children that were waited for, user and system, in hundredths; fields are counted from behind the name, which may have spaces.
        var text = await File.ReadAllTextAsync($"/proc/{postmaster}/stat");
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return (double.Parse(fields[13], CultureInfo.InvariantCulture) + double.Parse(fields[14], CultureInfo.InvariantCulture)) / 100;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => server.DisposeAsync();

    private async Task ReloadAsync(string fsync)
    {
        await ExecuteAsync("postgres", "SELECT pg_reload_conf()");
        while ((await QueryAsync("postgres", "SHOW fsync"))[0] != fsync)
        {
            await Task.Delay(10);
        }
    }

    private string ConnectionString(string database) =>
        new NpgsqlConnectionStringBuilder(server.ConnectionString(database)) { Host = server.SocketDirectory ?? server.Host, Pooling = false }.ConnectionString;
}
