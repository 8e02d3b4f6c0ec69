using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Security;

/// <summary>
/// What a tenant's own role can do to whoever migrates it: its triggers, functions, defaults and operators run with that one's rights. The proof finds what they
/// change elsewhere; a login as the tenant's owner leaves them nothing to use. <c>docs/security.md</c> names these tests.
/// </summary>
public sealed class TenantRoleTests
{
    private const string Steal = "UPDATE globex.secret SET value = 'stolen'";

    public static TheoryData<string, string> Harms => new()
    {
        { Steal, "globex.secret" },
        { "GRANT SELECT ON globex.secret TO PUBLIC", "globex.secret" },
        { "EXECUTE format('ALTER ROLE %I SUPERUSER', (SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'acme'))", "pg_authid (in no schema)" },
        { "EXECUTE format('GRANT pg_read_all_data TO %I', (SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'acme'))", "pg_auth_members (in no schema)" },
        { "DELETE FROM tenancy.history", "tenancy.history" },
        { "CREATE FUNCTION tenancy.theirs() RETURNS text LANGUAGE sql AS 'SELECT now()::text'", "tenancy.theirs" },
        { "CREATE SCHEMA theirs", "theirs" },
        { "DROP SCHEMA globex CASCADE", "globex" },
    };

    [Theory]
    [MemberData(nameof(Harms))]
    public async Task What_a_trigger_changes_elsewhere_is_found_and_rolled_back(string harm, string named)
    {
        await using var tenant = await HostileTenant.CreateAsync();
        await tenant.PrepareTriggerAsync(harm);

        var result = await tenant.RunAsync();

        Assert.Equal("PlacementViolation", result.Failure?.ErrorId);
        Assert.Contains(named, result.Failure!.Message, StringComparison.Ordinal);
        await tenant.AssertUnharmedAsync();
        Assert.Equal("ACME", await tenant.Database.ScalarAsync<string>("SELECT name FROM acme.customer"));
    }

    [Theory]
    [MemberData(nameof(Harms))]
    public async Task A_role_that_is_only_set_is_reset_by_a_trigger_and_the_proof_still_finds_what_it_does(string harm, string named)
    {
        await using var tenant = await HostileTenant.CreateAsync();
        await tenant.PrepareTriggerAsync("RESET ROLE; " + harm + "; PERFORM set_config('role', (SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'acme'), true)");

        var result = await tenant.RunAsync(settings: $"mode: token\nowner: {tenant.Role}");

        Assert.Equal("PlacementViolation", result.Failure?.ErrorId);
        Assert.Contains(named, result.Failure!.Message, StringComparison.Ordinal);
        await tenant.AssertUnharmedAsync();
    }

    [Fact]
    public async Task A_role_that_is_only_set_bounds_what_does_not_reset_it()
    {
        await using var tenant = await HostileTenant.CreateAsync();
        await tenant.PrepareTriggerAsync(Steal);

        var result = await tenant.RunAsync(settings: $"mode: token\nowner: {tenant.Role}");

        Assert.Equal(("PermissionDenied", "42501"), (result.Failure?.ErrorId, result.Failure?.SqlState));
        await tenant.AssertUnharmedAsync();
    }

    /// <summary>Nothing else tells: no lock, no row. It is why a role that is set is no boundary.</summary>
    [Fact]
    public async Task What_a_trigger_reads_after_it_reset_the_role_nobody_finds()
    {
        await using var tenant = await HostileTenant.CreateAsync();
        await tenant.PrepareAsync("CREATE TABLE acme.loot (value text)");
        await tenant.PrepareTriggerAsync("RESET ROLE; INSERT INTO acme.loot SELECT value FROM globex.secret");

        var result = await tenant.RunAsync(settings: $"mode: token\nowner: {tenant.Role}");

        Assert.Equal(MigrationStatus.Migrated, result.Status);
        Assert.Equal("kept", await tenant.Database.ScalarAsync<string>("SELECT value FROM acme.loot"));
    }

    /// <summary>The proof is code of the server's, which whoever may change history can change too.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_proof_that_is_replaced_proves_nothing_and_only_the_login_bounds_that(bool isOwner)
    {
        await using var tenant = await HostileTenant.CreateAsync();
        await tenant.AllowHistoryAsync();
        await tenant.PrepareTriggerAsync($"CREATE OR REPLACE FUNCTION tenancy.assert_placement(p_schema_oid oid, p_current_schema name, p_touch_schemas text[], p_touch_names text[], p_touch_database boolean) RETURNS void LANGUAGE sql AS ''; {Steal}");

        var result = await tenant.RunAsync(login: isOwner ? tenant.Role : "postgres");

        Assert.Equal(isOwner ? "42501" : null, result.Failure?.SqlState);
        Assert.Equal(isOwner ? "kept" : "stolen", await tenant.Database.ScalarAsync<string>("SELECT value FROM globex.secret"));
    }

