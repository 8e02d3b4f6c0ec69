using Npgsql;
using Tenancy.Core.Tenants;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Provisioning;

/// <summary>A copy has all rows or is refused, whoever may read them, and whoever empties tables meanwhile.</summary>
public sealed class CopyOfRowsTests
{
    private const string Rows = """
        revision: aaaa0001
        data: true
        up:
          - sql: |
              CREATE TABLE tenant_schema.plain (id int PRIMARY KEY);
              CREATE TABLE tenant_schema.secret (id int GENERATED ALWAYS AS IDENTITY, note text CHECK (note <> current_user));
              CREATE SEQUENCE tenant_schema.second OWNED BY tenant_schema.secret.id;
              CREATE SEQUENCE tenant_schema.third START 5 OWNED BY tenant_schema.secret.id;
              INSERT INTO tenant_schema.plain SELECT generate_series(1, 10);
              INSERT INTO tenant_schema.secret (note) SELECT 'x' FROM generate_series(1, 20);
              SELECT setval('${tenant.quoted}.second', 70), setval('${tenant.quoted}.third', 80, false);
              ALTER TABLE tenant_schema.secret ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
              CREATE POLICY few ON tenant_schema.secret USING (id <= 3);
        down: {irreversible: not of interest}
        """;

    [Theory]
    [InlineData("SUPERUSER", "")]
    [InlineData("BYPASSRLS", "")]
    [InlineData("", "RowSecurity")]
    public async Task What_row_level_security_keeps_from_the_owner_is_copied_by_who_may_or_refused(string rights, string refused)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var roles = await TestRoles.CreateAsync("login", "owner");
        await PostgresFixture.ExecuteAsync($"GRANT {roles["owner"]} TO {roles["login"]}{(rights.Length > 0 ? $"; ALTER ROLE {roles["login"]} {rights}" : "")}");
        await database.ExecuteAsync($"GRANT CREATE, TEMPORARY ON DATABASE {database.Name} TO {roles["login"]}, {roles["owner"]}");
        using var project = new FleetProject(new ConnectionSettings { Host = database.Server.Host, Port = database.Server.Port, Database = database.Name, Username = roles["login"] }, $"fleet: test\nowner: {roles["owner"]}").With("1", Rows);
        Outcome.AssertMigrated(await project.CreateAsync(FleetProject.Tenants("t1", "t2")));
        Assert.Equal(refused.Length > 0, project.Log.Text.Contains("made by replaying the history: row-level security keeps rows of", StringComparison.Ordinal));
        var before = await database.DumpAsync();
        Assert.Equal(20L, await database.ScalarAsync<long>("SELECT count(*) FROM t2.secret"));

        var copy = await CopyAsync(project, "t1", "copied");

        if (refused.Length > 0)
        {
            Assert.Equal(refused, copy.Failure!.ErrorId);
            Assert.Contains("t1.secret", copy.Failure.Message, StringComparison.Ordinal);
            Assert.Equal(before, await database.DumpAsync());
            return;
        }

