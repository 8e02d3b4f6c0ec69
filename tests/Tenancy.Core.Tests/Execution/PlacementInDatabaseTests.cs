using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>What lies in no schema needs <c>touches: [database]</c>; what moves the ground under the tenant is refused.</summary>
public sealed class PlacementInDatabaseTests
{
    [Theory]
    [InlineData("SELECT lo_create(0)", "pg_largeobject_metadata (in no schema)", "database")]
    [InlineData("CREATE CAST (tenant_schema.state AS int) WITH INOUT", "pg_cast (in no schema)", "database")]
    [InlineData("CREATE PUBLICATION made FOR TABLE tenant_schema.customer", "pg_publication (in no schema);pg_publication_rel (in no schema)", "database")]
    [InlineData("CREATE FOREIGN DATA WRAPPER made", "pg_foreign_data_wrapper (in no schema)", "database")]
    [InlineData("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = ''5MB''', current_database()); END $$", "pg_db_role_setting (in no schema)", "database")]
    [InlineData("DO $$ BEGIN EXECUTE format('COMMENT ON DATABASE %I IS ''x''', current_database()); END $$", "pg_shdescription (in no schema)", "database")]
    [InlineData("COMMENT ON EXTENSION plpgsql IS 'x'", "pg_extension (in no schema)", "database")]
    public Task Objects_in_no_schema_need_touches(string sql, string named, string touches) => PlacementProject.EnsureDeclaredAsync(sql, named, touches);

    [Fact]
    public Task A_dropped_default_privilege_in_no_schema_needs_touches() => PlacementProject.EnsureDeclaredAsync(
        "ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM pg_monitor", "default privileges (in no schema)", "database", setUp: "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO pg_monitor");

    [Fact]
    public Task A_dropped_cast_needs_touches() => PlacementProject.EnsureDeclaredAsync(
        "DROP CAST (tenant_schema.state AS int)", "pg_cast (in no schema)", "database", setUp: "CREATE CAST (t1.state AS int) WITH INOUT");

    [Fact]
    public async Task A_role_needs_touches()
    {
        foreach (var mode in PlacementProject.Modes)
        {
            var role = "placed_" + Guid.NewGuid().ToString("N");
            await PlacementProject.EnsureDeclaredAsync($"CREATE ROLE {role}", "pg_authid (in no schema)", "database", only: mode);
            await PostgresFixture.ExecuteAsync($"DROP ROLE {role}");
        }
    }

    [SkippableFact]
    public async Task An_extension_needs_touches()
    {
        Skip.IfNot((await PostgresFixture.ServerAsync()).HasExtension("citext"), "The server comes without citext (Debian: install postgresql-contrib).");
        await PlacementProject.EnsureDeclaredAsync("CREATE EXTENSION citext SCHEMA tenant_schema", "pg_cast (in no schema);pg_extension (in no schema)", "database");
    }

    [Theory]
    [InlineData("search_path", "t2")]
    [InlineData("token", "t2")]
    [InlineData("token", "t1")]
    public async Task A_function_that_leaves_another_search_path_is_refused(string mode, string schema)
    {
        await using var database = await PlacementProject.CreateDatabaseAsync();
        await database.ExecuteAsync($"CREATE FUNCTION t1.leave() RETURNS text LANGUAGE sql AS $$SELECT set_config('search_path', '{schema}', true)$$");
        var result = await PlacementProject.RunAsync(database, mode, "SELECT tenant_schema.leave()");
        Assert.Equal("WrongSchema", result.Failure?.ErrorId);
    }

    [Theory]
    [InlineData("ALTER SCHEMA tenant_schema RENAME TO t9")]
    [InlineData("DROP SCHEMA tenant_schema CASCADE")]
    [InlineData("DROP SCHEMA tenant_schema CASCADE; CREATE SCHEMA tenant_schema")]
    public async Task The_tenants_schema_itself_stays(string sql)
    {
        foreach (var mode in PlacementProject.Modes)
        {
            await using var database = await PlacementProject.CreateDatabaseAsync();
            var before = await database.DumpAsync(except: "tenancy");
            var result = await PlacementProject.RunAsync(database, mode, sql, "t1.*, t9.*");
            Assert.Equal("WrongSchema", result.Failure?.ErrorId);
            Assert.Equal(before, await database.DumpAsync(except: "tenancy"));
        }
    }

    [Fact]
    public async Task Counting_stays_on()
    {
        await using var database = await PlacementProject.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE FUNCTION t1.stop() RETURNS text LANGUAGE sql AS $$SELECT set_config('track_counts', 'off', true)$$");
        var result = await PlacementProject.RunAsync(database, "token", "SELECT t1.stop()");
        Assert.Equal("ProofImpossible", result.Failure?.ErrorId);
    }

    [Theory]
    [InlineData("CREATE TABLE made (id int)")]
    [InlineData("CREATE TYPE made AS (a int)")]
    [InlineData("CREATE VIEW made AS SELECT 1 AS one")]
    public async Task A_bare_CREATE_in_token_mode_fails(string sql)
    {
        await using var database = await PlacementProject.CreateDatabaseAsync();
        var before = await database.DumpAsync(except: "tenancy");
        var result = await PlacementProject.RunAsync(database, "token", sql);
        Assert.Equal(MigrationStatus.Failed, result.Status);
        Assert.Equal("NameWithoutToken", result.Failure!.ErrorId);
        Assert.Equal(before, await database.DumpAsync(except: "tenancy"));
    }

    [Fact]
    public async Task A_missing_schema_is_not_skipped()
    {
        foreach (var mode in PlacementProject.Modes)
        {
            await using var database = await PlacementProject.CreateDatabaseAsync();
            await database.ExecuteAsync("DROP SCHEMA t1 CASCADE");
            var before = await database.DumpAsync(except: "tenancy");
            var result = await PlacementProject.RunAsync(database, mode, "CREATE TABLE tenant_schema.made (id int)");
            Assert.Equal("SchemaMissing", result.Failure?.ErrorId);
            Assert.Equal(before, await database.DumpAsync(except: "tenancy"));
        }
    }
}
