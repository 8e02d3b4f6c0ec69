using System.Globalization;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>All tenants of a database in one transaction.</summary>
public sealed class AllTenantsTests
{
    private static readonly MigrationRequest Together = new() { Transaction = TransactionMode.AllTenants };

    private const string Customer = """
        revision: aaaa0001
        up:
          - create_table: {name: customer, columns: [{name: id, type: bigint, primary_key: true}, {name: email, type: text}]}
          - sql: INSERT INTO tenant_schema.customer VALUES (1, 'a@b')
            undo: DELETE FROM tenant_schema.customer
        """;

    private const string Unique = """
        revision: aaaa0002
        parent: aaaa0001
        depends_on: [bbbb0001]
        touches: [shared.users]
        up:
          - add_column: {table: customer, name: user_id, type: bigint}
          - sql: ALTER TABLE tenant_schema.customer ADD CONSTRAINT customer_user FOREIGN KEY (user_id) REFERENCES shared.users
            undo: ALTER TABLE tenant_schema.customer DROP CONSTRAINT customer_user
          - create_index: {name: customer_email, table: customer, columns: [email], unique: true}
        """;

    private const string Users = """
        revision: bbbb0001
        scope: shared
        up:
          - create_table: {name: users, columns: [{name: id, type: bigint, primary_key: true}]}
        """;

    private const string After = """
        revision: bbbb0002
        parent: bbbb0001
        scope: shared
        depends_on: [aaaa0002]
        up:
          - add_column: {table: users, name: name, type: text}
        """;

    [Theory]
    [InlineData("MultipleHeads")]
    [InlineData("UnknownRevision")]
    [InlineData("Irreversible")]
    public async Task A_tenant_that_cannot_be_planned_for_is_not_called_up_to_date(string errorId)
    {
        await using var database = await CreateAsync("t1", "t2");
        using var project = new FleetProject(database).With("1", Customer);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1", "t2")));
        project.With("2", "revision: aaaa0003\nparent: aaaa0001\nup: [sql: SELECT 1]\ndown: {irreversible: it is so}");
        if (errorId == "MultipleHeads")
        {
            project.With("3", "revision: aaaa0004\nparent: aaaa0001\nup: [sql: SELECT 1]\ndown: []");
        }
        else
        {
            Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1")));
            _ = errorId == "UnknownRevision" ? project.Without("2") : project;
        }

        var request = errorId == "Irreversible" ? Together with { Direction = RevisionDirection.Down, To = "aaaa0001" } : Together;
        var results = await project.MigrateAsync(FleetProject.Tenants("t1", "t2"), request);

        Assert.Equal([MigrationStatus.Failed, MigrationStatus.Incomplete], results.Select(static result => result.Status));
        Assert.Equal([errorId, "RolledBack"], results.Select(static result => result.Failure?.ErrorId));
    }