        Outcome.AssertMigrated([copy]);
        Assert.Equal(20L, await database.ScalarAsync<long>("SELECT count(*) FROM copied.secret"));
        Assert.Equal(10L, await database.ScalarAsync<long>("SELECT count(*) FROM copied.plain"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname LIKE 'tenancy\\_read\\_%'"));
        foreach (var schema in new[] { "t1", "t2", "copied" })
        {
            Assert.Equal([21, 71L, 80L], (await database.QueryAsync($"INSERT INTO {schema}.secret (note) VALUES ('y') RETURNING id, nextval('{schema}.second'), nextval('{schema}.third')"))[0]);
        }
    }

    [Fact]
    public async Task Tables_are_kept_as_they_are_until_the_copy_has_them()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE FUNCTION public.wait(int) RETURNS bool LANGUAGE sql AS 'SELECT pg_advisory_xact_lock_shared(4711) IS NOT NULL'");
        using var project = new FleetProject(database).With("1", """
            revision: aaaa0001
            up:
              - sql: |
                  CREATE TABLE tenant_schema.a (id int CHECK (public.wait(id)));
                  CREATE TABLE tenant_schema.z (id int) PARTITION BY LIST (id);
                  CREATE TABLE tenant_schema.z1 PARTITION OF tenant_schema.z DEFAULT;
            down: {irreversible: not of interest}
            """);
        Outcome.AssertMigrated(await project.CreateAsync(FleetProject.Tenants("t1")));
        await database.ExecuteAsync("INSERT INTO t1.a VALUES (1); INSERT INTO t1.z SELECT generate_series(1, 50)");
        var holder = await database.HoldAsync("SELECT pg_advisory_lock(4711)");

        var copying = CopyAsync(project, "t1", "copied");
        await database.UntilBlockedAsync("INSERT INTO copied.a %");
        foreach (var change in new[] { "TRUNCATE t1.z", "ALTER TABLE t1.z ADD more int", "DROP TABLE t1.z" })
        {
            Assert.Equal("55P03", (await Assert.ThrowsAsync<PostgresException>(() => database.ExecuteAsync($"SET LOCAL lock_timeout = '100ms'; {change}"))).SqlState);
        }

        await holder.DisposeAsync();
        Outcome.AssertMigrated([await copying]);
        Assert.Equal(50L, await database.ScalarAsync<long>("SELECT count(*) FROM copied.z"));
        await database.AssertNoLocksAsync();
    }

    [Fact]
    public async Task Tables_that_come_and_go_meanwhile_do_no_harm()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", "revision: aaaa0001\nup:\n  - create_table: {name: item, columns: [{name: id, type: integer}]}\ndown: auto\n");
        Outcome.AssertMigrated(await project.CreateAsync(FleetProject.Tenants("t1")));
        await database.ExecuteAsync("INSERT INTO t1.item SELECT generate_series(1, 100)");
        using var stop = new CancellationTokenSource();
        var changing = Task.Run(async () =>
        {
            for (var number = 0; !stop.IsCancellationRequested; number++)
            {
                // At once, so that a whole copy sees 100 rows.
                await database.ExecuteAsync("BEGIN; TRUNCATE t1.item; INSERT INTO t1.item SELECT generate_series(1, 100); COMMIT");
                await Task.Delay(Random.Shared.Next(20));
            }
        });

        for (var number = 0; number < 8; number++)
        {
            Outcome.AssertMigrated([await CopyAsync(project, "t1", $"copy{number}")]);
            Assert.Equal(100L, await database.ScalarAsync<long>($"SELECT count(*) FROM copy{number}.item"));
        }

