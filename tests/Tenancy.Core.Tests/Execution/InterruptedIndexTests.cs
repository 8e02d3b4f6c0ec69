using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Concurrent index statements whose run died or is under way elsewhere.</summary>
public sealed class InterruptedIndexTests
{
    private const string ShortPatience = "fleet: test\ntimeouts: {tenant_lock: 300ms}";

    private const string Snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM t1.customer";

    private const string IndexOid = "SELECT 't1.customer_email_idx'::regclass::oid::int8";

    private const string Building = "SELECT EXISTS (SELECT FROM pg_stat_progress_create_index WHERE index_relid = to_regclass('t1.customer_email_idx') AND phase = 'waiting for old snapshots')";

    [Fact]
    public async Task A_build_under_way_elsewhere_is_left_alone_and_then_taken_over()
    {
        await using var database = await ConcurrentIndexProject.CreateAsync();
        using var project = await ConcurrentIndexProject.StartAsync(database, ConcurrentIndexProject.Index, ShortPatience);
        await using var snapshot = await database.HoldAsync(Snapshot);
        var build = database.ExecuteAsync("CREATE UNIQUE INDEX CONCURRENTLY customer_email_idx ON t1.customer (email)");
        await database.UntilAsync(Building);
        var index = await database.ScalarAsync<long>(IndexOid);
        // AddColumn needs the table, which the snapshot's transaction has locked for reading; it is ended by a mark that says it is done.
        await database.MarkStartedAsync(project, "t1", "aaaa0002", number: 2);
        await database.ExecuteAsync("INSERT INTO tenancy.stage SELECT fleet, scope, schema, revision, direction, 1, 'done', description, checksum, schema_oid FROM tenancy.stage");

        var refused = (await project.MigrateAsync(FleetProject.Tenants("t1"))).Single();

        Assert.Equal("IndexBeingBuilt", refused.Failure!.ErrorId);
        Assert.Equal(MigrationStatus.InProgress, refused.Status);
        Assert.Equal(index, await database.ScalarAsync<long>(IndexOid));
        await snapshot.CloseAsync();
        await build;

        var ended = (await project.MigrateAsync(FleetProject.Tenants("t1"))).Single();
        Assert.Null(ended.Error);
        Assert.Equal(MigrationStatus.Migrated, ended.Status);
        Assert.Equal(index, await database.ScalarAsync<long>(IndexOid));
        Assert.True(await database.ScalarAsync<bool>(ConcurrentIndexProject.IsValid));
    }

    [Fact]
    public async Task A_build_that_ended_after_its_run_died_is_not_repeated()
    {
        await using var database = await ConcurrentIndexProject.CreateAsync();
        using var project = await ConcurrentIndexProject.StartAsync(database, """
            revision: aaaa0002
            parent: aaaa0001
            up:
              - create_index: {name: customer_email_idx, table: customer, columns: [email], concurrently: true}
            """);
        await database.MarkStartedAsync(project, "t1", "aaaa0002");
        await database.ExecuteAsync("CREATE INDEX customer_email_idx ON t1.customer (email)");
        var index = await database.ScalarAsync<long>(IndexOid);

        var result = (await project.MigrateAsync(FleetProject.Tenants("t1"))).Single();

        Assert.Null(result.Error);
        Assert.Equal(MigrationStatus.Migrated, result.Status);
        Assert.Equal(index, await database.ScalarAsync<long>(IndexOid));
    }

