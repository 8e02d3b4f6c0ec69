using Tenancy.Core.Planning;
using Tenancy.Core.Tenants;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>The ordinary path behind PgBouncer in transaction mode: it works there, and leaves nothing in the sessions that others get next.</summary>
public sealed class PgBouncerTests
{
    private const string Concurrent = """
        revision: bbbb0002
        parent: bbbb0001
        up:
          - create_index: {name: note_text_idx, table: note, columns: [text], concurrently: true}
        """;

    private const string Note = """
        revision: bbbb0001
        up:
          - create_table: {name: note, columns: [{name: id, type: integer, primary_key: true}, {name: text, type: text}]}
        """;

    [SkippableTheory]
    [InlineData("search_path", 20)]
    [InlineData("search_path", 2)]
    [InlineData("token", 1)]
    public async Task The_ordinary_path_works_and_leaves_no_session_state(string mode, int poolSize)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using var pooler = await PgBouncerServer.StartAsync(database.Server, poolSize);
        using var project = RichProject.Create(database, mode, extensions: false);
        project.Connection = Through(pooler, database);
        await database.ExecuteAsync("CREATE SCHEMA shared");
        var tenants = FleetProject.Tenants("t1", "t2", "t3");

        Outcome.AssertMigrated(await project.CreateAsync(tenants));
        var second = await project.MigrateAsync(tenants);
        Assert.All(second, static result => Assert.Equal(MigrationStatus.UpToDate, result.Status));
        Outcome.AssertMigrated(await project.UndoAsync(tenants, "rich0003"));
        await database.ExecuteAsync("INSERT INTO t2.person (email) VALUES ('in@the.way')");
        var failing = await project.MigrateAsync(tenants);
        Assert.Equal([MigrationStatus.Migrated, MigrationStatus.Failed, MigrationStatus.Migrated], failing.Select(static result => result.Status));
        await using var fleet = project.Open();
        var report = await fleet.GetTenantRevisionsAsync(tenants).ToListAsync();
        Assert.Equal([TenantRevisionStatus.AtHead, TenantRevisionStatus.Behind, TenantRevisionStatus.AtHead], report.Where(static tenant => tenant.Scope == "tenant").Select(static tenant => tenant.Status));
        await database.ExecuteAsync("TRUNCATE t2.person CASCADE");
        Outcome.AssertNoError(await project.MigrateAsync(tenants));

        project.With("7-astray", """
            revision: rich0007
            parent: rich0005
            up:
              - sql: CREATE FUNCTION shared.astray() RETURNS integer LANGUAGE sql AS 'SELECT 1'
                undo: DROP FUNCTION shared.astray()
            """);
        var astray = await project.MigrateAsync(tenants);
        Assert.All(astray, static result => Assert.Equal("PlacementViolation", result.Failure?.ErrorId));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_proc WHERE proname = 'astray'"));

