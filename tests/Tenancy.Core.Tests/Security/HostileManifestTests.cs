using Tenancy.Core.Tenants;
using Tenancy.Core.Tests.Execution;
using Tenancy.Core.Tests.Manifests;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Security;

/// <summary>What a manifest can do to a server: what the reader refuses, what the proof or the server does, and what only the login bounds.</summary>
public sealed class HostileManifestTests
{
    /// <summary>Refused when it is read: nothing is connected to.</summary>
    [Theory]
    [InlineData("COMMIT")]
    [InlineData("ROLLBACK AND CHAIN")]
    [InlineData("/* */ co/* */mmit; SELECT 1; COMMIT")]
    [InlineData("PREPARE TRANSACTION 'x'")]
    [InlineData("SAVEPOINT a")]
    [InlineData("SET ROLE postgres")]
    [InlineData("SET LOCAL ROLE NONE")]
    [InlineData("RESET ROLE")]
    [InlineData("RESET ALL")]
    [InlineData("SET SESSION AUTHORIZATION DEFAULT")]
    [InlineData("SELECT set_config('role', 'none', true)")]
    [InlineData("SELECT pg_catalog.set_config('ro' || 'le', 'none', true)")]
    [InlineData("SELECT \"set_config\"('search_path', 'globex', true)")]
    [InlineData("SELECT U&\"set\\005fconfig\"('role', 'none', true)")]
    [InlineData("SET search_path = globex")]
    [InlineData("SET SCHEMA 'globex'")]
    [InlineData("SET LOCAL track_counts = off")]
    [InlineData("SET LOCAL tenancy.changes = '{}'")]
    [InlineData("SET LOCAL session_replication_role = replica")]
    [InlineData("SET LOCAL lock_timeout = 0")]
    [InlineData("UPDATE pg_settings SET setting = 'globex' WHERE name = 'search_path'")]
    [InlineData("DISCARD ALL")]
    [InlineData("CLOSE ALL")]
    [InlineData("DECLARE c CURSOR WITH HOLD FOR SELECT 1")]
    [InlineData("SELECT pg_advisory_unlock_all()")]
    [InlineData("DO $$ BEGIN COMMIT; END $$")]
    [InlineData("DO $$ BEGIN RESET ROLE; END $$")]
    [InlineData("DO $$ BEGIN PERFORM set_config('search_path', 'globex', true); END $$")]
    [InlineData("COPY tenant_schema.a FROM STDIN")]
    [InlineData("COPY tenant_schema.a TO STDOUT")]
    [InlineData("\\connect other")]
    [InlineData("\\! id")]
    [InlineData("\\copy tenant_schema.a FROM PROGRAM 'id'")]
    [InlineData("SELECT 'tenant_schema.a'::regclass")]
    public void What_takes_session_or_transaction_is_refused_when_it_is_read(string sql)
    {
        var error = TestProject.ErrorsOf($"revision: r1\nup:\n  - sql: |\n      {sql}\ndown: {{irreversible: a test}}\n");

        Assert.All(error, static one => Assert.InRange(one.Line, 4, 5));
    }

    /// <summary>What no reader sees, because it is put together when it runs, or stands in what is called.</summary>
    [Theory]
    [InlineData("DO $$ BEGIN EXECUTE 'COM' || 'MIT'; END $$", "0A000")]
    [InlineData("CREATE PROCEDURE tenant_schema.p() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$; CALL tenant_schema.p()", "2D000")]
    [InlineData("DO $$ BEGIN EXECUTE 'SET search_path = globex'; END $$", "TN004")]
    [InlineData("CREATE FUNCTION tenant_schema.f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('search_path', 'globex', true); END $$; SELECT tenant_schema.f()", "TN004")]
    [InlineData("DO $$ BEGIN EXECUTE 'SET LOCAL track_counts = off'; END $$", "TN006")]
    [InlineData("DO $$ BEGIN EXECUTE 'RESET ALL'; END $$", "TN007")]
    [InlineData("ALTER SCHEMA tenant_schema RENAME TO other", "TN004")]
    [InlineData("DO $$ BEGIN EXECUTE 'UPDATE globex.a SET id = 0'; END $$", "TN014")]
    [InlineData("DO $$ BEGIN EXECUTE 'RE' || 'SET ROLE'; EXECUTE 'CREATE TABLE globex.b ()'; END $$", "TN014")]
    [InlineData("CREATE TABLE public.b ()", "TN014")]
    [InlineData("CREATE RULE harm AS ON INSERT TO tenant_schema.a DO ALSO DELETE FROM globex.a; INSERT INTO tenant_schema.a VALUES (1)", "TN014")]
    [InlineData("ALTER ROLE CURRENT_USER SET search_path = globex", "TN014")]
    [InlineData("CREATE EXTENSION plpgsql_check", "0A000")]
    public async Task What_is_put_together_when_it_runs_is_found_by_server_or_proof(string sql, string sqlState)
    {
        await using var database = await CreateDatabaseAsync();
        var before = await database.DumpAsync(except: "tenancy");

        foreach (var mode in PlacementProject.Modes)
        {
            var failure = (await RunAsync(database, sql, "postgres", mode)).Failure;
            Assert.Equal(sqlState, failure?.ErrorId == "PlacementViolation" ? "TN014" : failure?.SqlState);
        }

        Assert.Equal(before, await database.DumpAsync(except: "tenancy"));
    }