    [Theory]
    [InlineData("search_path")]
    [InlineData("token")]
    public async Task A_fleet_comes_to_head_and_back_as_one_by_one(string mode)
    {
        string[] schemas = Schemas(5);
        await using var one = await CreateAsync(schemas);
        await using var other = await CreateAsync(schemas);
        using var apart = Project(one, mode);
        using var together = Project(other, mode);
        var tenants = FleetProject.Tenants(schemas);

        var expected = await apart.MigrateAsync(tenants);
        var results = await together.MigrateAsync(tenants, Together);

        Outcome.AssertMigrated(results);
        Assert.Equal(expected.Select(static result => (result.Name, string.Join(' ', result.Revisions), string.Join(' ', result.To))).Order(), results.Select(static result => (result.Name, string.Join(' ', result.Revisions), string.Join(' ', result.To))).Order());
        Assert.Equal(await one.DumpAsync(except: "tenancy"), await other.DumpAsync(except: "tenancy"));
        Assert.Equal(1L, await other.ScalarAsync<long>("SELECT count(DISTINCT xmin::text) FROM tenancy.head"));
        Assert.Contains("stays locked until the last is done", together.Log.Text, StringComparison.Ordinal);
        Assert.All(await together.MigrateAsync(tenants, Together), static result => Assert.Equal(MigrationStatus.UpToDate, result.Status));

        Outcome.AssertMigrated(await together.MigrateAsync([], new() { Direction = RevisionDirection.Down, To = "bbbb0001", Scope = MigrationScope.Shared, Transaction = TransactionMode.AllTenants }));
        var undone = await together.MigrateAsync(tenants, new() { Direction = RevisionDirection.Down, To = "base", Transaction = TransactionMode.AllTenants });
        Outcome.AssertMigrated(undone);
        Assert.All(undone, static result => Assert.Equal(["aaaa0002", "aaaa0001"], result.Revisions));
        Assert.Equal(0L, await other.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname ~ '^customer' AND relnamespace::regnamespace::text ~ '^t'"));
        await other.AssertNoLocksAsync();
    }

    [Fact]
    public async Task The_thirtieth_of_fifty_that_fails_rolls_back_all()
    {
        string[] schemas = Schemas(50);
        await using var database = await CreateAsync(schemas);
        using var project = Project(database);
        var tenants = FleetProject.Tenants(schemas);
        Outcome.AssertMigrated(await project.MigrateAsync(tenants, Together with { To = "aaaa0001" }));
        await database.ExecuteAsync("INSERT INTO t30.customer VALUES (2, 'a@b')");
        var before = await database.DumpAsync(except: "tenancy");
        var heads = await database.QueryAsync("SELECT schema, revision FROM tenancy.head ORDER BY 1, 2");

        var results = await project.MigrateAsync(tenants, Together);

        Assert.Equal(before, await database.DumpAsync(except: "tenancy"));
        Assert.Equal(heads, await database.QueryAsync("SELECT schema, revision FROM tenancy.head ORDER BY 1, 2"));
        var failed = Assert.Single(results, static result => result.Status == MigrationStatus.Failed);
        Assert.Equal(("t30", "ConstraintViolated", "23505"), (failed.Name, failed.Failure!.ErrorId, failed.Failure.SqlState));
        Assert.Equal(50, results.Count);
        Assert.All(results.Where(static result => result.Name != "t30"), static result =>
        {
            Assert.Equal((MigrationStatus.Incomplete, "RolledBack"), (result.Status, result.Failure!.ErrorId));
            Assert.Contains("tenant 't30' failed", result.Error, StringComparison.Ordinal);
            Assert.Equal(["aaaa0001"], result.To);
            Assert.Empty(result.Revisions);
        });
        Assert.Equal(["t30"], (await database.QueryAsync("SELECT schema FROM tenancy.history WHERE outcome = 'failed'")).Select(static row => row[0]));
        await database.AssertNoLocksAsync();
    }

    [Theory]
    [InlineData("create_index: {name: customer_email_idx, table: customer, columns: [email], concurrently: true}", "create_index")]
    [InlineData("add_enum_value: {enum: mood, value: glad}\n  - sql: SELECT 1", "add_enum_value")]
    [InlineData("update: {table: customer, set: {email: x}, where: true, batch: {key: id, size: 10}}", "update")]
    public async Task What_needs_a_commit_is_refused_before_anything_runs(string operation, string named)
    {
        await using var database = await CreateAsync("t1", "t2");
        using var project = new FleetProject(database).With("1", Customer).With("2", $"""
            revision: aaaa0003
            parent: aaaa0001
            down: []
            up:
              - {operation}
            """);
        var before = await database.DumpAsync(except: "tenancy");

        var refused = await Assert.ThrowsAsync<TenancyException>(() => project.MigrateAsync(FleetProject.Tenants("t1", "t2"), Together));

        Assert.Equal("CommitNeeded", refused.ErrorId);
        Assert.Contains("aaaa0003", refused.Message, StringComparison.Ordinal);
        Assert.Contains("2.yaml:5, " + named, refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, await database.DumpAsync(except: "tenancy"));
        await using var fleet = project.Open();
        Assert.All(await fleet.PlanAsync(FleetProject.Tenants("t1", "t2"), Together).ToListAsync(), static plan => Assert.Equal("CommitNeeded", plan.Failure?.ErrorId));
    }

    [Fact]
    public async Task A_constraint_is_validated_with_what_added_it()
    {
        await using var database = await CreateAsync("t1", "t2");
        using var project = new FleetProject(database).With("1", Customer).With("2", """
            revision: aaaa0003
            parent: aaaa0001
            down: []
            up:
              - sql: ALTER TABLE tenant_schema.customer ADD CONSTRAINT has_email CHECK (email <> '') NOT VALID
              - validate_constraint: {table: customer, name: has_email}
            """);

        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1", "t2"), Together));

        Assert.Equal(2L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_constraint WHERE conname = 'has_email' AND convalidated"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.stage"));
    }

