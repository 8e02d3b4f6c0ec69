using Npgsql;
using Tenancy.Core.Tenants;
using Tenancy.Core.Tests.Execution;
using Tenancy.LocalPostgres;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Policies;

/// <summary>A standby that is too far behind holds a run back: a real one, whose replay is paused.</summary>
public sealed class ReplicaLagTests
{
    private const string Thing = "revision: aaaa0001\nup:\n  - create_table: {name: thing, columns: [{name: id, type: integer}]}";

    private static readonly TimeSpan Allowed = TimeSpan.FromSeconds(2);

    [SkippableFact]
    public async Task A_run_waits_until_the_standby_has_caught_up_and_a_standby_is_no_target()
    {
        await using var world = await World.CreateAsync();
        using var project = world.Project();
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t0"), new() { MaxReplicaLag = Allowed }));

        await world.PauseAsync();
        var run = project.MigrateAsync(FleetProject.Tenants("t1", "t2"), new() { MaxReplicaLag = Allowed, ThrottleLimit = 2 });
        await project.Log.UntilAsync("nothing new is started: standby 'walreceiver'");
        await Task.Delay(500);
        Assert.False(run.IsCompleted);
        Assert.Equal(0L, await world.PrimaryAsync<long>("SELECT count(*) FROM tenancy.head WHERE schema <> 't0'"));

        await world.StandbyAsync("SELECT pg_wal_replay_resume()");
        Outcome.AssertMigrated(await run);
        Assert.Contains("its standbys have caught up", project.Log.Text, StringComparison.Ordinal);

        using var other = new FleetProject(new ConnectionSettings { Host = world.Follower.Host, Port = world.Follower.Port, Database = "postgres", Username = "postgres" }).With("1", Thing);
        var error = await Assert.ThrowsAsync<TenancyException>(() => other.MigrateAsync(FleetProject.Tenants("t1")));
        Assert.Equal("ServerIsStandby", error.ErrorId);
    }

    [SkippableFact]
    public async Task Waiting_ends_when_it_is_cancelled_or_time_is_over()
    {
        await using var world = await World.CreateAsync();
        using var project = world.Project();
        await world.PauseAsync();
        using var stop = new CancellationTokenSource();

        var run = project.MigrateAsync(FleetProject.Tenants("t0", "t1"), new() { MaxReplicaLag = Allowed }, stop.Token);
        await project.Log.UntilAsync("nothing new is started");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);

        var results = await project.MigrateAsync(FleetProject.Tenants("t0", "t1"), new() { MaxReplicaLag = Allowed, Until = DateTime.UtcNow.AddSeconds(3) });
        Assert.All(results, static result => Assert.Equal(("Incomplete", "OutOfTime"), (result.Status, result.Failure!.ErrorId)));
        Assert.False(await world.PrimaryAsync<bool>("SELECT to_regclass('t0.thing') IS NOT NULL"));
    }

    [Fact]
    public async Task Who_may_not_see_the_standbys_is_refused_before_anything_is_touched()
    {
        await using var database = await FailureLimitTests.CreateAsync(1, broken: []);
        var role = $"policy_{Guid.NewGuid():N}";
        await database.ExecuteAsync($"CREATE ROLE {role} LOGIN");
        using var project = new FleetProject(new ConnectionSettings { Host = database.Server.Host, Port = database.Server.Port, Database = database.Name, Username = role }).With("1", Thing);

        var error = await Assert.ThrowsAsync<TenancyException>(() => project.MigrateAsync(FleetProject.Tenants("t0"), new() { MaxReplicaLag = Allowed }));

        Assert.Equal("ReplicaLagDenied", error.ErrorId);
        Assert.False(await database.ScalarAsync<bool>("SELECT to_regnamespace('tenancy') IS NOT NULL"));
        await database.ExecuteAsync($"DROP ROLE {role}");
    }

    [Fact]
    public async Task Without_a_standby_a_warning_says_that_nothing_holds_it_back()
    {
        await using var database = await FailureLimitTests.CreateAsync(1, broken: []);
        using var project = new FleetProject(database).With("1", Thing);

        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t0"), new() { MaxReplicaLag = Allowed }));

        Assert.Contains("No standby is connected", project.Log.Text, StringComparison.Ordinal);
    }

    // A primary and a standby of their own: the other tests' server is to keep its speed.
    private sealed class World(LocalPostgresServer primary, LocalPostgresServer follower, NpgsqlDataSource onPrimary, NpgsqlDataSource onStandby) : IAsyncDisposable
    {
        public LocalPostgresServer Follower => follower;

        public static async Task<World> CreateAsync()
        {
            var primary = await LocalPostgresServer.StartAsync();
            if (!primary.CanMakeStandby)
            {
                await primary.DisposeAsync();
                Skip.If(true, $"PostgreSQL {primary.Version} in {primary.BinDirectory} comes without pg_basebackup (Debian: install postgresql-client).");
            }

            // It tells how far it is once a second, instead of each ten.
            var follower = await primary.StartStandbyAsync(new Dictionary<string, string> { ["wal_receiver_status_interval"] = "1s" });
            var world = new World(primary, follower, NpgsqlDataSource.Create(primary.ConnectionString()), NpgsqlDataSource.Create(follower.ConnectionString()));
            await world.PrimaryAsync<object>("CREATE SCHEMA t0; CREATE SCHEMA t1; CREATE SCHEMA t2");
            await world.UntilAsync("SELECT count(*) = 1 FROM pg_stat_replication WHERE state = 'streaming' AND replay_lsn = pg_current_wal_lsn()");
            return world;
        }

        public FleetProject Project() =>
            new FleetProject(new ConnectionSettings { Host = primary.Host, Port = primary.Port, Database = "postgres", Username = "postgres" }).With("1", Thing);

        /// <summary>Stops replaying, writes something, and waits until the primary knows that it is late.</summary>
        public async Task PauseAsync()
        {
            await StandbyAsync("SELECT pg_wal_replay_pause()");
            await PrimaryAsync<object>("CREATE TABLE written AS SELECT 1 AS x");
            await UntilAsync($"SELECT coalesce(max(replay_lag) > interval '{Allowed.TotalSeconds} s', false) FROM pg_stat_replication");
        }

        public async Task<T?> PrimaryAsync<T>(string sql)
        {
            await using var command = onPrimary.CreateCommand(sql);
            return await command.ExecuteScalarAsync() is T value ? value : default;
        }

        public async Task StandbyAsync(string sql)
        {
            await using var command = onStandby.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await onPrimary.DisposeAsync();
            await onStandby.DisposeAsync();
            await follower.DisposeAsync();
            await primary.DisposeAsync();
        }

        private async Task UntilAsync(string condition)
        {
            var deadline = DateTime.UtcNow.AddSeconds(90);
            while (!await PrimaryAsync<bool>(condition))
            {
                Assert.True(DateTime.UtcNow < deadline, $"never true: {condition}");
                await Task.Delay(100);
            }
        }
    }
}
