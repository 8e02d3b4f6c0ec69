using Tenancy.Core.Catalog.Drift;
using Tenancy.Core.Planning;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Provisioning;

/// <summary>What a snapshot cannot have is found before tenants are made from it; what it can have does not hinder it.</summary>
public sealed class SnapshotLimitsTests
{
    private const string ByReplay = "new tenants are made by replaying the history";

    private const string Table = "revision: aaaa0001\nup:\n  - create_table: {name: item, columns: [{name: id, type: integer, identity: always, primary_key: true}, {name: note, type: text}]}\ndown: auto\n";

    [Theory]
    [InlineData("shared.seen", "INSERT INTO shared.seen (what) VALUES ('seen')", "SELECT count(*) FROM shared.seen", 2L, "rows of shared.seen")]
    [InlineData("shared.number", "SELECT nextval('${shared.quoted}.number')", null, 0L, "rows of shared.number")]
    [InlineData("shared.seen", "TRUNCATE shared.seen", null, 0L, "rows of shared.seen")]
    [InlineData("shared.*", "DO $$ BEGIN EXECUTE format('CREATE VIEW ${shared.quoted}.v%s AS SELECT 1 AS x', floor(1e9 * random())); END $$", "SELECT count(*) FROM pg_views WHERE schemaname = 'shared'", 2L, "objects of schema shared")]
    [InlineData("shared.seen", "GRANT SELECT ON shared.seen TO PUBLIC", "SELECT count(*) FROM information_schema.role_table_grants WHERE grantee = 'PUBLIC' AND table_name = 'seen'", 1L, "objects of schema shared")]
    [InlineData("shared.seen", "COMMENT ON TABLE shared.seen IS 'seen'", null, 0L, "objects of schema shared")]
    [InlineData("shared.users", "ALTER TABLE shared.users DISABLE TRIGGER on_users", null, 0L, "objects of schema shared")]
    [InlineData("database", "CREATE PUBLICATION every FOR TABLE item", null, 0L, "what lies in no schema")]
    public async Task What_revisions_do_outside_the_schema_is_done_for_every_tenant(string touches, string sql, string? query, long count, string why)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await PrepareAsync(database);
        using var project = new FleetProject(database).With("1", Table).With("2", Revision("touches: " + touches, sql));

        var results = await CreateAsync(project, touches == "database" ? ["t1"] : ["t1", "t2"]);