    [Theory]
    [InlineData("CREATE UNIQUE INDEX customer_email_idx ON t1.customer (lower(email) text_pattern_ops DESC) INCLUDE (id) WHERE email <> ''", true)]
    [InlineData("CREATE INDEX customer_email_idx ON t1.customer (lower(email) text_pattern_ops DESC) INCLUDE (id) WHERE email <> ''", false)]
    [InlineData("CREATE UNIQUE INDEX customer_email_idx ON t1.customer (lower(email) DESC) INCLUDE (id) WHERE email <> ''", false)]
    [InlineData("CREATE UNIQUE INDEX customer_email_idx ON t1.customer (lower(email) text_pattern_ops DESC) INCLUDE (id)", false)]
    [InlineData("CREATE UNIQUE INDEX customer_email_idx ON t1.customer (upper(email) text_pattern_ops DESC) INCLUDE (id) WHERE email <> ''", false)]
    [InlineData("CREATE UNIQUE INDEX customer_email_idx ON t1.other (lower(email) text_pattern_ops DESC) INCLUDE (id) WHERE email <> ''", false)]
    public async Task Only_an_index_as_the_statement_makes_it_ends_an_interrupted_step(string index, bool isAccepted)
    {
        await using var database = await ConcurrentIndexProject.CreateAsync();
        using var project = await ConcurrentIndexProject.StartAsync(database, ConcurrentIndexProject.Unique);
        await database.ExecuteAsync($"ALTER TABLE t1.customer DROP COLUMN id, ADD COLUMN id int; CREATE TABLE t1.other (LIKE t1.customer); {index}");
        await database.MarkStartedAsync(project, "t1", "aaaa0002");

        var result = (await project.MigrateAsync(FleetProject.Tenants("t1"))).Single();

        Assert.Equal(isAccepted ? null : "IndexDiffers", result.Failure?.ErrorId);
        Assert.Equal(isAccepted ? MigrationStatus.Migrated : MigrationStatus.InProgress, result.Status);
        if (!isAccepted)
        {
            await database.ExecuteAsync("DROP INDEX t1.customer_email_idx");
            Assert.Equal(MigrationStatus.Migrated, (await project.MigrateAsync(FleetProject.Tenants("t1"))).Single().Status);
        }

        Assert.Contains("UNIQUE INDEX customer_email_idx ON t1.customer USING btree (lower(email) text_pattern_ops DESC) INCLUDE (id) WHERE", await database.ScalarAsync<string>("SELECT pg_get_indexdef('t1.customer_email_idx'::regclass)"), StringComparison.Ordinal);
        await database.AssertNoLocksAsync();
    }

    [Fact]
    public async Task An_interrupted_drop_is_ended()
    {
        await using var database = await ConcurrentIndexProject.CreateAsync();
        using var project = await ConcurrentIndexProject.StartAsync(database, """
            revision: aaaa0002
            parent: aaaa0001
            down: {irreversible: not of interest}
            up:
              - sql: DROP INDEX CONCURRENTLY customer_email_idx
            """);
        await database.ExecuteAsync("CREATE INDEX customer_email_idx ON t1.customer (email)");
        await using (await database.HoldAsync(Snapshot))
        {
            var run = project.MigrateAsync(FleetProject.Tenants("t1"), new() { MaxRetries = 0 });
            await database.TerminateAsync(await database.UntilBlockedAsync("DROP INDEX CONCURRENTLY%"));
            var interrupted = (await run).Single();
            Assert.Equal("ConnectionLost", interrupted.Failure!.ErrorId);
            Assert.Equal("aaaa0002 step 1: DROP INDEX", interrupted.Step);
            Assert.False(await database.ScalarAsync<bool>(ConcurrentIndexProject.IsValid));
        }

        var ended = (await project.MigrateAsync(FleetProject.Tenants("t1"))).Single();
        Assert.Null(ended.Error);
        Assert.True(await database.ScalarAsync<bool>("SELECT to_regclass('t1.customer_email_idx') IS NULL"));

        // And one that had been dropped when its run died.
        await project.MigrateAsync(FleetProject.Tenants("t2"), new() { To = "aaaa0001" });
        await database.MarkStartedAsync(project, "t2", "aaaa0002");
        var gone = (await project.MigrateAsync(FleetProject.Tenants("t2"))).Single();
        Assert.Null(gone.Error);
        Assert.Equal(MigrationStatus.Migrated, gone.Status);
    }

