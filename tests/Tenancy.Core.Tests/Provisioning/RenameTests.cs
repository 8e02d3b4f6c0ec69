using Tenancy.Core.Provisioning;
using Tenancy.Core.Tenants;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Provisioning;

/// <summary>A tenant is renamed with everything that has its schema's name; what may be something else is told.</summary>
public sealed class RenameTests
{
    private const string Rich = """
        CREATE TABLE old.item (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text DEFAULT 'x', parent int REFERENCES old.item);
        CREATE TYPE old.state AS ENUM ('a'); CREATE SEQUENCE old.counter;
        ALTER TABLE old.item ADD state old.state, ADD number bigint DEFAULT nextval('old.counter');
        CREATE VIEW old.seen AS SELECT i.id, old.name FROM old.item i JOIN old.item old USING (id);
        CREATE FUNCTION old.total(only_state old.state) RETURNS SETOF old.item LANGUAGE plpgsql SET search_path = "old", pg_temp AS $body$
          DECLARE found old.item; -- old.item in a comment
          BEGIN SELECT * INTO found FROM old.item WHERE state = only_state; PERFORM nextval($$counter$$); RETURN NEXT found; END $body$;
        CREATE FUNCTION old.one() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM OLD.item';
        CREATE FUNCTION old.standard() RETURNS bigint LANGUAGE sql RETURN (SELECT count(*) FROM old.item);
        """;

    private const string NewName = "new \"one";

    [Fact]
    public async Task A_schema_takes_all_that_has_its_name_along()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = Project(database);
        Outcome.AssertNoError(await project.CreateAsync(FleetProject.Tenants("old")));
        await database.ExecuteAsync(Rich);
        var before = await database.ScalarAsync<uint>("SELECT oid FROM pg_namespace WHERE nspname = 'old'");

        var renamed = await RenameAsync(project, "old", "New name", NewName);

        Assert.Equal(("New name", NewName), (renamed.Name, renamed.Schema));
        Assert.Equal(before, await database.ScalarAsync<uint>("SELECT oid FROM pg_namespace WHERE nspname = 'new \"one'"));
        await database.ExecuteAsync("""INSERT INTO "new ""one".item (state) VALUES ('a')""");
        await database.ExecuteAsync("""SELECT * FROM "new ""one".one()""");
        await database.ExecuteAsync("""SELECT * FROM "new ""one".total('a')""");
        await database.ExecuteAsync("""SELECT * FROM "new ""one".standard(), "new ""one".seen""");
        Assert.Equal("""search_path="new ""one", pg_temp""", await database.ScalarAsync<string>("SELECT proconfig[1] FROM pg_proc WHERE proname = 'total'"));
        Assert.DoesNotContain("may still name", project.Log.Text, StringComparison.Ordinal);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT (SELECT count(*) FROM tenancy.head WHERE schema = 'old') + (SELECT count(*) FROM tenancy.tenant WHERE schema = 'old')"));

