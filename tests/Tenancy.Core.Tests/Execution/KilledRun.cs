using Npgsql;
using Tenancy.Core.Tenants;
using Tenancy.LocalPostgres;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>A run in a process of its own that has committed t1 and t2 without waiting for the disk, and waits at t3; on a server that loses for certain, in a crash, what was not waited for.</summary>
internal sealed class KilledRun : IAsyncDisposable
{
    private readonly LocalPostgresServer server;
    private readonly NpgsqlDataSource source;
    private readonly NpgsqlConnection holder;
    private readonly NpgsqlConnection end;
    private readonly Runner runner;
    private bool isKilled;

    private KilledRun(LocalPostgresServer server, NpgsqlDataSource source, NpgsqlConnection holder, NpgsqlConnection end, FleetProject project, Runner runner) =>
        (this.server, this.source, this.holder, this.end, Project, this.runner) = (server, source, holder, end, project, runner);

    public FleetProject Project { get; }

    public static async Task<KilledRun> CreateAsync()
    {
        var server = await LocalPostgresServer.StartAsync(new()
        {
            Settings = new Dictionary<string, string> { ["wal_writer_delay"] = "10s", ["wal_writer_flush_after"] = "1GB", ["autovacuum"] = "off" },
        });
        var source = NpgsqlDataSource.Create(server.ConnectionString("postgres"));
        await using (var create = source.CreateCommand("CREATE SCHEMA t1; CREATE SCHEMA t2; CREATE SCHEMA t3; CREATE SCHEMA t4"))
        {
            await create.ExecuteNonQueryAsync();
        }

        var project = new FleetProject(
            new ConnectionSettings { Host = server.Host, Port = server.Port, Database = "postgres", Username = server.SuperUser }, "fleet: test\ntimeouts: {lock: 5min, tenant_lock: 5min}").With("1", DurabilityTests.Customer);
        var holder = await HoldAsync(source, "t3");
        // Keeps it from its end, which would make all of it durable.
        var end = await HoldAsync(source, "t4");
        var runner = await Runner.StartAsync(project, ["t1", "t2", "t3", "t4"]);
        runner.Go();
        await using var waits = source.CreateCommand(
            "SELECT (SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock') = 1 AND to_regclass('tenancy.head') IS NOT NULL");
        for (var deadline = DateTime.UtcNow.AddSeconds(90); await waits.ExecuteScalarAsync() is not true; await Task.Delay(20))
        {
            Assert.True(DateTime.UtcNow < deadline, "the run never came to t3");
        }

        return new(server, source, holder, end, project, runner);
    }

    /// <summary>Kills the run where it is, and what it left at work on the server.</summary>
    public async Task KillAsync()
    {
        Kill();
        await using var sessions = source.CreateCommand("SELECT count(*)::integer FROM pg_stat_activity WHERE application_name LIKE 'tenancy %' AND pg_terminate_backend(pid)");
        for (var deadline = DateTime.UtcNow.AddSeconds(90); (int)(await sessions.ExecuteScalarAsync())! > 0; await Task.Delay(20))
        {
            Assert.True(DateTime.UtcNow < deadline, "the run's sessions never ended");
        }

        await LetGoAsync();
    }

    public void Kill()
    {
        if (!isKilled)
        {
            isKilled = true;
            runner.Dispose();
        }
    }

    public async Task LetGoAsync()
    {
        await ExecuteAsync(holder, "ROLLBACK");
        await holder.CloseAsync();
    }

    public async Task AssertKeptAfterCrashAsync(params string[] schemas)
    {
        await ExecuteAsync(end, "ROLLBACK");
        await end.CloseAsync();
        await server.RestartAsync(StopMode.Immediate);
        source.Clear();
        foreach (var schema in schemas)
        {
            await using var kept = source.CreateCommand($"SELECT to_regclass('{schema}.customer') IS NOT NULL AND EXISTS (SELECT FROM tenancy.head WHERE schema = '{schema}')");
            Assert.True(await kept.ExecuteScalarAsync() is true, schema);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await holder.DisposeAsync();
        await end.DisposeAsync();
        await source.DisposeAsync();
        Project.Dispose();
        await server.DisposeAsync();
    }

    private static async Task<NpgsqlConnection> HoldAsync(NpgsqlDataSource source, string schema)
    {
        var connection = await source.OpenConnectionAsync();
        await ExecuteAsync(connection, $"BEGIN; CREATE TABLE {schema}.customer ()");
        return connection;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