    [Fact]
    public async Task A_tenant_that_cannot_be_planned_for_stops_all()
    {
        await using var database = await CreateAsync("t1", "t2");
        using var project = new FleetProject(database).With("1", Customer);

        var results = await project.MigrateAsync(FleetProject.Tenants("t1", "gone", "t2"), Together);

        Assert.Equal([MigrationStatus.Incomplete, MigrationStatus.Failed, MigrationStatus.Incomplete], results.Select(static result => result.Status));
        Assert.Equal("SchemaMissing", results[1].Failure!.ErrorId);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.head"));
    }

    [Fact]
    public async Task Requirements_skip_and_mark_and_commit_with_all()
    {
        string[] schemas = ["t1", "t2", "t3"];
        await using var database = await CreateAsync(schemas);
        await database.ExecuteAsync("CREATE TABLE t2.old (id int); CREATE TABLE t3.done (id int)");
        using var project = new FleetProject(database).With("1", Customer).With("2", """
            revision: aaaa0003
            parent: aaaa0001
            down: []
            requires:
              - {sql: "SELECT to_regclass('${tenant.quoted}.old') IS NULL", on_fail: skip}
              - {sql: "SELECT to_regclass('${tenant.quoted}.done') IS NULL", on_fail: mark_applied}
            verify:
              - sql: "SELECT count(*) = 1 FROM tenant_schema.extra"
            up:
              - sql: CREATE TABLE tenant_schema.extra AS SELECT 1 AS id
            """);

        var results = await project.MigrateAsync(FleetProject.Tenants(schemas), Together);

        Assert.Equal([MigrationStatus.Migrated, MigrationStatus.Skipped, MigrationStatus.Migrated], results.Select(static result => result.Status));
        Assert.Equal(["aaaa0003"], results[2].MarkedApplied);
        Assert.Equal(["t1"], (await database.QueryAsync("SELECT relnamespace::regnamespace::text FROM pg_class WHERE relname = 'extra'")).Select(static row => row[0]));
        Assert.Equal(["t2"], (await database.QueryAsync("SELECT schema FROM tenancy.history WHERE outcome = 'skipped'")).Select(static row => row[0]));
    }