        await stop.CancelAsync();
        await changing;
    }

    [Theory]
    [InlineData("regclass", "'t1.item'")]
    [InlineData("regclass", "'t1.item_id_seq'")]
    [InlineData("regprocedure", "'t1.mine(integer)'")]
    [InlineData("regproc", "'t1.mine'")]
    [InlineData("regtype", "'t1.item'")]
    [InlineData("regnamespace", "'t1'")]
    [InlineData("regclass[]", "ARRAY['pg_class', NULL, 't1.item']::regclass[]")]
    [InlineData("public.relation", "'t1.item'")]
    [InlineData("oid", "lo_from_bytea(0, 'x')")]
    public async Task Values_that_would_point_back_are_refused(string type, string value)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE DOMAIN public.relation AS regclass");
        using var project = new FleetProject(database).With("1", $$"""
            revision: aaaa0001
            up:
              - create_table: {name: item, columns: [{name: id, type: integer, identity: always}, {name: which, type: "{{type}}"}]}
              - sql: CREATE FUNCTION mine(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1'
            down: {irreversible: not of interest}
            """);
        Outcome.AssertMigrated(await project.CreateAsync(FleetProject.Tenants("t1")));
        // What is nobody's own goes as it is.
        await database.ExecuteAsync($"INSERT INTO t1.item (which) VALUES ({(type switch { "regclass[]" => "ARRAY['pg_class']::regclass[]", "regtype" => "'integer'", "regproc" => "'now'", "regprocedure" => "'lower(text)'", "regnamespace" => "'pg_catalog'", "oid" => "1", _ => "'pg_class'" })}), (NULL)");
        Outcome.AssertMigrated([await CopyAsync(project, "t1", "before")]);
        Assert.Equal(2L, await database.ScalarAsync<long>("SELECT count(*) FROM before.item i JOIN t1.item USING (id) WHERE i.which IS NOT DISTINCT FROM t1.item.which"));
        await database.ExecuteAsync($"INSERT INTO t1.item (which) VALUES ({value})");

        var failure = (await CopyAsync(project, "t1", "copied")).Failure;

        Assert.Equal("PointsBack", failure?.ErrorId);
        Assert.Contains("t1.item.which", failure!.Message, StringComparison.Ordinal);
        Outcome.AssertMigrated([await CopyAsync(project, "t1", "copied", withRows: false)]);
    }

    [Fact]
    public async Task What_names_the_schema_in_foreign_tables_and_comments_is_told()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE FOREIGN DATA WRAPPER w; CREATE SERVER far FOREIGN DATA WRAPPER w");
        using var project = new FleetProject(database).With("1", "revision: aaaa0001\nup: [{sql: CREATE FOREIGN TABLE far_item (id integer) SERVER far}]\ndown: {irreversible: not of interest}\n");
        Outcome.AssertMigrated(await project.CreateAsync(FleetProject.Tenants("t1")));
        await database.ExecuteAsync("ALTER FOREIGN TABLE t1.far_item OPTIONS (schema_name 't1', other 'x'), ALTER id OPTIONS (ADD place 't1.item'); COMMENT ON FOREIGN TABLE t1.far_item IS 'as t1.item, elsewhere'; COMMENT ON COLUMN t1.far_item.id IS 'the same'");

        Outcome.AssertMigrated([await CopyAsync(project, "t1", "copied")]);
        await using var fleet = project.Open();
        await fleet.RenameTenantAsync(FleetProject.Tenants("t1")[0], null, "renamed", project.Log);

        foreach (var what in new[] { "foreign table far_item may still name schema t1 (a string: 't1')", "foreign column far_item.id may still name schema t1 (a string: 't1.item')", "the comment on far_item may still name schema t1 (a string: 'as t1.item, elsewhere')" })
        {
            Assert.Equal(2, project.Log.Text.Split(what).Length - 1);
        }

        Assert.Equal("as t1.item, elsewhere, the same", await database.ScalarAsync<string>("SELECT obj_description('copied.far_item'::regclass) || ', ' || col_description('copied.far_item'::regclass, 1)"));
    }

    [Fact]
    public async Task A_copy_that_would_fill_the_lock_table_is_refused_before_it_does()
    {
        await using var server = await LocalPostgres.LocalPostgresServer.StartAsync(new()
        {
            Settings = new Dictionary<string, string> { ["max_locks_per_transaction"] = "10", ["max_connections"] = "20", ["max_worker_processes"] = "1", ["max_wal_senders"] = "0", ["autovacuum_max_workers"] = "1" },
        });
        var database = await Faults.OwnServer.CreateDatabaseAsync(server, "copies");
        await using var source = database.DataSource;
        using var project = new FleetProject(database);
        Outcome.AssertNoError(await project.CreateAsync(FleetProject.Tenants("t1")));
        Outcome.AssertMigrated([await CopyAsync(project, "t1", "small")]);
        for (var from = 1; from <= 100; from += 20)
        {
            await database.ExecuteAsync($"DO $$ BEGIN FOR i IN {from} .. {from + 19} LOOP EXECUTE format('CREATE TABLE t1.many%s (id int PRIMARY KEY, note text)', i); END LOOP; END $$");
        }

        var failure = (await CopyAsync(project, "t1", "copied")).Failure!;

        Assert.Equal("LockBudget", failure.ErrorId);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname = 'copied'"));
    }

    private static async Task<MigrationResult> CopyAsync(FleetProject project, string source, string copy, bool withRows = true)
    {
        await using var fleet = project.Open();
        return await fleet.CopyTenantAsync(FleetProject.Tenants(source)[0], copy, null, withRows, project.Log);
    }
}