    /// <summary>A deferred trigger that puts itself off again runs at COMMIT, after the proof.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_trigger_that_puts_itself_off_to_the_commit_is_bound_by_the_login_only(bool isOwner)
    {
        await using var tenant = await HostileTenant.CreateAsync();
        await tenant.AllowHistoryAsync();
        await tenant.PrepareTriggerAsync(
            $"IF NEW.name = 'Acme' THEN SET CONSTRAINTS ALL DEFERRED; UPDATE acme.customer SET name = 'again'; ELSE {Steal}; END IF",
            "AFTER UPDATE ON acme.customer DEFERRABLE INITIALLY DEFERRED");

        var result = await tenant.RunAsync(login: isOwner ? tenant.Role : "postgres");

        if (isOwner)
        {
            Assert.Equal("42501", result.Failure?.SqlState);
            await tenant.AssertUnharmedAsync();
        }
        else
        {
            Assert.Equal(MigrationStatus.Migrated, result.Status);
            Assert.Equal("stolen", await tenant.Database.ScalarAsync<string>("SELECT value FROM globex.secret"));
        }
    }

    [Theory]
    [MemberData(nameof(Harms))]
    public async Task Logged_in_as_the_tenants_owner_a_trigger_can_do_what_the_tenant_can(string harm, string named)
    {
        await using var tenant = await HostileTenant.CreateAsync();
        await tenant.AllowHistoryAsync();
        await tenant.PrepareTriggerAsync("RESET ROLE; RESET SESSION AUTHORIZATION; " + harm);

        var result = await tenant.RunAsync(login: tenant.Role);

        // The server refuses; what it may write is history, and that the proof finds.
        Assert.True(named == "tenancy.history" ? result.Failure?.ErrorId == "PlacementViolation" : result.Failure?.SqlState == "42501", result.Failure?.ToString());
        await tenant.AssertUnharmedAsync();
    }

    [Fact]
    public async Task Logged_in_as_the_tenants_owner_its_own_migrations_run()
    {
        await using var tenant = await HostileTenant.CreateAsync();
        await tenant.AllowHistoryAsync();

        var result = await tenant.RunAsync("CREATE TABLE tenant_schema.made (id int); UPDATE tenant_schema.customer SET name = 'Acme'", tenant.Role);

        Assert.True(result.Status == MigrationStatus.Migrated, result.Error);
        Assert.Equal(tenant.Role, await tenant.Database.ScalarAsync<string>("SELECT who FROM tenancy.history WHERE schema = 'acme'"));
    }

    /// <summary>CVE-2018-1058: pg_catalog has lower(text), and for a varchar the tenant's fits better.</summary>
    [Theory]
    [InlineData("search_path", true)]
    [InlineData("token", false)]
    public async Task A_function_of_the_tenants_takes_the_place_of_the_servers_only_where_its_schema_is_in_the_path(string mode, bool isCalled)
    {
        await using var tenant = await HostileTenant.CreateAsync();
        await tenant.PrepareAsync($"CREATE FUNCTION acme.lower(varchar) RETURNS text LANGUAGE plpgsql AS $f$ BEGIN {Steal}; RETURN 'x'; END $f$");

        var result = await tenant.RunAsync("UPDATE tenant_schema.customer SET name = lower(name)", settings: $"mode: {mode}");

        Assert.Equal(isCalled ? "PlacementViolation" : null, result.Failure?.ErrorId);
        Assert.Equal(isCalled ? "ACME" : "acme", await tenant.Database.ScalarAsync<string>("SELECT name FROM acme.customer"));
        await tenant.AssertUnharmedAsync();
    }

    [Theory]
    [InlineData("CREATE FUNCTION acme.equal(varchar, varchar) RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN {0}; RETURN true; END $f$; CREATE OPERATOR acme.= (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = acme.equal)", "UPDATE tenant_schema.customer SET id = 2 WHERE name = 'ACME'::varchar")]
    [InlineData("CREATE FUNCTION acme.check() RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN {0}; RETURN true; END $f$; ALTER TABLE acme.customer ADD CHECK (acme.check()) NOT VALID", "UPDATE tenant_schema.customer SET id = 2")]
    [InlineData("CREATE FUNCTION acme.value() RETURNS text LANGUAGE plpgsql AS $f$ BEGIN {0}; RETURN 'x'; END $f$; ALTER TABLE acme.customer ALTER name SET DEFAULT acme.value()", "INSERT INTO tenant_schema.customer (id) VALUES (2)")]
    [InlineData("CREATE FUNCTION acme.value() RETURNS text LANGUAGE plpgsql AS $f$ BEGIN {0}; RETURN 'x'; END $f$; CREATE VIEW acme.seen AS SELECT id, acme.value() AS name FROM acme.customer", "CREATE TABLE tenant_schema.copy AS SELECT * FROM tenant_schema.seen")]
    [InlineData("CREATE FUNCTION acme.act() RETURNS void LANGUAGE plpgsql AS $f$ BEGIN {0}; END $f$; CREATE FUNCTION acme.key(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $f$ BEGIN IF current_user = 'postgres' THEN PERFORM acme.act(); END IF; RETURN $1; END $f$; CREATE INDEX by_key ON acme.customer (acme.key(id))", "UPDATE tenant_schema.customer SET id = 2")]
    public async Task Whatever_of_the_tenants_runs_is_proved_alike(string prepare, string sql)
    {
        await using var tenant = await HostileTenant.CreateAsync();
        await tenant.PrepareAsync(prepare.Replace("{0}", Steal, StringComparison.Ordinal));

        var result = await tenant.RunAsync(sql, settings: "mode: search_path");

        Assert.Equal("PlacementViolation", result.Failure?.ErrorId);
        await tenant.AssertUnharmedAsync();
    }