        await using var fleet = project.Open();
        Assert.Equal(TenantRevisionStatus.AtHead, (await fleet.GetTenantRevisionsAsync([renamed]).ToListAsync()).Single().Status);
        var history = await fleet.GetHistoryAsync([renamed], new()).ToListAsync();
        Assert.Equal(["create", "up", "rename"], history.Select(static entry => entry.Direction));
        Assert.Equal("was schema old, was named old", history[^1].Message);
    }

    /// <summary>An extension's routines, and those in C, name libraries and symbols.</summary>
    [Fact]
    public async Task Libraries_and_symbols_are_no_names_of_schemas()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = Project(database);
        Outcome.AssertNoError(await project.CreateAsync(FleetProject.Tenants("l")));
        await database.ExecuteAsync("CREATE FUNCTION l.handler() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler'; CREATE FUNCTION l.lower(text) RETURNS text LANGUAGE internal AS 'lower'");

        await RenameAsync(project, "l", "m", "m");

        Assert.DoesNotContain("may still name", project.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_renamed_tenant_goes_on_where_it_was()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = Project(database);
        Outcome.AssertNoError(await project.CreateAsync(FleetProject.Tenants("old")));
        var renamed = await RenameAsync(project, "old", "newer", "newer");
        Outcome.AssertNoError(await project.CreateAsync(FleetProject.Tenants("old")));
        project.With("2", "revision: aaaa0002\nparent: aaaa0001\nup:\n  - create_table: {name: two, columns: [{name: id, type: integer}]}\ndown: auto\n");
        Outcome.AssertMigrated(await project.MigrateAsync([renamed]));

        // What was applied under the old name counts under the new one.
        project.With("1", "revision: aaaa0001\nup:\n  - create_table: {name: other, columns: [{name: id, type: integer}]}\ndown: auto\n");
        Assert.Equal("ChecksumMismatch", Assert.Single(await project.MigrateAsync([renamed])).Failure!.ErrorId);
        Assert.Equal("ChecksumMismatch", Assert.Single(await project.MigrateAsync(FleetProject.Tenants("old"))).Failure!.ErrorId);
    }

    [Theory]
    [InlineData("SELECT count(*) FROM old.item, (VALUES (1)) AS old (x)", null, "is a schema in it, and something else too")]
    [InlineData("SELECT old.id FROM old.item AS old", null, "is a schema in it, and something else too")]
    [InlineData("SELECT old.id FROM item AS old", null, null)]
    [InlineData("SELECT 'old.item'::regclass", null, "a string: 'old.item'")]
    [InlineData("SELECT 'old'", null, "a string: 'old'")]
    [InlineData("SELECT * FROM old.missing", null, "old.missing, which is not in the schema")]
    [InlineData("SELECT 1 FROM OLD.item, it.old", "SELECT 1 FROM \"new\".item, it.old", null)]
    [InlineData("SELECT 'older.item', 'bold old text' FROM older.item", null, null)]
    public void A_body_is_renamed_where_it_can_only_mean_the_schema(string body, string? renamed, string? unclear)
    {
        static string Function(string text) => $"CREATE OR REPLACE FUNCTION new.f()\n RETURNS void\n LANGUAGE sql\nAS $function${text}$function$";

        var (definition, left) = RoutineRename.Apply(Function(body) + "\n", "old", "new", new HashSet<string> { "item" });

        Assert.Equal(renamed is null ? null : Function(renamed), definition);
        Assert.Equal(unclear is null, left.Count == 0);
        Assert.Contains(unclear ?? "", string.Join('\n', left), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Routines_of_other_owners_are_renamed_by_who_may(bool isSuperuser)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var roles = await TestRoles.CreateAsync("login", "owner", "other");
        await database.ExecuteAsync($"GRANT {roles["owner"]}, {roles["other"]} TO {roles["login"]}; GRANT CREATE ON DATABASE {database.Name} TO {roles["owner"]}, {roles["login"]}");
        using var project = new FleetProject(database, $"fleet: test\nowner: {roles["owner"]}").With("1", "revision: aaaa0001\nup:\n  - create_table: {name: item, columns: [{name: id, type: integer}]}\ndown: auto\n");
        project.Connection = new() { Host = database.Server.Host, Port = database.Server.Port, Database = database.Name, Username = isSuperuser ? "postgres" : roles["login"] };
        Outcome.AssertNoError(await project.CreateAsync(FleetProject.Tenants("old")));
        await database.ExecuteAsync($"""
            CREATE FUNCTION old.owned() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM old.item); END'; ALTER FUNCTION old.owned() OWNER TO {roles["owner"]};
            CREATE FUNCTION old.others() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN RETURN (SELECT count(*) FROM old.item); END'; ALTER FUNCTION old.others() OWNER TO {roles["other"]};
            """);
        if (isSuperuser)
        {
            await database.ExecuteAsync("CREATE FUNCTION old.sealed() RETURNS bigint LANGUAGE plpgsql LEAKPROOF AS 'BEGIN RETURN (SELECT count(*) FROM old.item); END'");
        }

        await RenameAsync(project, "old", null, "newer");

        Assert.Equal(isSuperuser ? 3L : 2L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_proc WHERE pronamespace = 'newer'::regnamespace AND prosrc LIKE '%newer%.item%'"));
        Assert.Equal(roles["other"], await database.ScalarAsync<string>("SELECT proowner::regrole::text FROM pg_proc WHERE oid = 'newer.others'::regproc AND prosecdef"));
    }

    [Fact]
    public async Task A_routine_that_may_not_be_written_anew_is_named()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var roles = await TestRoles.CreateAsync("login");
        await database.ExecuteAsync($"GRANT CREATE ON DATABASE {database.Name} TO {roles["login"]}");
        using var project = new FleetProject(new ConnectionSettings { Host = database.Server.Host, Port = database.Server.Port, Database = database.Name, Username = roles["login"] });
        project.With("1", "revision: aaaa0001\nup:\n  - create_table: {name: item, columns: [{name: id, type: integer}]}\ndown: auto\n");
        Outcome.AssertNoError(await project.CreateAsync(FleetProject.Tenants("old")));
        await database.ExecuteAsync("CREATE FUNCTION old.mine() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM old.item); END'");

        await using var fleet = project.Open();
        var error = await Assert.ThrowsAsync<MigrationException>(() => fleet.RenameTenantAsync(FleetProject.Tenants("old")[0], null, "newer", project.Log));

        Assert.Equal("PermissionDenied", error.ErrorId);
        Assert.Contains("routine newer.mine() names schema old", error.Message, StringComparison.Ordinal);
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname = 'old'"));
    }

    [Fact]
    public async Task What_may_be_the_name_is_told_and_left()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = Project(database);
        Outcome.AssertNoError(await project.CreateAsync(FleetProject.Tenants("old")));
        await database.ExecuteAsync("""
            CREATE TABLE old.item (id int, place text DEFAULT 'old' CHECK (place <> 'old.item'));
            CREATE FUNCTION old.dynamic() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'SELECT 1 FROM old.item'; EXECUTE 'SELECT 1 FROM old.item'; END $$;
            CREATE FUNCTION old.standard() RETURNS text LANGUAGE sql RETURN 'old.item' || (SELECT count(*) FROM old.item);
            DO $do$ BEGIN EXECUTE 'CREATE FUNCTION old.atomic() RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT i.place || ''old.item'' FROM old.item i; END'; END $do$;
            CREATE FUNCTION old.given(place text DEFAULT 'old.item') RETURNS text LANGUAGE sql AS 'SELECT $1';
            CREATE FUNCTION old.noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
            CREATE TRIGGER noted AFTER INSERT ON old.item EXECUTE FUNCTION old.noted('old.item');
            COMMENT ON TABLE old.item IS 'those of old'; COMMENT ON COLUMN old.item.id IS 'see old.item'; COMMENT ON COLUMN old.item.place IS 'old';
            """);
        var roles = await TestRoles.CreateAsync("app");
        await database.ExecuteAsync($"ALTER ROLE {roles["app"]} SET search_path = old, public");

        await RenameAsync(project, "old", null, "newer");

        foreach (var told in new[]
        {
            "routine newer.dynamic() may still name schema old (a string: 'SELECT 1 FROM old.item')",
            "routine newer.standard() may still name schema old (a string: 'old.item'",
            "routine newer.atomic() may still name schema old (a string: 'old.item'",
            "routine newer.given(place text) may still name schema old (a string: 'old.item'",
            "the default of item.place may still name schema old (a string: 'old')",
            "constraint item_place_check of item may still name schema old (a string: 'old.item')",
            "trigger noted of item may still name schema old (a string: 'old.item')",
            "the comment on item.id may still name schema old (a string: 'see old.item')",
            "the comment on item.place may still name schema old (a string: 'old')",
            $"role {roles["app"]} may still name schema old (search_path=old, public)",
        })
        {
            Assert.Single(project.Log.Text.Split('\n'), line => line.Contains(told, StringComparison.Ordinal));
        }

        // Prose names nothing.
        Assert.DoesNotContain("those of old", project.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_outside_the_schema_has_its_name_is_rewritten_where_it_is_the_projects_and_told_elsewhere()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var roles = await TestRoles.CreateAsync("app");
        using var project = Project(database);
        await database.ExecuteAsync("CREATE SCHEMA shared");
        Outcome.AssertNoError(await project.CreateAsync(FleetProject.Tenants("old", "other")));
        await database.ExecuteAsync($"""
            CREATE TABLE old.item (id int); CREATE TABLE shared.log (place text DEFAULT 'old.item'); CREATE SCHEMA reports;
            CREATE FUNCTION shared.count() RETURNS bigint LANGUAGE sql SET search_path = old, pg_temp AS 'SELECT count(*) FROM old.item';
            CREATE FUNCTION shared.dynamic() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'SELECT 1 FROM old.item'; END $$;
            CREATE FUNCTION shared.noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF old.place IS NULL THEN RETURN NEW; END IF; RETURN old; END $$;
            CREATE FUNCTION shared.given(place text DEFAULT 'old.item') RETURNS text LANGUAGE sql AS 'SELECT $1';
            CREATE VIEW shared.items AS SELECT id FROM old.item;
            CREATE FUNCTION reports.count() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM old.item';
            CREATE FUNCTION other.golden() RETURNS int LANGUAGE sql AS 'SELECT 1 -- golden, old';
            ALTER ROLE {roles["app"]} IN DATABASE {database.Name} SET search_path = "$user", old, shared;
            ALTER DATABASE {database.Name} SET search_path = old
            """);

        await RenameAsync(project, "old", null, NewName);

        await database.ExecuteAsync("SELECT shared.count(), 1 FROM shared.items");
        Assert.Equal("""search_path="new ""one", pg_temp""", await database.ScalarAsync<string>("SELECT proconfig[1] FROM pg_proc WHERE oid = 'shared.count'::regproc"));
        Assert.Equal(["""search_path="$user", "new ""one", shared""", "search_path=\"new \"\"one\""], (await database.QueryAsync($"""
            SELECT unnest(setconfig) FROM pg_db_role_setting WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY setrole DESC
            """)).Select(static row => (string)row[0]!));
        var told = project.Log.Text.Split('\n').Where(static line => line.Contains("may still name", StringComparison.Ordinal)).ToList();
        foreach (var expected in new[]
        {
            "routine shared.dynamic() may still name schema old (a string: 'SELECT 1 FROM old.item')",
            "the default of log.place in schema shared may still name schema old (a string: 'old.item'",
            "routine shared.given(place text) may still name schema old (a string: 'old.item'",
            "routine reports.count() may still name schema old (it lies outside the tenant and the shared schema)",
        })
        {
            Assert.Single(told, line => line.Contains(expected, StringComparison.Ordinal));
        }

        Assert.Equal(4, told.Count);
    }

    /// <summary>A shared routine that the login may not replace keeps nobody from being renamed.</summary>
    [Fact]
    public async Task A_shared_routine_that_may_not_be_written_anew_is_told()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var roles = await TestRoles.CreateAsync("login");
        await database.ExecuteAsync($"GRANT CREATE ON DATABASE {database.Name} TO {roles["login"]}; CREATE SCHEMA shared; GRANT ALL ON SCHEMA shared TO {roles["login"]}; ALTER DATABASE {database.Name} SET search_path = old");
        using var project = new FleetProject(new ConnectionSettings { Host = database.Server.Host, Port = database.Server.Port, Database = database.Name, Username = roles["login"] });
        project.With("1", "revision: aaaa0001\nup:\n  - create_table: {name: item, columns: [{name: id, type: integer}]}\ndown: auto\n");
        Outcome.AssertNoError(await project.CreateAsync(FleetProject.Tenants("old")));
        await database.ExecuteAsync("CREATE FUNCTION shared.count() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM old.item'");

        await RenameAsync(project, "old", null, "newer");

        Assert.Contains("routine shared.count() may still name schema old (the user may not write it anew)", project.Log.Text, StringComparison.Ordinal);
        Assert.Contains($"database {database.Name} may still name schema old (search_path=old)", project.Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fleet: test", false)]
    [InlineData("fleet: test\ntenants: {registry: true}", false)]
    [InlineData("fleet: test\ntenants: {schema_pattern: \"%\"}", true)]
    public async Task Where_tenants_come_from_elsewhere_that_is_told(string text, bool isTold)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database, text);
        Outcome.AssertNoError(await project.CreateAsync(FleetProject.Tenants("old")));

        await RenameAsync(project, "old", null, "newer");

        Assert.Equal(isTold, project.Log.Text.Contains("come from elsewhere than the registry", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Names_that_are_taken_or_cannot_be_are_refused_and_nothing_changes()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = Project(database);
        Outcome.AssertNoError(await project.CreateAsync(FleetProject.Tenants("t1", "t2", "gone")));
        await database.ExecuteAsync("CREATE SCHEMA there; DROP SCHEMA gone CASCADE");
        var before = await database.DumpAsync();

        Assert.Equal("SchemaExists", await RefusedAsync(project, "t1", null, "there"));
        Assert.Equal("NameTaken", await RefusedAsync(project, "t1", null, "gone"));
        Assert.Equal("NameTaken", await RefusedAsync(project, "t1", "t2", null));
        Assert.Equal("SchemaMissing", await RefusedAsync(project, "gone", null, "back"));
        foreach (var impossible in new[] { "pg_x", "shared", "tenancy", "tenancy_scratch_1", new string('x', 64) })
        {
            Assert.Equal("InvalidTenant", (await Assert.ThrowsAsync<TenancyException>(() => RenameAsync(project, "t1", null, impossible))).ErrorId);
        }

        Assert.Equal(before, await database.DumpAsync());
    }

    [Fact]
    public async Task Other_fleets_of_the_history_follow()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = Project(database);
        Outcome.AssertNoError(await project.CreateAsync(FleetProject.Tenants("old")));
        using var other = new FleetProject(database, "fleet: other").With("1", "revision: bbbb0001\nup:\n  - create_table: {name: third, columns: [{name: id, type: integer}]}\ndown: auto\n");
        Outcome.AssertMigrated(await other.MigrateAsync([new() { Name = "theirs", Schema = "old" }]));

        await RenameAsync(project, "old", "ours", "newer");

        Assert.Equal("other theirs newer, test ours newer", await database.ScalarAsync<string>("SELECT string_agg(concat_ws(' ', fleet, name, schema), ', ' ORDER BY fleet) FROM tenancy.tenant"));
        Assert.Equal(MigrationStatus.UpToDate, Assert.Single(await other.MigrateAsync([new() { Name = "theirs", Schema = "newer" }])).Status);
        Assert.Equal(2L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.history WHERE direction = 'rename' AND schema = 'newer' AND former_schema = 'old'"));
    }

    [Fact]
    public async Task A_new_name_that_another_run_is_at_work_on_is_waited_for()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {tenant_lock: 1s}");
        Outcome.AssertNoError(await project.CreateAsync(FleetProject.Tenants("old")));
        await using var holder = await database.DataSource.OpenConnectionAsync();
        await using var transaction = await holder.BeginTransactionAsync();
        await using (var command = new Npgsql.NpgsqlCommand("SELECT tenancy.lock('test', 'tenant', 'newer')", holder))
        {
            await command.ExecuteNonQueryAsync();
        }

        var error = await Assert.ThrowsAsync<MigrationException>(() => RenameAsync(project, "old", null, "newer"));
        Assert.Equal("TenantInUse", error.ErrorId);
        Assert.StartsWith("tenant 'old': another run has been at work on it for more than 1 s", error.Message, StringComparison.Ordinal);
        await transaction.RollbackAsync();
        await RenameAsync(project, "old", null, "newer");
    }

    private static FleetProject Project(TestDatabase database) =>
        new FleetProject(database).With("1", "revision: aaaa0001\nup:\n  - create_table: {name: one, columns: [{name: id, type: integer}]}\ndown: auto\n");

    private static async Task<string> RefusedAsync(FleetProject project, string schema, string? name, string? newSchema) =>
        (await Assert.ThrowsAsync<MigrationException>(() => RenameAsync(project, schema, name, newSchema))).Failure.ErrorId;

    private static async Task<Tenant> RenameAsync(FleetProject project, string schema, string? name, string? newSchema)
    {
        await using var fleet = project.Open();
        return await fleet.RenameTenantAsync(FleetProject.Tenants(schema)[0], name, newSchema, project.Log);
    }
}
