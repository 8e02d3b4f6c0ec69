using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Repairs;

/// <summary>Steps outside a transaction whose run died: ended without running the migration on.</summary>
public sealed class RepairStepTests
{
    private const string Customer = """
        revision: aaaa0001
        up:
          - create_table: {name: customer, columns: [{name: id, type: bigint}, {name: email, type: text}]}
        """;

    private const string Index = """
        revision: aaaa0002
        parent: aaaa0001
        up:
          - create_index: {name: customer_email_idx, table: customer, columns: [email], concurrently: true}
        """;

    [Fact]
    public async Task A_valid_index_that_is_the_statements_makes_the_revision_applied()
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database, Index);
        await database.ExecuteAsync("CREATE INDEX customer_email_idx ON t1.customer (email)");

        var before = await database.DumpAsync();
        var found = Assert.Single(await project.FindAsync());
        Assert.Equal(("Step", "InterruptedStep", "aaaa0002", RepairStatus.Found), (found.Kind, found.Problem, found.Revision, found.Status));
        Assert.StartsWith("Mark it as done", found.Action, StringComparison.Ordinal);
        Assert.Equal(before, await database.DumpAsync());

        Assert.Equal(RepairStatus.Repaired, Assert.Single(await project.RepairAsync([found])).Status);

        Assert.Equal(["t1 aaaa0002 1: CREATE INDEX"], await database.RepairsAsync());
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.history WHERE revision = 'aaaa0002' AND direction = 'up' AND outcome = 'done' AND step IS NULL"));
        Assert.Equal(MigrationStatus.UpToDate, Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1"))).Status);
        await database.AssertNoLocksAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_index_that_is_not_there_or_invalid_takes_its_mark_with_it(bool isInvalid)
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database, Index);
        if (isInvalid)
        {
            await database.ExecuteAsync("CREATE INDEX customer_email_idx ON t1.customer (email); UPDATE pg_index SET indisvalid = false WHERE indexrelid = 't1.customer_email_idx'::regclass");
        }

        Assert.Equal(RepairStatus.Repaired, Assert.Single(await project.RepairAsync()).Status);

        Assert.True(await database.ScalarAsync<bool>("SELECT to_regclass('t1.customer_email_idx') IS NULL"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.stage"));
        await using (var fleet = project.Open())
        {
            Assert.Equal(TenantRevisionStatus.Behind, (await fleet.GetTenantRevisionsAsync(FleetProject.Tenants("t1")).ToListAsync()).Single().Status);
        }

        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1")));
    }

    [Fact]
    public async Task An_index_of_another_definition_is_left_to_the_user()
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database, Index);
        await database.ExecuteAsync("CREATE INDEX customer_email_idx ON t1.customer (id)");

        var repaired = Assert.Single(await project.RepairAsync());

        Assert.Equal(("IndexDiffers", RepairStatus.Manual), (repaired.Problem, repaired.Status));
        Assert.Contains("Drop or rename it", repaired.Action, StringComparison.Ordinal);
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.stage"));
    }

    [Fact]
    public async Task A_drop_that_came_half_way_is_finished()
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database, """
            revision: aaaa0002
            parent: aaaa0001
            down: {irreversible: not of interest}
            up:
              - sql: DROP INDEX CONCURRENTLY tenant_schema.customer_email_idx
            """);
        await database.ExecuteAsync("CREATE INDEX customer_email_idx ON t1.customer (email); UPDATE pg_index SET indisvalid = false WHERE indexrelid = 't1.customer_email_idx'::regclass");

        var repaired = Assert.Single(await project.RepairAsync());

        Assert.Equal((RepairStatus.Repaired, "Finish it, and mark it as done."), (repaired.Status, repaired.Action));
        Assert.True(await database.ScalarAsync<bool>("SELECT to_regclass('t1.customer_email_idx') IS NULL"));
        Assert.Equal(MigrationStatus.UpToDate, Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1"))).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Done_when_decides_and_an_argument_of_it_is_asked_for(bool isDone)
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database, """
            revision: aaaa0002
            parent: aaaa0001
            arguments: {number: {type: integer}}
            down: {irreversible: not of interest}
            up:
              - sql: CALL tenant_schema.fill(${x.number}::int)
                transaction: none
                done_when: SELECT count(*) = ${x.number}::int FROM tenant_schema.customer
            """);
        if (isDone)
        {
            await database.ExecuteAsync("INSERT INTO t1.customer (id) VALUES (1), (2)");
        }

        var lacking = Assert.Single(await project.FindAsync());
        Assert.Equal(("MissingArgument", RepairStatus.Manual), (lacking.Problem, lacking.Status));

        var repaired = Assert.Single(await project.RepairAsync(request: new() { Arguments = new Dictionary<string, string> { ["number"] = "2" } }));

        Assert.Equal(RepairStatus.Repaired, repaired.Status);
        Assert.Equal(isDone ? "aaaa0002" : "aaaa0001", await database.ScalarAsync<string>("SELECT revision FROM tenancy.head WHERE schema = 't1'"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.stage"));
    }

    [Fact]
    public async Task An_undo_that_was_interrupted_is_ended_as_an_undo()
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database, Index, "down");

        Assert.Equal(RepairStatus.Repaired, Assert.Single(await project.RepairAsync()).Status);

        // The index is gone, so the undo was done.
        Assert.Equal("aaaa0001", await database.ScalarAsync<string>("SELECT revision FROM tenancy.head WHERE schema = 't1'"));
        Assert.Equal("down", await database.ScalarAsync<string>("SELECT direction FROM tenancy.history WHERE revision = 'aaaa0002' AND step IS NULL AND outcome = 'done' ORDER BY id DESC LIMIT 1"));
    }

    [Fact]
    public async Task A_step_whose_run_is_at_work_is_not_touched()
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database, Index);
        await using (await database.HoldAsync("SELECT tenancy.try_lock_session('test', 'tenant', 't1')"))
        {
            var found = Assert.Single(await project.RepairAsync());
            Assert.Equal(("TenantInUse", RepairStatus.Manual), (found.Problem, found.Status));
        }

        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.stage"));
    }

    [Theory]
    [InlineData(50)]
    [InlineData(0)]
    public async Task A_lock_that_is_held_meanwhile_is_tried_for_again_as_often_as_the_project_says(int tries)
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database, Index, rest: $"timeouts: {{lock: 300ms}}\nretries: {{max: {tries}, pause: 100ms, longest_pause: 200ms}}");
        await database.ExecuteAsync("CREATE INDEX customer_email_idx ON t1.customer (email)");
        var found = await project.FindAsync();
        await using var holder = await database.HoldAsync("BEGIN; LOCK tenancy.head IN SHARE MODE");

        var repair = project.RepairAsync(found);
        if (tries == 0)
        {
            var failed = Assert.Single(await repair);
            Assert.Equal((RepairStatus.Failed, "LockTimeout"), (failed.Status, failed.Failure?.ErrorId));
            Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.stage"));
            return;
        }

        await project.Log.UntilAsync("tried again in");
        Assert.False(repair.IsCompleted);
        await holder.CloseAsync();

        Assert.Equal(RepairStatus.Repaired, Assert.Single(await repair).Status);
        Assert.Equal(["t1 aaaa0002 1: CREATE INDEX"], await database.RepairsAsync());
        Assert.Equal(MigrationStatus.UpToDate, Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1"))).Status);
    }

    [Fact]
    public async Task A_step_whose_manifest_has_changed_is_left_to_the_user()
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database, Index);
        project.With("2", Index.Replace("[email]", "[id]", StringComparison.Ordinal));

        var found = Assert.Single(await project.RepairAsync());

        Assert.Equal(("Step", "ChecksumMismatch", RepairStatus.Manual), (found.Kind, found.Problem, found.Status));
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.stage"));
    }

    [Fact]
    public async Task A_revision_between_two_batches_is_nothing_to_mend()
    {
        await using var database = await CreateAsync();
        using var project = new FleetProject(database).With("1", Customer).With("2", """
            revision: aaaa0002
            parent: aaaa0001
            up:
              - alter_column: {table: customer, name: id, nullable: false, was: {nullable: true}}
              - add_constraint: {table: customer, name: customer_pkey, primary_key: [id]}
              - update: {table: customer, set: {email: {sql: "email::integer::text"}}, where: true, batch: {key: id, size: 2}}
            down: []
            """);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1"), new() { To = "aaaa0001" }));
        await database.ExecuteAsync("INSERT INTO t1.customer SELECT i, CASE WHEN i < 4 THEN i::text ELSE 'x' END FROM generate_series(1, 5) i");
        Assert.Equal(MigrationStatus.InProgress, Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1"))).Status);

        // Its outcome is known: done up to its place, where the next run goes on.
        Assert.Empty(await project.FindAsync());

        await database.ExecuteAsync("UPDATE t1.customer SET email = id");
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1")));
    }

    // A tenant at aaaa0001 (on the way down at aaaa0002), whose run died in the middle of aaaa0002.
    private static async Task<FleetProject> StartAsync(TestDatabase database, string second, string direction = "up", string rest = "timeouts: {tenant_lock: 300ms}")
    {
        var project = new FleetProject(database, $"fleet: test\n{rest}").With("1", Customer).With("2", second);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1"), new() { To = "aaaa0001" }));
        if (direction == "down")
        {
            Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1")));
            await database.ExecuteAsync("DROP INDEX t1.customer_email_idx");
        }

        await database.MarkStartedAsync(project, "t1", "aaaa0002", direction: direction);
        return project;
    }

    private static async Task<TestDatabase> CreateAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA t1");
        return database;
    }
}