    /// <summary>What reaches out of the database is not in any transaction: only a login that may not do it is a bound.</summary>
    [Theory]
    [InlineData("COPY (SELECT 1) TO PROGRAM 'cat > harm'")]
    [InlineData("COPY (SELECT 1) TO '/tmp/harm'")]
    [InlineData("SELECT pg_read_file('postgresql.conf')")]
    [InlineData("SELECT lo_import('postgresql.conf')")]
    [InlineData("ALTER SYSTEM SET archive_command = 'harm'")]
    [InlineData("CREATE FUNCTION tenant_schema.f() RETURNS int LANGUAGE c AS 'libc.so.6', 'system'")]
    [InlineData("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres'")]
    [InlineData("CREATE ROLE theirs SUPERUSER")]
    [InlineData("UPDATE globex.a SET id = 0")]
    [InlineData("SELECT * FROM globex.a")]
    [InlineData("CREATE TABLE public.b ()")]
    [InlineData("UPDATE pg_catalog.pg_class SET relowner = 10")]
    public async Task A_login_that_owns_its_tenants_only_is_refused_by_the_server(string sql)
    {
        await using var database = await CreateDatabaseAsync();
        var owner = (await TestRoles.CreateAsync("owner"))["owner"];
        await database.ExecuteAsync($"GRANT CREATE ON DATABASE {database.Name} TO {owner}; ALTER SCHEMA acme OWNER TO {owner}; REVOKE CREATE ON SCHEMA public FROM PUBLIC");

        var failure = (await RunAsync(database, sql, owner, "search_path")).Failure;

        Assert.Equal("42501", failure?.SqlState);
    }

    /// <summary>So it is written in docs/security.md: a superuser's manifest is a superuser.</summary>
    [SkippableFact]
    public async Task A_program_that_a_superusers_manifest_runs_nobody_finds()
    {
        Skip.If(OperatingSystem.IsWindows(), "The program is a Unix shell's.");
        await using var database = await CreateDatabaseAsync();
        var file = $"harm-{database.Name}";

        var result = await RunAsync(database, $"COPY (SELECT 1) TO PROGRAM 'cat > {file}'; CREATE TABLE globex.b ()", "postgres", "token");

        Assert.Equal("PlacementViolation", result.Failure?.ErrorId);
        Assert.Equal("1\n", await database.ScalarAsync<string>($"SELECT pg_read_file('{file}')"));
    }

    [Fact]
    public void A_manifest_that_shows_a_reader_another_text_than_is_run_is_refused()
    {
        using var project = new TestProject();
        project.Write("manifests/a.yaml", "revision: r1\nup:\n  - sql: SELECT 1 /*\u202e */ DROP TABLE x /*\u2066 */\ndown: []\n").Write("manifests/b.yaml", "revision: r2\nparent: r1\nup: [{sql_file: b.sql}]\ndown: []\n").Write("manifests/b.sql", "SELECT '\u2067'")
            .Write("manifests/c.yaml", "revision: r3\nparent: r2\nup: [{sql: \"SELECT '\\u202e'\"}]\ndown: []\n");

        var errors = project.Errors();

        Assert.Equal(2, errors.Count);
        Assert.StartsWith("manifests/a.yaml:3:21: The character U+202E here turns round", errors[0], StringComparison.Ordinal);
        Assert.StartsWith("manifests/b.sql:1:9: The character U+2067 here turns round", errors[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_argument_is_a_value_wherever_it_stands()
    {
        const string Value = "x'; DROP SCHEMA globex CASCADE; --\" $$ \\";
        await using var database = await CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", """
            revision: aaaa0001
            arguments: {value: {type: text}, name: {type: identifier}}
            up:
              - sql: |
                  CREATE TABLE tenant_schema."${x.name}" (v text DEFAULT ${x.value}, CHECK (v <> 'a${x.value}'));
                  INSERT INTO tenant_schema."${x.name}" VALUES ('${x.value}'), (E'${x.value}')
            down: {irreversible: a test}
            """);

        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("acme"), new() { Arguments = new Dictionary<string, string> { ["value"] = Value, ["name"] = Value } }));

        Assert.Equal(2L, await database.ScalarAsync<long>($"SELECT count(*) FROM acme.\"{Value.Replace("\"", "\"\"", StringComparison.Ordinal)}\" WHERE v = '{Value.Replace("'", "''", StringComparison.Ordinal)}'"));
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM globex.a"));
    }

    private static async Task<TestDatabase> CreateDatabaseAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE SCHEMA acme; CREATE TABLE acme.a (id int); CREATE SCHEMA globex; CREATE TABLE globex.a (id int); INSERT INTO globex.a VALUES (1)");
        return database;
    }

    private static async Task<MigrationResult> RunAsync(TestDatabase database, string sql, string login, string mode)
    {
        using var project = new FleetProject(new ConnectionSettings { Host = database.Server.Host, Port = database.Server.Port, Database = database.Name, Username = login }, $"fleet: test\nmode: {mode}");
        project.With("1", $"revision: aaaa0001\nup:\n  - sql: |\n      {sql}\ndown: {{irreversible: a test}}\n");
        return Assert.Single(await project.MigrateAsync(FleetProject.Tenants("acme")));
    }
}
