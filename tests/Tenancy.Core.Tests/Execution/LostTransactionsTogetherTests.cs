using Npgsql;
using Tenancy.Core.Execution.Steps;
using Tenancy.Core.History;
using Tenancy.Core.Planning;
using Tenancy.Core.Tenants;
using Tenancy.Core.Tests.Faults;
using Tenancy.LocalPostgres;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Where the connection or the server is lost in the middle of a message of several transactions, history says which of them are done: these are told, and not done twice.</summary>
public sealed class LostTransactionsTogetherTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task A_session_that_is_ended_leaves_what_it_has_committed(int number)
    {
        await using var database = await FiveRevisions.CreateAsync();
        using var project = FiveRevisions.Project(FiveRevisions.HookProject(FiveRevisions.Connection(database)), (number, FiveRevisions.Gate));
        var gate = await database.HoldAsync("SELECT pg_advisory_lock(4242)");
        var run = project.MigrateAsync(FleetProject.Tenants("t1"), new() { Durability = Durability.Each });
        await database.UntilBlockedAsync("SELECT pg_catalog.pg_advisory_xact_lock_shared%");
        await database.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_catalog.pg_advisory_xact_lock_shared%' AND pid <> pg_backend_pid()");
        await gate.DisposeAsync();

        var result = Assert.Single(await run);

        Assert.Equal((MigrationStatus.Migrated, null), (result.Status, result.TakenBy));
        Assert.Equal(["aaaa0001", "aaaa0002", "aaaa0003", "aaaa0004", "aaaa0005"], result.Revisions);
        await FiveRevisions.AssertAtAsync(database, "t1", 5);
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM t1.hooked"));
        Assert.Equal(
            ["before_tenant done", .. Enumerable.Range(1, 5).SelectMany(one => one == number ? new[] { $"{FiveRevisions.Id(one)} failed", $"{FiveRevisions.Id(one)} done" } : [$"{FiveRevisions.Id(one)} done"])],
            FiveRevisions.Told(project).Where(static step => !step.EndsWith("begun", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_hook_before_revisions_that_history_has_is_not_run_again()
    {
        await using var database = await FiveRevisions.CreateAsync();
        await using var proxy = new CuttingProxy(database, "record_revision($1", reachesServer: true, upTo: "n2 ()");
        using var project = FiveRevisions.Project(FiveRevisions.HookProject(database.Through(proxy.Port, null)));

        var result = Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1")));

        Assert.Equal((1, null), (proxy.Cuts, result.Error));
        await FiveRevisions.AssertAtAsync(database, "t1", 5);
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM t1.hooked"));
        // No answer came at all: what history has is told as done.
        Assert.Equal(
            ["before_tenant begun", "before_tenant done", "aaaa0001 begun", "aaaa0001 done", "aaaa0002 begun", "aaaa0002 failed", .. Enumerable.Range(2, 4).SelectMany(static number => new[] { $"{FiveRevisions.Id(number)} begun", $"{FiveRevisions.Id(number)} done" })],
            FiveRevisions.Told(project));
        Assert.All(project.Log.Steps.Where(static step => step.Direction != "hook"), static step => Assert.Equal(step.Outcome == MigrationStep.Begun, step.Seconds == 0));
    }

    [Fact]
    public async Task A_hook_before_a_stage_that_history_has_is_not_run_again()
    {
        await using var database = await FiveRevisions.CreateAsync();
        await database.ExecuteAsync("CREATE TYPE t1.mood AS ENUM ('bad')");
        await using var proxy = new CuttingProxy(database, "record_stage($1", reachesServer: true, upTo: "n1 ()");
        using var project = FiveRevisions.Project(FiveRevisions.HookProject(database.Through(proxy.Port, null)))
            .With("1", FiveRevisions.Manifest(1, "ALTER TYPE tenant_schema.mood ADD VALUE 'fine'", "CREATE TABLE tenant_schema.n1 ()"));

        var result = Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1")));

        Assert.Equal((1, null), (proxy.Cuts, result.Error));
        await FiveRevisions.AssertAtAsync(database, "t1", 5);
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM t1.hooked"));
        Assert.Equal(
            ["before_tenant  begun", "before_tenant  done", "aaaa0001 1 begun", "aaaa0001 1 done", "aaaa0001 2 begun", "aaaa0001 2 failed", "aaaa0001 2 begun", "aaaa0001 2 done"],
            project.Log.Steps.Take(8).Select(static step => $"{step.Revision} {step.Number} {step.Outcome}"));
    }

    [Fact]
    public async Task A_message_that_never_reached_the_server_is_told_as_failed_and_sent_again()
    {
        await using var database = await FiveRevisions.CreateAsync();
        await using var proxy = new CuttingProxy(database, "record_revision($1", reachesServer: false);
        using var project = FiveRevisions.Project(FiveRevisions.HookProject(database.Through(proxy.Port, null)));

        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1")));

        Assert.Equal(1, proxy.Cuts);
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM t1.hooked"));
        Assert.Equal(
            ["before_tenant begun", "before_tenant failed", "before_tenant begun", "before_tenant done", .. Enumerable.Range(1, 5).SelectMany(static number => new[] { $"{FiveRevisions.Id(number)} begun", $"{FiveRevisions.Id(number)} done" })],
            FiveRevisions.Told(project));
    }

    [Fact]
    public async Task A_revision_that_was_marked_when_the_connection_was_lost_is_told_as_marked()
    {
        await using var database = await FiveRevisions.CreateAsync();
        await using var proxy = new CuttingProxy(database, "record_revision($1", reachesServer: true, passes: 1);
        using var project = FiveRevisions.Project(new FleetProject(database.Through(proxy.Port, null), FiveRevisions.Settings)).With("3", FiveRevisions.Marked);

        var result = Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1")));

        Assert.Equal((1, MigrationStatus.Migrated), (proxy.Cuts, result.Status));
        Assert.Equal(["aaaa0001", "aaaa0002", "aaaa0004", "aaaa0005"], result.Revisions);
        Assert.Equal(["aaaa0003"], result.MarkedApplied);
    }

    [Fact]
    public async Task What_a_crash_took_back_is_done_again_hook_and_mark_included()
    {
        // What was not waited for is lost for certain: nothing writes it before the crash.
        await using var server = await LocalPostgresServer.StartAsync(new()
        {
            Settings = new Dictionary<string, string> { ["wal_writer_delay"] = "10s", ["wal_writer_flush_after"] = "1GB", ["autovacuum"] = "off" },
        });
        await using var source = NpgsqlDataSource.Create(server.ConnectionString("postgres"));
        await ExecuteAsync("CREATE SCHEMA t1; CREATE TABLE t1.hooked (n integer)");
        using var project = FiveRevisions.Project(FiveRevisions.HookProject(new() { Host = server.Host, Port = server.Port, Database = "postgres", Username = server.SuperUser }), (4, FiveRevisions.Gate)).With("3", FiveRevisions.Marked);
        await using (var gate = await source.OpenConnectionAsync())
        {
            await using var hold = new NpgsqlCommand("SELECT pg_advisory_lock(4242)", gate);
            await hold.ExecuteNonQueryAsync();
            List<MigrationResult> results = [];
            await using var fleet = project.Open();
            var run = Assert.ThrowsAsync<TenancyException>(async () =>
            {
                await foreach (var result in fleet.MigrateAsync(FleetProject.Tenants("t1"), new() { MaxRetries = 100 }, project.Log))
                {
                    results.Add(result);
                }
            });
            while (!run.IsCompleted && !await IsBlockedAsync())
            {
                await Task.Delay(20);
            }

            await server.RestartAsync(StopMode.Immediate);
            NpgsqlConnection.ClearAllPools();
            source.Clear();

            Assert.Equal("NotDurable", (await run).ErrorId);
            var only = Assert.Single(results);
            Assert.Equal((MigrationStatus.Migrated, null), (only.Status, only.Error));
            Assert.Equal(["aaaa0001", "aaaa0002", "aaaa0004", "aaaa0005"], only.Revisions);
            Assert.Equal(["aaaa0003"], only.MarkedApplied);
        }

        Assert.Equal("1 aaaa0001 aaaa0002 aaaa0003 aaaa0004 aaaa0005", await ScalarAsync("""
            SELECT (SELECT count(*) FROM t1.hooked) || ' ' || string_agg(revision, ' ' ORDER BY id) FROM tenancy.history WHERE schema = 't1' AND outcome = 'done'
            """));

        async Task ExecuteAsync(string sql)
        {
            await using var command = source.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }

        async Task<object?> ScalarAsync(string sql)
        {
            await using var command = source.CreateCommand(sql);
            return await command.ExecuteScalarAsync();
        }

        async Task<bool> IsBlockedAsync() => (bool)(await ScalarAsync("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"))!;
    }

    [Fact]
    public async Task A_message_of_which_the_server_gets_a_part_has_done_that_part()
    {
        await using var database = await FiveRevisions.CreateAsync();
        await using var proxy = new CuttingProxy(database, "record_revision($1", reachesServer: true, upTo: HistoryTransaction.BeginWriting);
        using var project = FiveRevisions.Project(new FleetProject(database.Through(proxy.Port, null), FiveRevisions.Settings));

        var result = Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1")));

        Assert.Equal(1, proxy.Cuts);
        Assert.Equal(MigrationStatus.Migrated, result.Status);
        Assert.Equal(["aaaa0001", "aaaa0002", "aaaa0003", "aaaa0004", "aaaa0005"], result.Revisions);
        await FiveRevisions.AssertAtAsync(database, "t1", 5);
        Assert.Contains("history says whether it happened", project.Log.Text, StringComparison.Ordinal);
    }
}