    [Fact]
    public async Task Deferred_constraints_are_deferred_for_each_tenant()
    {
        string[] schemas = ["t1", "t2", "t3"];
        await using var database = await CreateAsync(schemas);
        using var project = new FleetProject(database).With("1", """
            revision: aaaa0001
            up:
              - sql: |
                  CREATE TABLE tenant_schema.node (id int PRIMARY KEY, next int NOT NULL REFERENCES tenant_schema.node DEFERRABLE INITIALLY DEFERRED);
                  INSERT INTO tenant_schema.node VALUES (1, 2), (2, 1)
                undo: DROP TABLE tenant_schema.node
            """).With("2", """
            revision: aaaa0002
            parent: aaaa0001
            down: []
            up:
              - sql: |
                  INSERT INTO tenant_schema.node VALUES (3, 4);
                  INSERT INTO tenant_schema.node VALUES (4, 3)
            """);

        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants(schemas), Together with { To = "aaaa0001" }));
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants(schemas), Together));
        project.With("3", """
            revision: aaaa0003
            parent: aaaa0002
            down: []
            up:
              - sql: INSERT INTO tenant_schema.node VALUES (5, 6)
            """);
        var results = await project.MigrateAsync(FleetProject.Tenants(schemas), Together);
        Assert.Equal([MigrationStatus.Failed, MigrationStatus.Incomplete, MigrationStatus.Incomplete], results.Select(static result => result.Status));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_key_that_is_checked_at_once_is_so_for_each_tenant_that_makes_it(bool isKept)
    {
        string[] schemas = ["t1", "t2"];
        await using var database = await CreateAsync(schemas);
        // Once rows wait for a check, their table cannot be changed.
        using var project = new FleetProject(database).With("1", $"""
            revision: aaaa0001
            down: []
            up:
              - sql: |
                  CREATE TABLE tenant_schema.node (id int PRIMARY KEY, next int NOT NULL REFERENCES tenant_schema.node DEFERRABLE INITIALLY IMMEDIATE);
                  INSERT INTO tenant_schema.node VALUES (1, {(isKept ? 1 : 2)});
                  ALTER TABLE tenant_schema.node ADD COLUMN label text;
            """);

        var apart = await project.MigrateAsync(FleetProject.Tenants("t1"));
        await database.ExecuteAsync("DROP SCHEMA t1 CASCADE; CREATE SCHEMA t1; DELETE FROM tenancy.head");
        var together = await project.MigrateAsync(FleetProject.Tenants(schemas), Together);

        if (isKept)
        {
            Outcome.AssertMigrated(apart);
            Outcome.AssertMigrated(together);
        }
        else
        {
            Assert.Equal((apart[0].Failure!.SqlState, apart[0].Failure!.Line), (together[0].Failure!.SqlState, together[0].Failure!.Line));
        }
    }

    [Fact]
    public async Task What_a_part_leaves_deferred_in_a_schema_that_it_touches_is_checked_at_its_end()
    {
        string[] schemas = ["t1", "t2"];
        await using var database = await CreateAsync(schemas);
        await database.ExecuteAsync("""
            CREATE TABLE shared.plan (id int PRIMARY KEY, tenant text, next int REFERENCES shared.plan DEFERRABLE INITIALLY DEFERRED);
            CREATE TABLE t2.uses (plan int REFERENCES shared.plan DEFERRABLE INITIALLY DEFERRED);
            INSERT INTO shared.plan VALUES (7, 'old', NULL);
            INSERT INTO t2.uses VALUES (7);
            """);
        using var project = new FleetProject(database).With("1", """
            revision: aaaa0001
            down: []
            touches: [shared.plan]
            up:
              - sql: |
                  INSERT INTO shared.plan SELECT max(id) + 1, '${tenant.name}', max(id) + 2 FROM shared.plan;
                  INSERT INTO shared.plan SELECT max(id) + 1, '${tenant.name}', max(id) FROM shared.plan;
            """);

        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants(schemas), Together));
        Assert.Equal(5L, await database.ScalarAsync<long>("SELECT count(*) FROM shared.plan"));

        // A key of another tenant's table refers to what is deleted.
        project.With("2", "revision: aaaa0002\nparent: aaaa0001\ndown: []\ntouches: [shared.plan]\nup: [{sql: DELETE FROM shared.plan WHERE id = 7}]");
        var results = await project.MigrateAsync(FleetProject.Tenants(schemas), Together);
        Assert.Equal([MigrationStatus.Failed, MigrationStatus.Incomplete], results.Select(static result => result.Status));
        Assert.Equal("23503", results[0].Failure!.SqlState);
        Assert.Contains("deferred", results[0].Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_of_a_tenants_session_meets_the_next()
    {
        string[] schemas = ["t1", "t2", "t3"];
        await using var database = await CreateAsync(schemas);
        await database.ExecuteAsync("CREATE FUNCTION public.leave_behind() RETURNS void LANGUAGE sql AS $$SELECT set_config('work_mem', '7MB', false)$$");
        using var project = new FleetProject(database).With("1", """
            revision: aaaa0001
            down: []
            up:
              - sql: |
                  DO $$ BEGIN IF current_setting('work_mem') = '7MB' THEN RAISE 'left behind'; END IF; END $$;
                  CREATE TEMP TABLE scratch (id int);
                  SELECT public.leave_behind()
            """);

        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants(schemas), Together));
    }

    private static FleetProject Project(TestDatabase database, string mode = "search_path") =>
        new FleetProject(database, "fleet: test\nmode: " + mode).With("1", Customer).With("2", Unique).With("3", Users).With("4", After);

    private static string[] Schemas(int count) => [.. Enumerable.Range(1, count).Select(static number => string.Create(CultureInfo.InvariantCulture, $"t{number}"))];

    private static async Task<TestDatabase> CreateAsync(params string[] schemas)
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync(string.Join(';', schemas.Append("shared").Select(static schema => "CREATE SCHEMA " + schema)));
        return database;
    }
}