        Outcome.AssertMigrated(results);
        Assert.Contains(why, project.Log.Text, StringComparison.Ordinal);
        Assert.Equal(count, query is null ? 0L : await database.ScalarAsync<long>(query));
    }

    [Theory]
    [InlineData("ALTER TABLE item ADD user_id int REFERENCES shared.users (id) ON DELETE CASCADE; INSERT INTO shared.users SELECT 1 WHERE false", true)]
    [InlineData("ALTER TABLE item ADD user_id int REFERENCES shared.users (id) ON DELETE CASCADE; INSERT INTO item (user_id) VALUES (7)", false)]
    [InlineData("CREATE TABLE gone (user_id int REFERENCES shared.users (id)); DROP TABLE gone", false)]
    public async Task Keys_to_shared_tables_do_not_hinder_a_snapshot(string sql, bool isReplayed)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await PrepareAsync(database);
        await database.ExecuteAsync("INSERT INTO shared.users VALUES (7)");
        using var project = new FleetProject(database).With("1", Table).With("2", Revision("touches: shared.users\ndata: true", sql));

        Outcome.AssertMigrated(await CreateAsync(project, "t1", "t2"));

        Assert.Equal(isReplayed, project.Log.Text.Contains(ByReplay, StringComparison.Ordinal));
        await using var replayed = project.Open();
        Outcome.AssertMigrated(await replayed.CreateTenantsAsync(FleetProject.Tenants("r1"), new() { ReplaysHistory = true }, project.Log).ToListAsync());
        Assert.Equal(await ProvisioningProject.DumpWithoutNameAsync(database, "r1"), await ProvisioningProject.DumpWithoutNameAsync(database, "t2"));
    }

    [Fact]
    public async Task What_must_commit_and_touches_is_replayed_so_that_no_scratch_schema_leaves_anything()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await PrepareAsync(database);
        await database.ExecuteAsync("CREATE PROCEDURE shared.commits(there text) LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('CREATE TABLE IF NOT EXISTS %I.more ()', there); COMMIT; END $$");
        using var project = new FleetProject(database).With("1", Table)
            .With("2", Revision("touches: shared.seen", "INSERT INTO shared.seen (what) VALUES ('seen')"))
            .With("3", "revision: aaaa0003\nparent: aaaa0002\nup:\n  - sql: \"CALL shared.commits('${tenant.schema}')\"\n    transaction: none\n    done_when: SELECT to_regclass('${tenant.quoted}.more') IS NOT NULL\ndown: {irreversible: no}\n");

        Outcome.AssertMigrated(await CreateAsync(project, "t1", "t2"));

        Assert.Equal(2L, await database.ScalarAsync<long>("SELECT count(*) FROM shared.seen"));
    }

    [Theory]
    [InlineData("CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS c FROM item; INSERT INTO item (note) VALUES ('x')", "the materialized view counted", "SELECT c FROM {0}.counted")]
    [InlineData("CREATE TABLE own (id oid); INSERT INTO own SELECT 'item'::regclass::oid", "own.id has OIDs", "SELECT count(*) FROM {0}.own WHERE id = '{0}.item'::regclass")]
    public async Task What_a_snapshot_would_have_otherwise_is_left_to_a_replay(string sql, string why, string query)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", Table).With("2", Revision("data: true", sql));

        Outcome.AssertMigrated(await CreateAsync(project, "t1", "t2"));
        await using var fleet = project.Open();
        Outcome.AssertMigrated(await fleet.CreateTenantsAsync(FleetProject.Tenants("r1"), new() { ReplaysHistory = true }, project.Log).ToListAsync());

        Assert.Contains($"{ByReplay}: ", project.Log.Text, StringComparison.Ordinal);
        Assert.Contains(why, project.Log.Text, StringComparison.Ordinal);
        var expected = await database.ScalarAsync<long>(string.Format(System.Globalization.CultureInfo.InvariantCulture, query, "r1"));
        Assert.Equal(expected, await database.ScalarAsync<long>(string.Format(System.Globalization.CultureInfo.InvariantCulture, query, "t1")));
    }

    [Theory]
    [InlineData("CREATE TABLE split (id int, k int, v text) PARTITION BY LIST (k); CREATE TABLE part (v text, k int, id int); ALTER TABLE split ATTACH PARTITION part FOR VALUES IN (1)", true)]
    [InlineData("CREATE TABLE base (a int, b int); CREATE TABLE child (x int) INHERITS (base); ALTER TABLE base ADD late int", true)]
    [InlineData("CREATE TABLE base (a int, b int); CREATE TABLE child (b int, a int, x int); ALTER TABLE child INHERIT base", true)]
    [InlineData("CREATE TABLE split (id int, gone int, k int) PARTITION BY LIST (k); ALTER TABLE split DROP COLUMN gone; CREATE TABLE part (id int, k int); ALTER TABLE split ATTACH PARTITION part FOR VALUES IN (1); ALTER TABLE split ADD v text", false)]
    [InlineData("CREATE TABLE base (a int, b int); CREATE TABLE child (x int) INHERITS (base); CREATE TABLE grand (y int) INHERITS (child)", false)]
    public async Task Columns_come_in_the_order_of_the_replay(string sql, bool isReplayed)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", Table).With("2", Revision("", sql));

        Outcome.AssertMigrated(await CreateAsync(project, "t1", "t2"));
        await using var fleet = project.Open();
        Outcome.AssertMigrated(await fleet.CreateTenantsAsync(FleetProject.Tenants("r1"), new() { ReplaysHistory = true }, project.Log).ToListAsync());

        Assert.Equal(isReplayed, project.Log.Text.Contains("in another order", StringComparison.Ordinal));
        const string order = "SELECT string_agg(table_name || '.' || column_name, ', ' ORDER BY table_name, ordinal_position) FROM information_schema.columns WHERE table_schema = '{0}'";
        Assert.Equal(
            await database.ScalarAsync<string>(string.Format(System.Globalization.CultureInfo.InvariantCulture, order, "r1")),
            await database.ScalarAsync<string>(string.Format(System.Globalization.CultureInfo.InvariantCulture, order, "t2")));
        Outcome.AssertMigrated([await fleet.CopyTenantAsync(FleetProject.Tenants("r1")[0], "copied", null, withRows: false, project.Log)]);
        Assert.Equal(isReplayed, project.Log.Text.Contains("is a copy, but columns of", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_materialized_view_that_is_as_its_query_does_not_hinder_a_snapshot()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", Table)
            .With("2", Revision("data: true", "CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS c, 0.1::float8 AS f FROM item; INSERT INTO item (note) VALUES ('x'); REFRESH MATERIALIZED VIEW counted; CREATE MATERIALIZED VIEW unfilled AS SELECT 1 AS one WITH NO DATA"));

        Outcome.AssertMigrated(await CreateAsync(project, "t1", "t2"));

        Assert.DoesNotContain(ByReplay, project.Log.Text, StringComparison.Ordinal);
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT c FROM t2.counted"));
    }

    [Theory]
    [InlineData("INSERT INTO shared.users VALUES (8)", "shared.users")]
    [InlineData("CREATE FUNCTION shared.more() RETURNS int LANGUAGE sql AS 'SELECT 1'", "shared.more")]
    [InlineData("INSERT INTO item (note) VALUES (lo_from_bytea(0, 'x'))", "pg_largeobject")]
    public async Task What_a_revision_does_outside_and_does_not_declare_is_refused_as_in_a_run(string sql, string outside)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await PrepareAsync(database);
        using var project = new FleetProject(database).With("1", Table)
            .With("2", Revision("data: true", "ALTER TABLE item ADD more int; CREATE TABLE gone (id int); DROP TABLE gone; CREATE TEMP TABLE passing (id int)"))
            .With("3", Revision("data: true", sql).Replace("aaaa0002", "aaaa0003", StringComparison.Ordinal).Replace("parent: aaaa0001", "parent: aaaa0002", StringComparison.Ordinal));

        var results = await CreateAsync(project, "t1", "t2");

        Assert.All(results, result => Assert.Equal(("PlacementViolation", "aaaa0003"), (result.Failure?.ErrorId, result.Failure?.Revision)));
        Assert.Contains(outside, results[0].Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_that_the_owner_may_not_write_are_replayed()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var roles = await TestRoles.CreateAsync("owner");
        await database.ExecuteAsync($"GRANT CREATE ON DATABASE {database.Name} TO {roles["owner"]}");
        using var project = new FleetProject(database, $"fleet: test\nowner: {roles["owner"]}").With("1", Table)
            .With("2", Revision("data: true", $"INSERT INTO item (note) VALUES ('x'); REVOKE ALL ON item FROM {roles["owner"]}"));

        Outcome.AssertMigrated(await CreateAsync(project, "t1", "t2"));

        Assert.Equal(2L, await database.ScalarAsync<long>("SELECT (SELECT count(*) FROM t1.item) + (SELECT count(*) FROM t2.item)"));
    }

    [Theory]
    [InlineData("INSERT INTO item (note) VALUES (upper('${tenant.schema}'))", "T1", "T2")]
    [InlineData("INSERT INTO item (note) VALUES (replace(current_schema(), 't', '-'))", "-1", "-2")]
    [InlineData("INSERT INTO item (note) VALUES (left(right('${tenant.quoted}', 2), 1) || length('${tenant.name}'))", "12", "22")]
    [InlineData("CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.note := upper(TG_TABLE_SCHEMA); RETURN NEW; END'; CREATE TRIGGER fill BEFORE INSERT ON item FOR EACH ROW EXECUTE FUNCTION fill(); INSERT INTO item DEFAULT VALUES", "T1", "T2")]
    [InlineData("CREATE INDEX \"${tenant.schema}_note\" ON item (note); INSERT INTO item (note) VALUES ('x')", "x", "x")]
    public async Task A_name_that_SQL_makes_something_of_is_each_tenants_own(string sql, string first, string second)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", Table).With("2", Revision("data: true", sql));

        Outcome.AssertMigrated(await CreateAsync(project, "t1", "t2"));

        Assert.Equal(first + second, await database.ScalarAsync<string>("SELECT (SELECT note FROM t1.item) || (SELECT note FROM t2.item)"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname LIKE 'tenancy_scratch%'"));
    }

    [Theory]
    [InlineData("SELECT setval('${tenant.quoted}.item_id_seq', 100)")]
    [InlineData("SELECT '${tenant.quoted}.item'::pg_catalog.regclass::int8 > 0")]
    [InlineData("CREATE FUNCTION own() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RETURN nextval('${tenant.quoted}.item_id_seq'::regclass); END $$")]
    public async Task A_name_that_says_where_an_object_is_does_not_hinder_a_snapshot(string sql)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", Table).With("2", Revision("", sql));

        Outcome.AssertMigrated(await CreateAsync(project, "t1"));

        Assert.DoesNotContain(ByReplay, sql.Contains("FUNCTION", StringComparison.Ordinal) ? "" : project.Log.Text, StringComparison.Ordinal);
        await using var fleet = project.Open();
        Outcome.AssertMigrated(await fleet.CreateTenantsAsync(FleetProject.Tenants("r1"), new() { ReplaysHistory = true }, project.Log).ToListAsync());
        Assert.Equal(await ProvisioningProject.DumpWithoutNameAsync(database, "r1"), await ProvisioningProject.DumpWithoutNameAsync(database, "t1"));
        Assert.Equal(await database.ScalarAsync<long>("SELECT nextval('r1.item_id_seq')"), await database.ScalarAsync<long>("SELECT nextval('t1.item_id_seq')"));
    }

    [Theory]
    [InlineData("SELECT to_regclass('item') IS NULL", "mark_applied", false)]
    [InlineData("SELECT to_regclass('item') IS NOT NULL", "mark_applied", true)]
    [InlineData("SELECT to_regclass('item') IS NOT NULL", "skip", true)]
    [InlineData("SELECT count(*) = 0 FROM tenant_schema.item", "skip", true)]
    public async Task A_requirement_that_all_new_tenants_answer_alike_does_not_hinder_a_snapshot(string query, string onFail, bool runs)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", Table).With("2", Required(query, onFail)).With("3", "revision: aaaa0003\nparent: aaaa0002\nup:\n  - create_table: {name: last, columns: [{name: id, type: integer}]}\ndown: auto\n");

        Outcome.AssertMigrated(await CreateAsync(project, "t1", "t2"));

        Assert.DoesNotContain(ByReplay, project.Log.Text, StringComparison.Ordinal);
        await AssertLikeReplayAsync(database, project, "t1", "t2");
        Assert.Equal(runs, await database.ScalarAsync<bool>("SELECT to_regclass('t1.extra') IS NOT NULL"));
    }

    [Fact]
    public async Task A_requirement_that_has_new_tenants_skip_a_revision_has_them_replayed()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", Table).With("2", Required("SELECT false", "skip"));

        await CreateAsync(project, "t1");

        Assert.Contains("would be skipped", project.Log.Text, StringComparison.Ordinal);
        Assert.Equal("aaaa0001", await database.ScalarAsync<string>("SELECT revision FROM tenancy.head WHERE schema = 't1'"));
    }

    [Theory]
    [InlineData("mark_applied")]
    [InlineData("skip")]
    [InlineData("fail")]
    public async Task A_requirement_is_asked_of_each_tenant_where_it_names_it(string onFail)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        // As a repair says for whom it is.
        using var project = new FleetProject(database).With("1", Table)
            .With("2", Required("SELECT (pg_catalog.current_database(), '${tenant.schema}') NOT IN ((pg_catalog.current_database(), 't3'), ('other', 't1')) AND EXISTS (SELECT FROM pg_tables WHERE (schemaname, tablename) = ('${tenant.schema}', 'item')) IS NOT NULL", onFail));

        var results = await CreateAsync(project, "t1", "t2", "t3", "t4");

        Assert.Contains("1 of the new tenants are made by replaying", project.Log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain($": {ByReplay}", project.Log.Text, StringComparison.Ordinal);
        Assert.Equal(onFail == "fail" ? 1 : 0, results.Count(static result => result.Failure is not null));
        Assert.Equal("t1, t2, t4", await database.ScalarAsync<string>("SELECT string_agg(schemaname, ', ' ORDER BY 1) FROM (SELECT schemaname FROM pg_tables WHERE tablename = 'extra' ORDER BY 1) t"));
        await AssertLikeReplayAsync(database, project, "t1", "t2", "t4");
    }

    [Fact]
    public async Task After_a_repair_new_tenants_are_still_made_from_a_snapshot()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", Table);
        Outcome.AssertMigrated(await CreateAsync(project, "old1", "old2", "old3"));
        await database.ExecuteAsync("ALTER TABLE old2.item DROP COLUMN note");
        await using (var fleet = project.Open())
        {
            var shape = Assert.Single(await fleet.FindDriftAsync(FleetProject.Tenants("old1", "old2", "old3"), new(), project.Log, static failed => throw new InvalidOperationException(failed.Error)));
            (await fleet.MakeRepairAsync(shape, new(), new(), RepairRenames.None, project.Log)).Manifest!.Write();
        }

        Outcome.AssertMigrated(await CreateAsync(project, "t1", "t2"));

        Assert.DoesNotContain(ByReplay, project.Log.Text, StringComparison.Ordinal);
        await AssertLikeReplayAsync(database, project, "t1", "t2");
    }

    private static async Task AssertLikeReplayAsync(TestDatabase database, FleetProject project, params string[] made)
    {
        await using var fleet = project.Open();
        Outcome.AssertMigrated(await fleet.CreateTenantsAsync(FleetProject.Tenants("r9"), new() { ReplaysHistory = true }, project.Log).ToListAsync());
        foreach (var schema in made)
        {
            Assert.Equal(await ProvisioningProject.DumpWithoutNameAsync(database, "r9"), await ProvisioningProject.DumpWithoutNameAsync(database, schema));
            const string marked = "SELECT revision, message FROM tenancy.history WHERE schema = '{0}' AND message LIKE 'not run, marked as applied%'";
            Assert.Equal(
                await database.QueryAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, marked, "r9")),
                await database.QueryAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, marked, schema)));
        }
    }

    private static Task PrepareAsync(TestDatabase database) => database.ExecuteAsync("""
        CREATE SCHEMA shared; CREATE TABLE shared.seen (what text); CREATE SEQUENCE shared.number; CREATE TABLE shared.users (id int PRIMARY KEY);
        CREATE FUNCTION shared.nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER on_users AFTER DELETE ON shared.users EXECUTE FUNCTION shared.nothing();
        """);

    private static string Revision(string more, string sql) => $"revision: aaaa0002\nparent: aaaa0001\n{more}\nup:\n  - sql: |\n      {sql}\ndown: {{irreversible: no}}\n";

    private static string Required(string query, string onFail) =>
        $"revision: aaaa0002\nparent: aaaa0001\nrequires: [{{sql: \"{query}\", on_fail: {onFail}, message: not for it}}]\nup:\n  - create_table: {{name: extra, columns: [{{name: id, type: integer}}]}}\ndown: auto\n";

    private static async Task<List<MigrationResult>> CreateAsync(FleetProject project, params string[] schemas)
    {
        await using var fleet = project.Open();
        return await fleet.CreateTenantsAsync(FleetProject.Tenants(schemas), new MigrationRequest { ThrottleLimit = 2 }, project.Log).ToListAsync();
    }
}
