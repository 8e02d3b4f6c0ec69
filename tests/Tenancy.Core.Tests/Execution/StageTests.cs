using Tenancy.Core.Planning;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Revisions that PostgreSQL makes take several transactions.</summary>
public sealed class StageTests
{
    [Theory]
    [InlineData(TransactionMode.PerRevision)]
    [InlineData(TransactionMode.PerTenant)]
    public async Task An_enum_value_is_committed_before_it_is_used(TransactionMode mode)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database)
            .With("1", """
                revision: e0000001
                down: {irreversible: enum values stay}
                up:
                  - sql: CREATE TYPE tenant_schema.mood AS ENUM ('good')
                  - sql: CREATE TABLE entry (mood tenant_schema.mood)
                """)
            .With("2", """
                revision: e0000002
                parent: e0000001
                down: {irreversible: enum values stay}
                up:
                  - sql: |
                      ALTER TYPE mood ADD VALUE 'bad';
                      INSERT INTO entry VALUES ('bad')
                  - sql: ALTER TYPE tenant_schema.mood ADD VALUE IF NOT EXISTS 'sad'
                """)
            .With("3", """
                revision: e0000003
                parent: e0000002
                down: {irreversible: enum values stay}
                up:
                  - sql: INSERT INTO entry VALUES ('sad')
                """)
            .With("4", """
                revision: e0000004
                parent: e0000003
                down: {irreversible: enum values stay}
                up:
                  - sql: INSERT INTO entry VALUES ('good')
                """);
        await database.ExecuteAsync("CREATE SCHEMA t1");

        var result = (await project.MigrateAsync(FleetProject.Tenants("t1"), new() { Transaction = mode })).Single();

        Assert.Null(result.Error);
        Assert.Equal(["good", "bad", "sad"], (await database.QueryAsync("SELECT mood::text FROM t1.entry ORDER BY entry.mood")).Select(static row => row[0]));

        // Per tenant what can be together is: the first with the beginning of the second, the third with the fourth.
        Assert.Equal(mode == TransactionMode.PerTenant ? 3L : 5L, await database.ScalarAsync<long>("SELECT count(DISTINCT started_at) FROM tenancy.history"));
    }

    [Theory]
    [InlineData(TransactionMode.PerRevision)]
    [InlineData(TransactionMode.PerTenant)]
    public async Task A_constraint_is_validated_without_the_lock_that_adding_it_took(TransactionMode mode)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {lock: 60s}")
            .With("1", """
                revision: c0000001
                down: {irreversible: not of interest}
                up:
                  - sql: ALTER TABLE customer ADD CONSTRAINT customer_checked CHECK (checked(id)) NOT VALID
                  - sql: ALTER TABLE customer VALIDATE CONSTRAINT customer_checked
                """);

        // The check waits for the test at the row with 1.
        await database.ExecuteAsync("""
            CREATE SCHEMA t1;
            CREATE TABLE t1.customer (id int);
            INSERT INTO t1.customer VALUES (1);
            CREATE FUNCTION t1.checked(id int) RETURNS boolean LANGUAGE plpgsql AS
              $$ BEGIN IF id = 1 THEN PERFORM pg_advisory_xact_lock_shared(4242); END IF; RETURN true; END $$
            """);
        await using var gate = await database.HoldAsync("SELECT pg_advisory_lock(4242)");
        var run = project.MigrateAsync(FleetProject.Tenants("t1"), new() { Transaction = mode });
        await database.UntilBlockedAsync("%VALIDATE%");

        await database.ExecuteAsync("SET lock_timeout = '5s'; INSERT INTO t1.customer VALUES (2); SET lock_timeout = 0");
        await gate.CloseAsync();
        var result = (await run).Single();

        Assert.Null(result.Error);
        Assert.Equal(MigrationStatus.Migrated, result.Status);
        Assert.True(await database.ScalarAsync<bool>("SELECT convalidated FROM pg_constraint WHERE conname = 'customer_checked'"));
    }

    private const string Filling = """
        revision: d0000001
        down: {irreversible: not of interest}
        up:
          - sql: CALL tenant_schema.fill()
            transaction: none
            done_when: SELECT count(*) = 10 FROM tenant_schema.filled
        """;

    private const string Fill = """
        CREATE SCHEMA t1;
        CREATE TABLE t1.filled (id int PRIMARY KEY);
        CREATE TABLE t1.call (at timestamptz);
        CREATE PROCEDURE t1.fill() LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO t1.call VALUES (now());
          FOR i IN 1..10 LOOP
            CONTINUE WHEN EXISTS (SELECT FROM t1.filled WHERE id = i);
            INSERT INTO t1.filled VALUES (i);
            COMMIT;
            IF i = 5 THEN PERFORM pg_advisory_xact_lock_shared(4242); END IF;
          END LOOP;
        END $$
        """;

    [Fact]
    public async Task A_procedure_that_commits_goes_on_after_its_run_was_ended()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", Filling);
        await database.ExecuteAsync(Fill);
        await using (await database.HoldAsync("SELECT pg_advisory_lock(4242)"))
        {
            var run = project.MigrateAsync(FleetProject.Tenants("t1"), new() { MaxRetries = 0 });
            await database.TerminateAsync(await database.UntilBlockedAsync("CALL%"));
            var ended = (await run).Single();
            Assert.Equal("ConnectionLost", ended.Failure!.ErrorId);
            Assert.Equal("d0000001 step 1: CALL", ended.Step);
            Assert.Equal(5L, await database.ScalarAsync<long>("SELECT count(*) FROM t1.filled"));
        }

        var result = (await project.MigrateAsync(FleetProject.Tenants("t1"))).Single();

        Assert.Null(result.Error);
        Assert.Equal(MigrationStatus.Migrated, result.Status);
        Assert.Equal(10L, await database.ScalarAsync<long>("SELECT count(*) FROM t1.filled"));
        Assert.Equal(2L, await database.ScalarAsync<long>("SELECT count(*) FROM t1.call"));
        await database.AssertNoLocksAsync();
    }

    [Fact]
    public async Task A_procedure_whose_work_is_done_is_not_called_again()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("0", "revision: d0000000\nup: [{create_table: {name: other, columns: [{name: id, type: int}]}}]")
            .With("1", Filling.Replace("down:", "parent: d0000000\ndown:", StringComparison.Ordinal));
        await database.ExecuteAsync(Fill);
        await project.MigrateAsync(FleetProject.Tenants("t1"), new() { To = "d0000000" });
        await database.ExecuteAsync("INSERT INTO t1.filled SELECT generate_series(1, 10)");
        await database.MarkStartedAsync(project, "t1", "d0000001");

        var result = (await project.MigrateAsync(FleetProject.Tenants("t1"))).Single();

        Assert.Null(result.Error);
        Assert.Equal(MigrationStatus.Migrated, result.Status);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM t1.call"));
    }
}
