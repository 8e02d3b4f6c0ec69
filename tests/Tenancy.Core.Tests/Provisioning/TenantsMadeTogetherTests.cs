using Tenancy.Core.Planning;
using Tenancy.Core.Tests.Execution;
using Tenancy.Core.Tests.Faults;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Provisioning;

/// <summary>New tenants that share a transaction are what others are; what is wrong with one is that one's, and a transaction that is broken off leaves none of them.</summary>
public sealed class TenantsMadeTogetherTests
{
    private const string Alone = "could not be made together, and each is made alone";
    private const string Registers = "WITH made AS%";
    private const string Table = "revision: aaaa0001\ndata: true\nup:\n  - create_table: {name: item, columns: [{name: id, type: integer, identity: always, primary_key: true}, {name: note, type: text}]}\n  - insert: {table: item, key: note, rows: [{note: \"it's \\\\ $$ one\"}]}\ndown: {irreversible: no}\n";

    private const string Kinds = """
        revision: aaaa0002
        parent: aaaa0001
        data: true
        up:
          - sql: |
              CREATE TYPE tenant_schema.mood AS ENUM ('sad', 'ok');
              CREATE SEQUENCE tenant_schema.number;
              CREATE TABLE tenant_schema.pair (id int PRIMARY KEY, other int NOT NULL REFERENCES tenant_schema.pair DEFERRABLE INITIALLY DEFERRED, mood tenant_schema.mood, at timestamptz, bits bytea, number bigint DEFAULT nextval('${tenant.quoted}.number'));
              CREATE TABLE tenant_schema.parted (id int GENERATED ALWAYS AS IDENTITY, place text) PARTITION BY LIST (place);
              CREATE TABLE tenant_schema.part_a PARTITION OF tenant_schema.parted FOR VALUES IN ('a');
              CREATE FUNCTION tenant_schema.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.at := now(); RETURN NEW; END $$;
              CREATE TRIGGER touched BEFORE UPDATE ON tenant_schema.pair FOR EACH ROW EXECUTE FUNCTION tenant_schema.touch();
              ALTER TABLE tenant_schema.pair ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
              CREATE POLICY everyone ON tenant_schema.pair USING (true);
              CREATE VIEW tenant_schema.noted AS SELECT note FROM tenant_schema.item;
              CREATE MATERIALIZED VIEW tenant_schema.notes AS SELECT count(*) FROM tenant_schema.noted;
              INSERT INTO tenant_schema.pair VALUES (1, 2, 'sad', '2024-02-29 12:00:00.123456+02', '\x00ff5c', 5), (2, 1, NULL, 'infinity', NULL, DEFAULT);
              INSERT INTO tenant_schema.parted (place) VALUES ('a');
              SELECT setval('${tenant.quoted}.number', 1000);
        down: {irreversible: no}
        """;

    [Fact]
    public async Task They_are_what_a_replay_makes()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", Table).With("2", Kinds);

        var made = await CreateAsync(project, new() { ThrottleLimit = 2 }, "made_one", "made_two", "made_three", "made_four", "made_five");
        var replayed = await CreateAsync(project, new() { ReplaysHistory = true }, "replayed_one");

        Outcome.AssertMigrated(made.Concat(replayed));
        await AssertTransactionsAsync(database, "made%", 2);
        var expected = await ProvisioningProject.DumpWithoutNameAsync(database, "replayed_one");
        foreach (var schema in new[] { "made_one", "made_three", "made_five" })
        {
            Assert.Equal(expected, await ProvisioningProject.DumpWithoutNameAsync(database, schema));
        }

