using Npgsql;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Tenants;
using Tenancy.LocalPostgres;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>When what a run commits is safe from a crash of the server.</summary>
public sealed class DurabilityTests
{
    private static readonly string[] Schemas = ["t1", "t2", "t3"];

    internal const string Customer = """
        revision: aaaa0001
        up:
          - create_table: {name: customer, columns: [{name: id, type: bigint, primary_key: true}]}
        """;

    [Fact]
    public async Task Results_are_durable_once_the_run_has_ended()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await CreateSchemasAsync(database.DataSource);
        using var project = new FleetProject(database).With("1", Customer);
        await using var fleet = project.Open();
        var request = new MigrationRequest();
        List<(MigrationResult Result, bool Then)> results = [];

        await foreach (var result in fleet.MigrateAsync(FleetProject.Tenants(Schemas), request, project.Log))
        {
            results.Add((result, result.Durable));
        }

        Assert.All(results, static seen => Assert.Equal((MigrationStatus.Migrated, true), (seen.Result.Status, seen.Result.Durable)));
        // The run ends when the last has been given, and then the one before it may not have been looked at yet.
        Assert.All(results.SkipLast(2), static seen => Assert.False(seen.Then));
        Assert.True(await database.ScalarAsync<bool>($"SELECT durable_at >= (SELECT max(changed_at) FROM tenancy.head) FROM tenancy.run WHERE id = '{request.RunId}'"));
        Assert.All(await project.MigrateAsync(FleetProject.Tenants(Schemas)), static result => Assert.Equal((MigrationStatus.UpToDate, true), (result.Status, result.Durable)));
    }

    [Theory]
    [InlineData("on")]
    [InlineData("off")]
    public async Task Results_are_durable_at_once_where_each_commit_waits_for_the_disk(string byDefault)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await CreateSchemasAsync(database.DataSource);
        await database.ExecuteAsync($"ALTER DATABASE {database.Name} SET synchronous_commit = {byDefault}");
        using var project = new FleetProject(database).With("1", Customer);
        await project.MigrateAsync(FleetProject.Tenants("t1"), new() { Durability = Durability.Each });
        await NoteCommitsAsync(database);
        await using var fleet = project.Open();

        await foreach (var result in fleet.MigrateAsync(FleetProject.Tenants("t2"), new() { Durability = Durability.Each }, project.Log))
        {
            Assert.True(result.Durable);
        }

        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t3")));
        Assert.Equal(["on", "off"], (await database.QueryAsync("SELECT value FROM seen")).Select(static row => row[0]));
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.run WHERE durable_at IS NOT NULL"));
    }

    [Fact]
    public async Task What_a_hook_commits_is_made_durable_though_no_tenant_gets_further()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA t1; CREATE TABLE t1.customer (id bigint); CREATE SCHEMA shared; CREATE TABLE shared.log (what text)");
        using var project = new FleetProject(database, "fleet: test\nshared_schema: shared\nhooks: {before_tenant: {sql: INSERT INTO shared.log VALUES ('before'), touches: shared.log}}").With("1", Customer);

        var result = Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1")));

        Assert.Equal((MigrationStatus.Failed, true), (result.Status, result.Durable));
        Assert.True(result.Flush!.IsCompletedSuccessfully);
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.run WHERE durable_at IS NOT NULL"));
    }

    [SkippableFact]
    public async Task Each_of_the_servers_behind_a_pooler_is_made_durable()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using var other = await LocalPostgresServer.StartAsync();
        await using var pooler = await PgBouncerServer.StartAsync(database.Server, elsewhere: $"postgres = host={other.Host} port={other.Port}");
        await using var source = NpgsqlDataSource.Create(other.ConnectionString("postgres"));
        await CreateSchemasAsync(database.DataSource);
        await CreateSchemasAsync(source);
        using var project = new FleetProject(new ConnectionSettings { Host = pooler.Host, Port = pooler.Port, Database = database.Name, Username = "postgres" }).With("1", Customer);
        Tenant[] tenants = [.. FleetProject.Tenants("t1"), .. FleetProject.Tenants("t2").Select(static tenant => tenant with { Database = "postgres" })];

        var results = await project.MigrateAsync(tenants);

        Outcome.AssertMigrated(results);
        Assert.All(results, static result => Assert.True(result.Durable));
        const string Kept = "SELECT count(*) FROM tenancy.run WHERE durable_at IS NOT NULL";
        await using var kept = source.CreateCommand(Kept);
        Assert.Equal((1L, 1L), (await database.ScalarAsync<long>(Kept), (long)(await kept.ExecuteScalarAsync())!));
    }

    [Fact]
    public async Task A_cancelled_run_does_not_wait_for_a_standby_that_is_gone()
    {
        await using var server = await LocalPostgresServer.StartAsync();
        await using var source = NpgsqlDataSource.Create(server.ConnectionString("postgres"));
        await CreateSchemasAsync(source);
        using var project = new FleetProject(new ConnectionSettings { Host = server.Host, Port = server.Port, Database = "postgres", Username = server.SuperUser }, "fleet: test\ntimeouts: {lock: 5min}").With("1", Customer);
        await using var fleet = project.Open();
        // Holds the second tenant back, and so the run's end.
        await using var holder = await source.OpenConnectionAsync();
        await using var hold = new NpgsqlCommand("BEGIN; CREATE TABLE t2.customer ()", holder);
        await hold.ExecuteNonQueryAsync();
        using var cancel = new CancellationTokenSource();
        var results = fleet.MigrateAsync(FleetProject.Tenants("t1", "t2"), new(), project.Log, cancel.Token).GetAsyncEnumerator();
        Assert.True(await results.MoveNextAsync());
        await ExecuteAsync("ALTER SYSTEM SET synchronous_standby_names = 'gone'");
        await ExecuteAsync("SELECT pg_reload_conf()");
        // It takes a moment until commits wait.
        var probe = Task.CompletedTask;
        await UntilAsync(1, () => probe = probe.IsCompleted ? ExecuteAsync("CREATE TABLE IF NOT EXISTS probe (); DROP TABLE probe") : probe);

        hold.CommandText = "ROLLBACK";
        await hold.ExecuteNonQueryAsync();
        Assert.True(await results.MoveNextAsync());
        Assert.Equal(MigrationStatus.Migrated, results.Current.Status);
        var end = results.MoveNextAsync().AsTask();
        await UntilAsync(2, () => { });
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => end.WaitAsync(TimeSpan.FromMinutes(2)));

        await results.DisposeAsync();
        await ExecuteAsync("ALTER SYSTEM RESET synchronous_standby_names");
        await ExecuteAsync("SELECT pg_reload_conf()");
        await probe;

        async Task ExecuteAsync(string sql)
        {
            await using var command = source.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }

        async Task UntilAsync(int waiting, Action meanwhile)
        {
            await using var command = source.CreateCommand("SELECT count(*)::integer FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
            for (var deadline = DateTime.UtcNow.AddSeconds(90); (int)(await command.ExecuteScalarAsync())! < waiting; await Task.Delay(20))
            {
                Assert.True(DateTime.UtcNow < deadline, $"never {waiting} that wait");
                meanwhile();
            }
        }
    }

    [Theory]
    [InlineData("ALL")]
    [InlineData("wal")]
    public async Task A_reset_of_statistics_is_no_restart(string what)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await CreateSchemasAsync(database.DataSource);
        var plain = (await TestRoles.CreateAsync("plain"))["plain"];
        await database.ExecuteAsync($"GRANT CREATE ON DATABASE {database.Name} TO {plain}; {string.Join("; ", Schemas.Select(schema => $"ALTER SCHEMA {schema} OWNER TO {plain}"))}");
        using var project = new FleetProject(database).With("1", Customer);
        project.Connection = project.Connection with { Username = plain };
        await using var fleet = project.Open();
        // All that some version knows.
        string[] targets = what == "ALL" ? ["archiver", "bgwriter", "checkpointer", "io", "recovery_prefetch", "slru", "wal"] : [what];
        List<MigrationResult> results = [];

        await foreach (var result in fleet.MigrateAsync(FleetProject.Tenants(Schemas), new(), project.Log))
        {
            if (results.Count == 0)
            {
                foreach (var target in targets)
                {
                    await database.ExecuteAsync($"DO $do$ BEGIN PERFORM pg_stat_reset_shared('{target}'); EXCEPTION WHEN invalid_parameter_value THEN END $do$");
                }
            }

            results.Add(result);
        }

        Assert.All(results, static result => Assert.Equal((MigrationStatus.Migrated, true), (result.Status, result.Durable)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_crash_of_the_server_in_the_middle_is_told_and_the_next_run_ends_the_work(bool isOfOneProcess)
    {
        // What was not waited for is lost for certain: nothing writes it before the crash.
        await using var server = await LocalPostgresServer.StartAsync(new()
        {
            Settings = new Dictionary<string, string> { ["wal_writer_delay"] = "10s", ["wal_writer_flush_after"] = "1GB", ["autovacuum"] = "off" },
        });
        await using var source = NpgsqlDataSource.Create(server.ConnectionString("postgres"));
        await CreateSchemasAsync(source);
        using var project = new FleetProject(new ConnectionSettings { Host = server.Host, Port = server.Port, Database = "postgres", Username = server.SuperUser }).With("1", Customer);

        var error = await Assert.ThrowsAsync<TenancyException>(async () =>
        {
            await using var fleet = project.Open();
            var isFirst = true;
            await foreach (var result in fleet.MigrateAsync(FleetProject.Tenants(Schemas), new(), project.Log))
            {
                if (isFirst)
                {
                    Assert.Equal(MigrationStatus.Migrated, result.Status);
                    await (isOfOneProcess ? CrashAsync(source) : server.RestartAsync(StopMode.Immediate));
                    isFirst = false;
                }

                Assert.False(result.Durable && result.Status == MigrationStatus.Migrated);
            }
        });

        Assert.Equal("NotDurable", error.ErrorId);
        Assert.Contains("restarted meanwhile", error.Message, StringComparison.Ordinal);
        NpgsqlConnection.ClearAllPools();
        await using var after = NpgsqlDataSource.Create(server.ConnectionString("postgres"));
        foreach (var schema in Schemas)
        {
            await using var agrees = after.CreateCommand(
                $"SELECT (to_regclass('{schema}.customer') IS NOT NULL) = EXISTS (SELECT FROM tenancy.head WHERE schema = '{schema}') AND (to_regclass('{schema}.customer') IS NOT NULL) = EXISTS (SELECT FROM tenancy.history WHERE schema = '{schema}' AND outcome = 'done')");
            Assert.Equal(true, await agrees.ExecuteScalarAsync());
        }

        Outcome.AssertNoError(await project.MigrateAsync(FleetProject.Tenants(Schemas)));
        await using var heads = after.CreateCommand("SELECT count(*) FROM tenancy.head");
        Assert.Equal(3L, await heads.ExecuteScalarAsync());
    }

    [Fact]
    public async Task What_the_hook_after_a_tenant_did_is_kept_where_nothing_would_do_it_again()
    {
        await using var server = await LocalPostgresServer.StartAsync(new()
        {
            Settings = new Dictionary<string, string> { ["wal_writer_delay"] = "10s", ["wal_writer_flush_after"] = "1GB", ["autovacuum"] = "off" },
        });
        await using var source = NpgsqlDataSource.Create(server.ConnectionString("postgres"));
        await ExecuteAsync("CREATE SCHEMA t1; CREATE SCHEMA t2; CREATE TABLE t1.hooked (n integer); CREATE TABLE t2.hooked (n integer)");
        using var project = new FleetProject(
            new ConnectionSettings { Host = server.Host, Port = server.Port, Database = "postgres", Username = server.SuperUser },
            "fleet: test\ntimeouts: {lock: 60s}\nretries: {pause: 10ms, longest_pause: 1s}\nhooks:\n  after_tenant: SELECT pg_catalog.pg_advisory_xact_lock_shared(pg_catalog.hashtext(${tenant.name})); INSERT INTO tenant_schema.hooked VALUES (1)").With("1", Customer);
        // The second tenant's hook holds back the run's end, which makes everything durable.
        await using var gate = await source.OpenConnectionAsync();
        await using var hold = new NpgsqlCommand("SELECT pg_advisory_lock(hashtext('t1')), pg_advisory_lock(hashtext('t2'))", gate);
        await hold.ExecuteNonQueryAsync();
        await using var fleet = project.Open();
        var results = fleet.MigrateAsync(FleetProject.Tenants("t1", "t2"), new() { ThrottleLimit = 2, MaxRetries = 100 }, project.Log).GetAsyncEnumerator();
        var first = results.MoveNextAsync().AsTask();
        while (!await IsTrueAsync("SELECT count(*) = 2 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))
        {
            Assert.False(first.IsCompleted);
            await Task.Delay(20);
        }

        // It waits for the disk, so the revisions, which are committed, are on it too; and are no work for a later run, whose hooks would run again.
        await ExecuteAsync("CREATE TABLE elsewhere ()");
        hold.CommandText = "SELECT pg_advisory_unlock(hashtext('t1'))";
        await hold.ExecuteNonQueryAsync();
        Assert.True(await first);
        Assert.Equal(("t1", MigrationStatus.Migrated, null), (results.Current.Name, results.Current.Status, results.Current.Error));
        await server.RestartAsync(StopMode.Immediate);
        NpgsqlConnection.ClearAllPools();
        source.Clear();
        Assert.True(await results.MoveNextAsync());
        Assert.Equal("NotDurable", (await Assert.ThrowsAsync<TenancyException>(async () => await results.MoveNextAsync())).ErrorId);
        await results.DisposeAsync();

        Assert.All(await project.MigrateAsync(FleetProject.Tenants("t1", "t2")), static result => Assert.Equal(MigrationStatus.UpToDate, result.Status));
        Assert.True(await IsTrueAsync("SELECT count(*) = 1 FROM t1.hooked") && await IsTrueAsync("SELECT count(*) = 1 FROM t2.hooked"));

        async Task ExecuteAsync(string sql)
        {
            await using var command = source.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }

        async Task<bool> IsTrueAsync(string sql)
        {
            await using var command = source.CreateCommand(sql);
            return await command.ExecuteScalarAsync() is true;
        }
    }

    [Theory]
    [InlineData(TransactionMode.PerRevision, Durability.Run)]
    [InlineData(TransactionMode.PerTenant, Durability.Each)]
    [InlineData(TransactionMode.AllTenants, Durability.Run)]
    public async Task What_a_killed_run_committed_is_durable_when_the_next_says_so(TransactionMode mode, Durability durability)
    {
        await using var left = await KilledRun.CreateAsync();
        await left.KillAsync();
        var tenants = FleetProject.Tenants("t1", "t2");
        var request = new MigrationRequest { Transaction = mode, Durability = durability };

        var found = await left.Project.MigrateAsync(tenants, request);

        Assert.All(found, static result => Assert.Equal((MigrationStatus.UpToDate, true), (result.Status, result.Durable)));
        if (mode != TransactionMode.AllTenants)
        {
            // It is known then, and costs nothing more.
            await using var fleet = left.Project.Open();
            await foreach (var result in fleet.MigrateAsync(tenants, request with { RunId = Guid.NewGuid() }, left.Project.Log))
            {
                Assert.Equal((MigrationStatus.UpToDate, null), (result.Status, result.Flush));
            }
        }

        await left.AssertKeptAfterCrashAsync("t1", "t2");
    }

    [Fact]
    public async Task A_stamp_that_finds_what_a_killed_run_committed_is_durable()
    {
        await using var left = await KilledRun.CreateAsync();
        await left.KillAsync();

        await using (var fleet = left.Project.Open())
        {
            var result = Assert.Single(await fleet.StampAsync(FleetProject.Tenants("t2"), ["aaaa0001"], MigrationScope.Tenant, false, false, left.Project.Log).ToListAsync());
            Assert.Equal((MigrationStatus.UpToDate, true), (result.Status, result.Durable));
        }

        // Not the first: its commit may wake the server's process that writes.
        await left.AssertKeptAfterCrashAsync("t2");
    }

    [Fact]
    public async Task What_another_run_took_is_made_durable_by_the_one_that_says_so()
    {
        await using var left = await KilledRun.CreateAsync();
        var run = left.Project.MigrateAsync(FleetProject.Tenants("t3"));
        await left.Project.Log.UntilAsync("in use by another run");

        await left.LetGoAsync();
        var result = Assert.Single(await run);
        left.Kill();

        Assert.Equal((MigrationStatus.TakenElsewhere, true), (result.Status, result.Durable));
        await left.AssertKeptAfterCrashAsync("t3");
    }

    // A trigger of the history's own tells how the run commits. At COMMIT, because what is set then is what counts; the first trigger takes back that the run made all constraints immediate.
    private static Task NoteCommitsAsync(TestDatabase database) => database.ExecuteAsync("""
        CREATE TABLE seen (value text);
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER note AFTER INSERT ON tenancy.head DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note();
        CREATE FUNCTION defer() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN SET CONSTRAINTS tenancy.note DEFERRED; RETURN NEW; END $$;
        CREATE TRIGGER defer BEFORE INSERT ON tenancy.head FOR EACH ROW EXECUTE FUNCTION defer()
        """);

    // One session's process is killed. The postmaster, which is the same before and after, ends all the others and recovers.
    private static async Task CrashAsync(NpgsqlDataSource source)
    {
        const string Start = "SELECT pg_postmaster_start_time()";
        await using var killed = await source.OpenConnectionAsync();
        await using var other = await source.OpenConnectionAsync();
        await using var ask = new NpgsqlCommand(Start, killed);
        var before = await ask.ExecuteScalarAsync();
        await using var sleep = new NpgsqlCommand("SELECT pg_sleep(300)", other);
        var ended = Assert.ThrowsAnyAsync<NpgsqlException>(() => sleep.ExecuteNonQueryAsync());
        using (var process = System.Diagnostics.Process.GetProcessById(killed.ProcessID))
        {
            process.Kill();
        }

        await ended;
        for (var deadline = DateTime.UtcNow.AddSeconds(90); ; await Task.Delay(50))
        {
            try
            {
                source.Clear();
                await using var again = source.CreateCommand(Start);
                Assert.Equal(before, await again.ExecuteScalarAsync());
                return;
            }
            catch (NpgsqlException) when (DateTime.UtcNow < deadline)
            {
                // It is not back yet.
            }
        }
    }

    private static async Task CreateSchemasAsync(NpgsqlDataSource source)
    {
        await using var create = source.CreateCommand(string.Join("; ", Schemas.Select(static schema => $"CREATE SCHEMA {schema}")));
        await create.ExecuteNonQueryAsync();
    }
}