    [Fact]
    public async Task An_interrupted_reindex_leaves_nothing_behind()
    {
        await using var database = await ConcurrentIndexProject.CreateAsync();
        using var project = await ConcurrentIndexProject.StartAsync(database, """
            revision: aaaa0002
            parent: aaaa0001
            down: {irreversible: not of interest}
            up:
              - sql: REINDEX INDEX CONCURRENTLY tenant_schema.customer_email_idx
            """);
        await database.ExecuteAsync("CREATE INDEX customer_email_idx ON t1.customer (email)");
        await using (await database.HoldAsync(Snapshot))
        {
            var run = project.MigrateAsync(FleetProject.Tenants("t1"), new() { MaxRetries = 0 });
            await database.TerminateAsync(await database.UntilBlockedAsync("REINDEX%"));
            Assert.Equal(MigrationStatus.InProgress, (await run).Single().Status);
            Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname LIKE 'customer_email_idx_cc%'"));
        }

        var ended = (await project.MigrateAsync(FleetProject.Tenants("t1"))).Single();

        Assert.Null(ended.Error);
        Assert.Equal(MigrationStatus.Migrated, ended.Status);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname LIKE 'customer_email_idx_cc%'"));
        Assert.True(await database.ScalarAsync<bool>(ConcurrentIndexProject.IsValid));
    }

    [Fact]
    public async Task An_interrupted_undo_goes_on_downward()
    {
        await using var database = await ConcurrentIndexProject.CreateAsync();
        using var project = await ConcurrentIndexProject.StartAsync(database, ConcurrentIndexProject.Index, "fleet: test\nretries: {max: 0}");
        Assert.Null((await project.MigrateAsync(FleetProject.Tenants("t1"))).Single().Error);
        await using (await database.HoldAsync(Snapshot))
        {
            var run = project.UndoAsync(FleetProject.Tenants("t1"));
            await database.TerminateAsync(await database.UntilBlockedAsync("DROP INDEX CONCURRENTLY%"));
            var interrupted = (await run).Single();
            Assert.Equal(MigrationStatus.InProgress, interrupted.Status);
            Assert.Equal("aaaa0002 step 1: DROP INDEX", interrupted.Step);
            Assert.Equal(["aaaa0002"], interrupted.To);
        }

        var up = (await project.MigrateAsync(FleetProject.Tenants("t1"))).Single();
        Assert.Equal("InProgress", up.Failure!.ErrorId);

        var down = (await project.UndoAsync(FleetProject.Tenants("t1"))).Single();
        Assert.Null(down.Error);
        Assert.Equal(["aaaa0002", "aaaa0001"], down.Revisions);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relnamespace = 't1'::regnamespace"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT (SELECT count(*) FROM tenancy.head) + (SELECT count(*) FROM tenancy.stage)"));
    }

    [Fact]
    public async Task A_step_that_another_run_ended_meanwhile_is_not_repeated()
    {
        await using var database = await ConcurrentIndexProject.CreateAsync();
        using var project = await ConcurrentIndexProject.StartAsync(database, """
            revision: aaaa0002
            parent: aaaa0001
            up:
              - create_index: {name: customer_email_idx, table: customer, columns: [email], concurrently: true}
            """);
        project.With("3", """
            revision: aaaa0003
            parent: aaaa0002
            up:
              - add_column: {table: customer, name: later, type: text}
            """);
        await database.MarkStartedAsync(project, "t1", "aaaa0002");
        var holder = await database.HoldAsync("SELECT pg_advisory_lock(tenancy.lock_key('test', 'tenant', 't1'))");

        // It plans to repeat the step, and comes to the lock only when another run has ended the step and taken the next one.
        var late = project.MigrateAsync(FleetProject.Tenants("t1"));
        await project.Log.UntilAsync("up aaaa0002");
        await database.ExecuteAsync("DELETE FROM tenancy.stage; UPDATE tenancy.head SET revision = 'aaaa0003'");
        await holder.DisposeAsync();
        var result = (await late).Single();

        Assert.Null(result.Error);
        Assert.Equal(MigrationStatus.TakenElsewhere, result.Status);
        Assert.DoesNotContain("CREATE INDEX CONCURRENTLY", project.Log.Text, StringComparison.Ordinal);
        await database.AssertNoLocksAsync();
    }
}