        Assert.Equal(made[0].Revisions, replayed[0].Revisions);
        Assert.Equal(6L, await database.ScalarAsync<long>("SELECT count(*) FROM (SELECT nextval(format('%I.number', schema)) FROM tenancy.tenant) n WHERE nextval = 1001"));
        await using var fleet = project.Open();
        Assert.All(await fleet.GetTenantRevisionsAsync(FleetProject.Tenants("made_one", "made_five")).ToListAsync(), static revision => Assert.Equal(TenantRevisionStatus.AtHead, revision.Status));
        Assert.Empty(await database.QueryAsync("SELECT revision, checksum FROM tenancy.history WHERE schema = 'replayed_one' AND revision IS NOT NULL EXCEPT SELECT revision, checksum FROM tenancy.history WHERE schema = 'made_four'"));
    }

    [Theory]
    [InlineData("token")]
    [InlineData("search_path")]
    public async Task They_have_the_owner_and_grants_of_the_project(string mode)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var roles = await TestRoles.CreateAsync("owner", "reader");
        using var project = new FleetProject(database, $"fleet: test\nmode: {mode}\nowner: {roles["owner"]}\ngrants: [{{on: schema, privileges: [USAGE], to: {roles["reader"]}}}, {{on: tables, privileges: [SELECT], to: {roles["reader"]}}}]").With("1", Table);

        Outcome.AssertMigrated(await CreateAsync(project, new(), "t1", "t2", "t3"));

        await AssertTransactionsAsync(database, "t%", 1);
        Outcome.AssertMigrated(await CreateAsync(project, new() { ReplaysHistory = true }, "r1"));
        Assert.Equal(await ProvisioningProject.DumpWithoutNameAsync(database, "r1"), await ProvisioningProject.DumpWithoutNameAsync(database, "t2"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Those_that_point_to_shared_tables_do_so_at_the_end_of_their_transaction(int connections)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE TABLE shared.users (id int PRIMARY KEY); INSERT INTO shared.users VALUES (1)");
        using var project = new FleetProject(database).With("1", Table)
            .With("2", "revision: aaaa0002\nparent: aaaa0001\ntouches: [shared.users]\ndata: true\nup:\n  - create_table: {name: owned, columns: [{name: owner, type: integer, references: {table: shared.users, column: id}}]}\n  - sql: INSERT INTO tenant_schema.owned VALUES (1)\n    undo: SELECT 1\ndown: {irreversible: no}\n");
        Outcome.AssertMigrated(await CreateAsync(project, new() { ReplaysHistory = true }, "replayed_one"));

        Outcome.AssertMigrated(await CreateAsync(project, new() { ThrottleLimit = connections }, "made_one", "made_two", "made_three", "made_four", "made_five"));

        await AssertTransactionsAsync(database, "made%", connections);
        if (connections == 1)
        {
            var sent = project.Log.Text;
            var last = sent.IndexOf("CREATE TABLE \"made_five\".\"owned\"", StringComparison.Ordinal);
            Assert.InRange(last, 1, sent.IndexOf("ALTER TABLE \"made_one\".\"owned\" ADD CONSTRAINT \"owned_owner_fkey\"", StringComparison.Ordinal));
        }

        Assert.Equal(await ProvisioningProject.DumpWithoutNameAsync(database, "replayed_one"), await ProvisioningProject.DumpWithoutNameAsync(database, "made_five"));
    }

    [Theory]
    [InlineData("CREATE SCHEMA t2", "SchemaExists")]
    [InlineData("INSERT INTO tenancy.tenant (fleet, schema, name, schema_oid, labels) VALUES ('test', 'other', 't2', 1, '{}')", "NameTaken")]
    public async Task What_is_wrong_with_one_stops_no_other(string meanwhile, string error)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared");
        // Between what is asked first and the tenants.
        using var project = new FleetProject(database, $"fleet: test\nhooks: {{before_run: {{touches: [database, t2.*, tenancy.*], sql: \"{meanwhile}\"}}}}").With("1", Table);

        var results = await CreateAsync(project, new(), "t1", "t2", "t3");

        Assert.Contains(Alone, project.Log.Text, StringComparison.Ordinal);
        Assert.Equal(["t1", "t2", "t3"], results.Select(static result => result.Name));
        Assert.Equal((error, MigrationStatus.Failed), (results[1].Failure?.ErrorId, results[1].Status));
        Outcome.AssertMigrated([results[0], results[2]]);
        Assert.Equal("t1, t3", await database.ScalarAsync<string>("SELECT string_agg(t.schema, ', ' ORDER BY t.schema) FROM tenancy.head t JOIN pg_class c ON c.relname = 'item' AND c.relnamespace = to_regnamespace(t.schema)"));
    }

    [Fact]
    public async Task A_schema_that_is_there_already_keeps_none_from_sharing_a_transaction()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", Table);
        Outcome.AssertMigrated(await CreateAsync(project, new(), "t2"));

        var results = await CreateAsync(project, new() { ThrottleLimit = 1 }, "t1", "t2", "t3", "t4");

        Assert.DoesNotContain(Alone, project.Log.Text, StringComparison.Ordinal);
        Assert.Equal("SchemaExists", Assert.Single(results, static result => result.Failure is not null).Failure!.ErrorId);
        Outcome.AssertMigrated(results.Where(static result => result.Schema != "t2"));
        Assert.Equal(2L, await database.ScalarAsync<long>("SELECT count(DISTINCT started_at) FROM tenancy.history WHERE direction = 'create'"));
        Assert.All(await CreateAsync(project, new() { ThrottleLimit = 1 }, "t1", "t2"), static result => Assert.Equal("SchemaExists", result.Failure?.ErrorId));
    }

    [Fact]
    public async Task Those_that_another_run_holds_are_waited_for_alone()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", Table);
        Outcome.AssertMigrated(await CreateAsync(project, new(), "first"));
        var holder = await database.HoldAsync("BEGIN; SELECT tenancy.lock('test', 'tenant', 't2')", "another run");

        var making = CreateAsync(project, new(), "t1", "t2", "t3");
        await project.Log.UntilAsync(Alone);
        await holder.DisposeAsync();

        Outcome.AssertMigrated(await making);
    }

    [Fact]
    public async Task A_lock_table_that_is_full_for_all_has_room_for_each()
    {
        await using var server = await LocalPostgres.LocalPostgresServer.StartAsync(new() { Settings = new Dictionary<string, string> { ["max_locks_per_transaction"] = "10", ["max_connections"] = "20" } });
        var database = await OwnServer.CreateDatabaseAsync(server, "filled");
        await using var source = database.DataSource;
        // More than a definition shows.
        await database.ExecuteAsync("""
            CREATE FUNCTION lock_many() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
              PERFORM pg_advisory_xact_lock(hashtextextended(n.nspname || i, 0)) FROM pg_namespace n, generate_series(1, 250) i WHERE n.nspname ~ '^t\d+$' AND n.xmin = pg_current_xact_id()::xid;
            END $$;
            CREATE EVENT TRIGGER many ON ddl_command_end WHEN tag IN ('CREATE SCHEMA') EXECUTE FUNCTION lock_many();
            """);
        using var project = new FleetProject(database).With("1", Table);

        var results = await CreateAsync(project, new(), [.. Enumerable.Range(1, 12).Select(static number => $"t{number}")]);

        Assert.Contains("out of shared memory", project.Log.Text, StringComparison.Ordinal);
        Outcome.AssertMigrated(results);
        Assert.Equal(12, results.Count);
    }

    [Theory]
    [InlineData("CREATE TABLE IF NOT EXISTS other.made (id int)")]
    [InlineData("CREATE OR REPLACE FUNCTION other.made() RETURNS int LANGUAGE sql AS 'SELECT 1'")]
    [InlineData("IF to_regtype('other.made') IS NULL THEN CREATE DOMAIN other.made AS int CHECK (VALUE > 0); END IF")]
    public async Task What_lands_elsewhere_is_kept_of_none(string statement)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync($"""
            CREATE SCHEMA other;
            CREATE FUNCTION other.note() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
              IF EXISTS (SELECT FROM pg_namespace WHERE nspname = 't2' AND xmin = pg_current_xact_id()::xid) THEN {statement}; END IF;
            END $$;
            CREATE EVENT TRIGGER note ON ddl_command_end WHEN tag IN ('CREATE SCHEMA') EXECUTE FUNCTION other.note();
            """);
        using var project = new FleetProject(database).With("1", Table);

        var results = await CreateAsync(project, new(), "t1", "t2", "t3");

        Assert.Contains($"{Alone}: TN014: changed what lies outside its schema and was rolled back: other.made", project.Log.Text, StringComparison.Ordinal);
        Outcome.AssertMigrated(results.Where(static result => result.Name != "t2"));
    }

    [Fact]
    public async Task A_backend_makes_no_more_of_them_than_its_memory_should_keep()
    {
        await using var server = await LocalPostgres.LocalPostgresServer.StartAsync(new() { Settings = new Dictionary<string, string> { ["max_connections"] = "20" } });
        var database = await OwnServer.CreateDatabaseAsync(server, "kept");
        await using var source = database.DataSource;
        // A materialized view is filled where it is made.
        using var project = new FleetProject(database, "fleet: test\nmode: search_path").With("1", """
            revision: aaaa0001
            up:
              - sql: |
                  DO $$ BEGIN FOR i IN 1..100 LOOP EXECUTE format('CREATE TABLE t%s (id int)', i); END LOOP; END $$;
                  CREATE MATERIALIZED VIEW made_by AS SELECT pg_backend_pid() AS pid;
            down: {irreversible: no}
            """);
        var schemas = Enumerable.Range(1, 60).Select(static number => $"n{number}").ToArray();

        Outcome.AssertMigrated(await CreateAsync(project, new() { ThrottleLimit = 1 }, schemas));

        Assert.DoesNotContain(Alone, project.Log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("replaying", project.Log.Text, StringComparison.Ordinal);
        Assert.True((await database.ScalarAsync<long>("SELECT count(DISTINCT started_at) FROM tenancy.history WHERE direction = 'create'")) is > 1 and < 20);
        var backends = await database.ScalarAsync<long>($"SELECT count(DISTINCT pid) FROM ({string.Join(" UNION ALL ", schemas.Select(static schema => $"SELECT pid FROM {schema}.made_by"))}) m");
        Assert.Equal(2L, backends);

        // Nor does one read the definitions of more: what a comparison had is closed when the next is over.
        await using var fleet = project.Open();
        await CompareAsync();
        var first = await PoolAsync();
        await CompareAsync();
        var later = await PoolAsync();
        // Less than a pool keeps one that is idle.
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (later.Intersect(first).Any())
        {
            Assert.True(DateTime.UtcNow < deadline, $"still there: {string.Join(", ", later.Intersect(first))}");
            await Task.Delay(100);
            later = await PoolAsync();
        }

        async Task CompareAsync() => Assert.All(
            await fleet.CompareSchemasAsync(FleetProject.Tenants(schemas), new(), project.Log).ToListAsync(), static result => Assert.Equal(SchemaComparisonStatus.Equal, result.Status));

        async Task<int[]> PoolAsync() => await database.ScalarAsync<int[]>("SELECT coalesce(array_agg(pid), '{}') FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'TenancyMigrate%'") ?? [];
    }

    [Fact]
    public async Task Their_proof_reads_no_large_catalog_whole()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", Table)
            .With("2", "revision: aaaa0002\nparent: aaaa0001\nup:\n  - create_table: {name: part, columns: [{name: id, type: integer, primary_key: true}, {name: item_id, type: integer, default: 1, references: {table: item, column: id}}]}\n  - sql: CREATE VIEW tenant_schema.seen AS SELECT note FROM tenant_schema.item\ndown: {irreversible: no}\n");
        Outcome.AssertMigrated(await CreateAsync(project, new(), "first"));
        await database.ExecuteAsync("""
            CREATE OR REPLACE FUNCTION tenancy.rows_outside(p_changed regclass[], p_schemas oid[])
            RETURNS TABLE (class_oid oid, object_oid oid, schema_oid oid, object_name name) LANGUAGE plpgsql AS $$
            BEGIN
              IF p_changed && ARRAY['pg_class', 'pg_attribute', 'pg_type', 'pg_constraint']::regclass[] THEN RAISE EXCEPTION '% is read whole', p_changed; END IF;
            END $$
            """);

        Outcome.AssertMigrated(await CreateAsync(project, new(), "t1", "t2", "t3"));

        await AssertTransactionsAsync(database, "t%", 1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_lost_at_COMMIT_leaves_true_results(bool reachesServer)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database, "fleet: test\nretries: {max: 5, pause: 50ms}").With("1", Table);
        Outcome.AssertMigrated(await CreateAsync(project, new(), "first"));
        await using var proxy = new CuttingProxy(database, "not run: in the snapshot", reachesServer);
        project.Connection = database.Through(proxy.Port, null);

        Outcome.AssertMigrated(await CreateAsync(project, new(), "t1", "t2", "t3"));

        Assert.Equal(1, proxy.Cuts);
        await AssertTransactionsAsync(database, "t%", reachesServer ? 1 : 3);
        Assert.Equal(3L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.history WHERE direction = 'create' AND schema LIKE 't%'"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_that_is_broken_off_leaves_none_of_them(bool kills)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", Table);
        Outcome.AssertMigrated(await CreateAsync(project, new(), "first"));
        // All is made, and history is to be written.
        await using var holder = await database.HoldAsync("BEGIN; LOCK TABLE tenancy.head IN EXCLUSIVE MODE", "holder");
        if (kills)
        {
            using var runner = await Runner.StartAsync(project, "new", "first", "t1,t2,t3");
            runner.Go();
            await database.UntilBlockedAsync(Registers);
            runner.Process.Kill();
            await runner.Process.WaitForExitAsync();
        }
        else
        {
            using var stop = new CancellationTokenSource();
            var making = CreateAsync(project, new(), ["t1", "t2", "t3"], stop.Token);
            var blocked = await database.UntilBlockedAsync(Registers);
            await stop.CancelAsync();
            // What commits is not cancelled.
            await database.TerminateAsync(blocked);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => making);
        }

        await database.AssertNobodyLeftAsync();
        await holder.DisposeAsync();
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT (SELECT count(*) FROM pg_namespace WHERE nspname ~ '^t\\d') + (SELECT count(*) FROM tenancy.tenant WHERE schema ~ '^t\\d')"));
        Outcome.AssertMigrated(await CreateAsync(project, new(), "t1", "t2", "t3"));
    }

    // Each has the time of its transaction.
    private static async Task AssertTransactionsAsync(TestDatabase database, string schemas, long expected) =>
        Assert.Equal(expected, await database.ScalarAsync<long>($"SELECT count(DISTINCT started_at) FROM tenancy.history WHERE direction = 'create' AND schema LIKE '{schemas}'"));

    private static Task<List<MigrationResult>> CreateAsync(FleetProject project, MigrationRequest request, params string[] schemas) => CreateAsync(project, request, schemas, default);

    private static async Task<List<MigrationResult>> CreateAsync(FleetProject project, MigrationRequest request, string[] schemas, CancellationToken cancellation)
    {
        await using var fleet = project.Open();
        return await fleet.CreateTenantsAsync(FleetProject.Tenants(schemas), request, project.Log, cancellation).ToListAsync(CancellationToken.None);
    }
}
