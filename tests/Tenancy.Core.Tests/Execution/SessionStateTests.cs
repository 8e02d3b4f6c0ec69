using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>What one tenant's SQL does to the session must not meet the next tenant, and what it reads must not be another's.</summary>
public sealed class SessionStateTests
{
    [Fact]
    public async Task A_setting_made_in_a_function_ends_with_its_transaction()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database)
            .With("1", """
                revision: aaaa0001
                up:
                  - sql: |
                      CREATE TABLE tenant_schema.p (id int PRIMARY KEY);
                      CREATE TABLE tenant_schema.c (id int REFERENCES tenant_schema.p);
                      CREATE FUNCTION tenant_schema.load() RETURNS void LANGUAGE plpgsql AS $f$BEGIN SET session_replication_role = replica; SET work_mem = '77MB'; END$f$;
                      SELECT tenant_schema.load();
                down: {irreversible: test}
                """)
            .With("2", """
                revision: aaaa0002
                parent: aaaa0001
                up:
                  - sql: INSERT INTO tenant_schema.c VALUES (99)
                down: {irreversible: test}
                """);
        await database.ExecuteAsync("CREATE SCHEMA t1; CREATE SCHEMA t2");

        var results = await project.MigrateAsync(FleetProject.Tenants("t1", "t2"));

        Assert.All(results, static result => Assert.Equal("23503", result.Failure?.SqlState));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM t2.c"));
    }

    [Theory]
    [InlineData("SELECT 1", MigrationStatus.Migrated)]
    [InlineData("SELECT 1 / 0", MigrationStatus.Failed)]
    public async Task A_lock_of_the_session_taken_in_a_function_ends_with_its_transaction(string next, string status)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA t1; CREATE FUNCTION t1.locks() RETURNS void LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_lock(42); END'");
        using var project = new FleetProject(database).With("1", $"revision: aaaa0001\nup: [sql: 'SELECT tenant_schema.locks(); {next}']\ndown: {{irreversible: test}}");

        await using var fleet = project.Open();
        await foreach (var result in fleet.MigrateAsync(FleetProject.Tenants("t1"), new(), project.Log))
        {
            // The pool that the connection went back to is still there; the run may be making itself durable.
            Assert.Equal(status, result.Status);
            Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"));
        }
    }

    [SkippableFact]
    public async Task A_limit_of_the_database_for_transactions_ends_none()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        Skip.If(await database.ScalarAsync<string>("SELECT current_setting('transaction_timeout', true)") is null, "PostgreSQL has transaction_timeout since 17.");
        await database.ExecuteAsync($"CREATE SCHEMA t1; ALTER DATABASE {database.Name} SET transaction_timeout = '1s'");
        using var project = new FleetProject(database).With("1", "revision: aaaa0001\nup: [sql: 'CREATE TABLE tenant_schema.a (n integer); SELECT pg_sleep(2)']\ndown: {irreversible: test}");

        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1")));
    }

    [Fact]
    public async Task A_time_zone_of_its_own_is_no_fault()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", """
            revision: aaaa0001
            up:
              - sql: |
                  SET LOCAL TIME ZONE 'Asia/Tokyo';
                  SET LOCAL DateStyle = 'SQL, DMY';
                  CREATE TABLE tenant_schema.a AS SELECT now()::text AS at
                undo: DROP TABLE tenant_schema.a
            """);
        await database.ExecuteAsync("CREATE SCHEMA t1");

        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1")));
    }

    [Fact]
    public async Task A_result_of_the_manifests_own_is_not_taken_for_the_engines()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", """
            revision: aaaa0001
            up:
              - sql: SELECT false AS tenancy_check_0
                undo: SELECT 1
            """);
        await database.ExecuteAsync("CREATE SCHEMA t1");

        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1")));
    }

    [SkippableFact]
    public async Task An_extension_in_a_tenants_schema_makes_nothing_of_it_visible_to_others()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        Skip.IfNot(database.Server.HasExtension("citext"), "The server comes without citext.");
        using var project = new FleetProject(database, "fleet: test\nmode: token").With("1", """
            revision: aaaa0001
            up:
              - sql: CREATE TABLE tenant_schema.o AS SELECT v FROM secretdata
                undo: DROP TABLE tenant_schema.o
            """);
        await database.ExecuteAsync("CREATE SCHEMA t1; CREATE SCHEMA t2; CREATE EXTENSION citext SCHEMA t2; CREATE TABLE t2.secretdata AS SELECT 'x' AS v");
        await project.MigrateAsync(FleetProject.Tenants("t2"), new() { To = "aaaa0001" });
        await database.ExecuteAsync("INSERT INTO tenancy.tenant (fleet, schema, name, schema_oid) SELECT 'test', 't2', 't2', oid FROM pg_namespace WHERE nspname = 't2' ON CONFLICT DO NOTHING");

        var result = Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1")));

        Assert.Equal("42P01", result.Failure?.SqlState);
    }

    [Fact]
    public async Task A_read_only_default_of_the_database_stops_nothing()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", "revision: aaaa0001\nup:\n  - create_table: {name: a, columns: [{name: id, type: int}]}\n");
        await database.ExecuteAsync($"CREATE SCHEMA t1; ALTER DATABASE {database.Name} SET default_transaction_read_only = on");

        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1")));
    }

    [Fact]
    public async Task A_tenant_of_another_fleet_too_is_not_dropped()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", "revision: aaaa0001\nup:\n  - create_table: {name: a, columns: [{name: id, type: int}]}\n");
        using var other = new FleetProject(database, "fleet: other");
        await database.ExecuteAsync("CREATE SCHEMA t1");
        await project.MigrateAsync(FleetProject.Tenants("t1"));

        await using var fleet = other.Open();
        var error = await Assert.ThrowsAsync<MigrationException>(() => fleet.RemoveTenantAsync(FleetProject.Tenants("t1")[0], keepsSchema: false, other.Log));

        Assert.Equal("OtherFleet", error.ErrorId);
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_tables WHERE schemaname = 't1'"));
    }

    [Fact]
    public async Task A_name_cannot_write_lines_of_its_own_into_a_message()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", "revision: aaaa0001\nup:\n  - create_table: {name: a, columns: [{name: id, type: int}]}\n");

        var result = Assert.Single(await project.MigrateAsync([new Tenant { Name = "evil\n\u001b[31mt9 Migrated", Schema = "nosuch" }]));

        Assert.DoesNotContain('\n', result.Error!);
        Assert.DoesNotContain('\u001b', result.Error!);
    }
}
