using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>The main job on a real server.</summary>
public sealed class MigrationTests
{
    private const string Customer = """
        revision: aaaa0001
        description: Customers
        up:
          - create_table:
              name: customer
              columns:
                - {name: id, type: bigint, identity: by default, primary_key: true}
                - {name: email, type: text, nullable: false}
        """;

    private const string Name = """
        revision: aaaa0002
        parent: aaaa0001
        up:
          - add_column: {table: customer, name: name, type: text}
          - create_index: {name: customer_name_idx, table: customer, columns: [name]}
        """;

    [Theory]
    [InlineData(TransactionMode.PerRevision)]
    [InlineData(TransactionMode.PerTenant)]
    public async Task A_fleet_comes_to_head_and_a_second_run_has_nothing_to_do(TransactionMode mode)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", Customer).With("2", Name);
        await database.ExecuteAsync("CREATE SCHEMA t1; CREATE SCHEMA t2; CREATE SCHEMA t3");

        var first = await project.MigrateAsync(FleetProject.Tenants("t1", "t2", "t3"), new() { Transaction = mode });
        Assert.All(first, static result => Assert.Null(result.Error));
        Assert.All(first, static result => Assert.Equal(MigrationStatus.Migrated, result.Status));
        Assert.Equal(["t1", "t2", "t3"], first.Select(static result => result.Name));
        Assert.All(first, static result => Assert.Equal(["aaaa0001", "aaaa0002"], result.Revisions));
        Assert.All(first, static result => Assert.Equal(["aaaa0002"], result.To));
        Assert.Equal(3L, await database.ScalarAsync<long>("SELECT count(*) FROM information_schema.columns WHERE table_name = 'customer' AND column_name = 'name'"));