        await AssertCleanAsync(database, pooler);
    }

    [SkippableTheory]
    [InlineData(20)]
    [InlineData(2)]
    [InlineData(1)]
    public async Task Two_runs_at_once_do_the_work_once(int poolSize)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using var pooler = await PgBouncerServer.StartAsync(database.Server, poolSize);
        using var project = RichProject.Create(database, "search_path", extensions: false);
        project.Connection = Through(pooler, database);
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE SCHEMA t1; CREATE SCHEMA t2; CREATE SCHEMA t3; CREATE SCHEMA t4");
        var tenants = FleetProject.Tenants("t1", "t2", "t3", "t4");

        foreach (var direction in new[] { "up", "down" })
        {
            // From both ends, so that they meet.
            Tenant[] reversed = [.. tenants.Reverse()];
            var runs = direction == "up"
                ? await Task.WhenAll(project.MigrateAsync(tenants), project.MigrateAsync(reversed))
                : await Task.WhenAll(project.UndoAsync(tenants), project.UndoAsync(reversed));
            Outcome.AssertNoError(runs.SelectMany(static run => run));
            Assert.Equal(20L, await database.ScalarAsync<long>($"SELECT count(*) FROM tenancy.history WHERE outcome = 'done' AND step IS NULL AND scope = 'tenant' AND direction = '{direction}'"));
        }

        await AssertCleanAsync(database, pooler);
    }

    [SkippableFact]
    public async Task A_concurrent_index_without_a_direct_connection_is_refused_before_anything_runs()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using var pooler = await PgBouncerServer.StartAsync(database.Server);
        using var project = new FleetProject(Through(pooler, database)).With("1", Note).With("2", Concurrent);
        await database.ExecuteAsync("CREATE SCHEMA t1; CREATE SCHEMA t2");
        Outcome.AssertNoError(await project.MigrateAsync(FleetProject.Tenants("t1"), new() { To = "bbbb0001" }));
        var before = await database.DumpAsync();

        var refused = await Assert.ThrowsAsync<TenancyException>(() => project.MigrateAsync(FleetProject.Tenants("t1", "t2")));
        await using (var fleet = project.Open())
        {
            Assert.All(await fleet.PlanAsync(FleetProject.Tenants("t1", "t2"), new()).ToListAsync(), static plan => Assert.Equal("PoolerWithoutDirectServer", plan.Failure!.ErrorId));
        }

        Assert.Equal("PoolerWithoutDirectServer", refused.ErrorId);
        Assert.Contains("-DirectServer", refused.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(before, await database.DumpAsync());
        await AssertCleanAsync(database, pooler);
    }

    [SkippableFact]
    public async Task A_concurrent_index_goes_to_the_direct_server()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using var pooler = await PgBouncerServer.StartAsync(database.Server, poolSize: 2);
        var settings = Through(pooler, database) with { DirectServer = $"{database.Server.Host}:{database.Server.Port}" };
        using var project = new FleetProject(settings).With("1", Note).With("2", Concurrent);
        await database.ExecuteAsync("CREATE SCHEMA t1; CREATE SCHEMA t2");

        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1"), new() { To = "bbbb0001" }));
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1", "t2")));

        Assert.Equal(2L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relname = 'note_text_idx' AND i.indisvalid"));
        Outcome.AssertMigrated(await project.UndoAsync(FleetProject.Tenants("t1", "t2")));
        await AssertCleanAsync(database, pooler);
    }

    private static ConnectionSettings Through(PgBouncerServer pooler, TestDatabase database) =>
        new() { Host = pooler.Host, Port = pooler.Port, Database = database.Name, Username = database.Server.SuperUser };

    // The pooler hands out its server connections in turn; each is looked at several times, and so is the server from outside.
    internal static async Task AssertCleanAsync(TestDatabase database, PgBouncerServer pooler)
    {
        const string Question = """
            SELECT pg_backend_pid(), current_setting('search_path'), current_setting('role'), current_setting('lock_timeout'), current_setting('statement_timeout'),
              current_setting('idle_in_transaction_session_timeout'), current_setting('row_security'), current_setting('client_connection_check_interval'),
              coalesce(current_setting('tenancy.current_schema', true), ''),
              (SELECT count(*) FROM pg_locks l WHERE l.pid = pg_backend_pid() AND l.locktype = 'advisory'),
              (SELECT count(*) FROM pg_prepared_statements), (SELECT count(*) FROM pg_listening_channels()), (SELECT count(*) FROM pg_cursors WHERE name <> '')
            """;
        await using var direct = await database.DataSource.OpenConnectionAsync();
        await using var command = direct.CreateCommand();
        command.CommandText = Question;
        var expected = await RowAsync(command);

        // No pooling here: each question begins a session, and takes the next server connection.
        var seen = new HashSet<int>();
        for (var number = 0; number < 60; number++)
        {
            await using var connection = new Npgsql.NpgsqlConnection(pooler.ConnectionString(database.Name) + ";Pooling=false;No Reset On Close=true");
            await connection.OpenAsync();
            await using var question = connection.CreateCommand();
            question.CommandText = Question;
            var row = await RowAsync(question);
            seen.Add((int)row[0]);
            Assert.Equal(expected[1..], row[1..]);
        }

        Assert.NotEmpty(seen);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'"));
    }

    private static async Task<object[]> RowAsync(Npgsql.NpgsqlCommand command)
    {
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        var row = new object[reader.FieldCount];
        reader.GetValues(row);
        return row;
    }
}