    /// <summary>row_security = off: a policy is an error or passed by, but never run.</summary>
    [Fact]
    public async Task A_policy_of_the_tenants_is_not_run()
    {
        await using var tenant = await HostileTenant.CreateAsync();
        await tenant.PrepareAsync($"""
            CREATE FUNCTION acme.allowed() RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN {Steal}; RETURN true; END $f$;
            CREATE POLICY harm ON acme.customer USING (acme.allowed()); ALTER TABLE acme.customer ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY
            """);
        await tenant.AllowHistoryAsync();

        Assert.Equal("42501", (await tenant.RunAsync(login: tenant.Role)).Failure?.SqlState);
        Assert.Equal(MigrationStatus.Migrated, (await tenant.RunAsync()).Status);
        await tenant.AssertUnharmedAsync();
    }

    [Fact]
    public async Task Nothing_of_the_session_is_left_for_the_next_tenant()
    {
        await using var tenant = await HostileTenant.CreateAsync();
        await tenant.Database.ExecuteAsync("CREATE SCHEMA last; CREATE TABLE last.customer (id int, name varchar(40))");
        await tenant.PrepareTriggerAsync("SET search_path = acme; SET SESSION work_mem = '77MB'; CREATE TEMP TABLE customer (id int); PERFORM pg_advisory_lock(42)");
        using var project = new Execution.FleetProject(tenant.Database, "fleet: test\nmode: token").With("1", """
            revision: aaaa0001
            up:
              - sql: |
                  UPDATE tenant_schema.customer SET name = 'x';
                  CREATE TABLE tenant_schema.seen AS SELECT current_setting('work_mem') AS memory, to_regclass('pg_temp.customer')::text AS temporary, current_setting('search_path') AS path
            down: {irreversible: a test}
            """);

        var results = await project.MigrateAsync(Execution.FleetProject.Tenants("acme", "last"));

        Assert.Equal([(MigrationStatus.Failed, "WrongSchema"), (MigrationStatus.Migrated, null)], results.Select(static result => (result.Status, result.Failure?.ErrorId)));
        Assert.Equal(["4MB", null, "pg_catalog, \"pg_temp\""], (await tenant.Database.QueryAsync("SELECT memory, temporary, replace(path, 'pg_temp', '\"pg_temp\"') FROM last.seen"))[0].Select(static value => value?.ToString()?.Replace("\"pg_catalog\"", "pg_catalog", StringComparison.Ordinal)));
    }

    /// <summary>The engine's own functions look names up in pg_catalog alone, lend nobody their rights, and are nobody's but their owner's to call.</summary>
    [Fact]
    public async Task History_is_closed_to_others_and_its_functions_cannot_be_led_astray()
    {
        await using var tenant = await HostileTenant.CreateAsync();
        await tenant.RunAsync();
        var functions = await tenant.Database.QueryAsync("SELECT proname::text, prosecdef, coalesce(array_to_string(proconfig, ','), ''), prosrc FROM pg_proc WHERE pronamespace = 'tenancy'::regnamespace");

        Assert.True(functions.Count > 30, $"{functions.Count}");
        Assert.All(functions, static function => Assert.False((bool)function[1]!));

        // These three set what must last beyond them, which a clause would undo; so they name pg_catalog before each function and operator.
        Assert.Equal(["begin_work", "clean_session", "use_path"], functions.Where(static function => !((string)function[2]!).Contains("search_path=pg_catalog, pg_temp", StringComparison.Ordinal)).Select(static function => (string)function[0]!).Order(StringComparer.Ordinal));
        var error = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => tenant.PrepareAsync("SELECT * FROM tenancy.history"));
        Assert.Equal("42501", error.SqlState);
        error = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => tenant.PrepareAsync("SELECT tenancy.record_stage(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)"));
        Assert.Equal("42501", error.SqlState);
    }
}