        var second = await project.MigrateAsync(FleetProject.Tenants("t1", "t2", "t3"));
        Assert.All(second, static result => Assert.Equal(MigrationStatus.UpToDate, result.Status));
        Assert.Equal(6L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.history WHERE outcome = 'done'"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"));
    }

    [Fact]
    public async Task Down_to_base_leaves_an_empty_schema()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", Customer).With("2", Name);
        await database.ExecuteAsync("CREATE SCHEMA t1");
        var before = await database.DumpAsync("t1");

        await project.MigrateAsync(FleetProject.Tenants("t1"));
        Assert.NotEqual(before, await database.DumpAsync("t1"));
        var results = await project.UndoAsync(FleetProject.Tenants("t1"));

        Assert.Null(results[0].Error);
        Assert.Equal(["aaaa0002", "aaaa0001"], results[0].Revisions);
        Assert.Equal(before, await database.DumpAsync("t1"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.head"));
    }

    [Fact]
    public async Task A_failing_tenant_stands_at_the_last_boundary_and_stops_no_other()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", Customer).With("2", """
            revision: aaaa0002
            parent: aaaa0001
            up:
              - add_column: {table: customer, name: name, type: text}
              - sql: |
                  -- in its own line
                  ALTER TABLE customer
                    ADD CONSTRAINT email_key UNIQUE (email)
                undo: ALTER TABLE customer DROP CONSTRAINT email_key
            """);
        await database.ExecuteAsync("CREATE SCHEMA t1; CREATE SCHEMA t2");
        await project.MigrateAsync(FleetProject.Tenants("t1", "t2"), new() { To = "aaaa0001" });
        await database.ExecuteAsync("INSERT INTO t1.customer (email) VALUES ('a'), ('a')");

        var results = await project.MigrateAsync(FleetProject.Tenants("t1", "t2"));

        Assert.Equal([MigrationStatus.Failed, MigrationStatus.Migrated], results.Select(static result => result.Status));
        var failure = results[0].Failure!;
        Assert.Equal("23505", failure.SqlState);
        Assert.Equal("aaaa0002", failure.Revision);
        Assert.Equal("sql", failure.Operation);
        Assert.Contains("2.yaml", failure.Manifest, StringComparison.Ordinal);
        Assert.Equal(7, failure.Line);
        Assert.Contains("ADD CONSTRAINT email_key", failure.Statement, StringComparison.Ordinal);
        Assert.Equal(["aaaa0001"], results[0].To);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM information_schema.columns WHERE table_schema = 't1' AND column_name = 'name'"));
        Assert.Equal("23505", await database.ScalarAsync<string>("SELECT sqlstate FROM tenancy.history WHERE outcome = 'failed'"));

        // The failed result, piped back in.
        await database.ExecuteAsync("DELETE FROM t1.customer WHERE id = 2");
        var again = await project.MigrateAsync(FleetProject.Tenants("t1"));
        Assert.Equal(MigrationStatus.Migrated, again[0].Status);
    }

    [Fact]
    public async Task A_plan_writes_nothing()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", Customer).With("2", Name);
        await database.ExecuteAsync("CREATE SCHEMA t1");
        var before = await database.DumpAsync();
        await using var fleet = project.Open();

        var plans = await fleet.PlanAsync(FleetProject.Tenants("t1", "nosuch"), new()).ToListAsync();

        Assert.Equal(before, await database.DumpAsync());
        Assert.Equal(["aaaa0001", "aaaa0002"], plans[0].Revisions);
        Assert.Contains(plans[0].Steps, static step => step.Sql.Contains("\"t1\".\"customer\"", StringComparison.Ordinal));
        Assert.Equal("SchemaMissing", plans[1].Failure!.ErrorId);
    }

    [Fact]
    public async Task A_concurrent_index_is_a_step_of_its_own()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", Customer).With("2", """
            revision: aaaa0002
            parent: aaaa0001
            up:
              - add_column: {table: customer, name: name, type: text}
              - create_index: {name: customer_name_idx, table: customer, columns: [name], concurrently: true}
              - add_column: {table: customer, name: nick, type: text}
            """);
        await database.ExecuteAsync("CREATE SCHEMA t1");

        var results = await project.MigrateAsync(FleetProject.Tenants("t1"));

        Assert.Null(results[0].Error);
        Assert.Equal(MigrationStatus.Migrated, results[0].Status);
        Assert.True(await database.ScalarAsync<bool>("SELECT indisvalid FROM pg_index WHERE indexrelid = 't1.customer_name_idx'::regclass"));
        var steps = await database.QueryAsync("SELECT step, outcome FROM tenancy.history WHERE revision = 'aaaa0002' ORDER BY id");
        Assert.Equal(["1: ALTER TABLE", "2: CREATE INDEX", "2: CREATE INDEX", null], steps.Select(static row => row[0]));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.stage"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"));

        var down = await project.UndoAsync(FleetProject.Tenants("t1"));
        Assert.Null(down[0].Error);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relnamespace = 't1'::regnamespace"));
    }

    [Fact]
    public async Task A_shared_revision_runs_before_the_tenant_revision_that_depends_on_it()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", Customer)
            .With("s", """
                revision: bbbb0001
                scope: shared
                up:
                  - create_table:
                      name: users
                      columns: [{name: id, type: bigint, primary_key: true}]
                """)
            .With("2", """
                revision: aaaa0002
                parent: aaaa0001
                depends_on: [bbbb0001]
                touches: [shared.users]
                up:
                  - add_column: {table: customer, name: user_id, type: bigint}
                  - add_constraint:
                      table: customer
                      name: customer_user_fkey
                      foreign_key: [user_id]
                      references: {table: shared.users, columns: [id]}
                """);
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE SCHEMA t1; CREATE SCHEMA t2");

        var results = await project.MigrateAsync(FleetProject.Tenants("t1", "t2"));

        Assert.All(results, static result => Assert.Null(result.Error));
        Assert.Contains(results, static result => result.Scope == "shared" && result.Status == MigrationStatus.Migrated);
        Assert.Equal(2L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_constraint WHERE conname = 'customer_user_fkey'"));
    }

    [Fact]
    public async Task A_temporary_table_does_not_meet_the_next_tenant()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", Customer).With("2", """
            revision: aaaa0002
            parent: aaaa0001
            up:
              - sql: CREATE TEMP TABLE work (name text)
                undo: SELECT 1
              - sql: INSERT INTO work VALUES ('${tenant.name}')
                undo: SELECT 1
              - sql: INSERT INTO customer (email) SELECT name FROM pg_temp.work
                undo: DELETE FROM customer
            """);
        await database.ExecuteAsync("CREATE SCHEMA t1; CREATE SCHEMA t2");

        var results = await project.MigrateAsync(FleetProject.Tenants("t1", "t2"));

        Assert.All(results, static result => Assert.Null(result.Error));
        Assert.Equal("t2", await database.ScalarAsync<string>("SELECT string_agg(email, ',') FROM t2.customer"));
    }
}
