using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Concurrent index statements that fail, are interrupted, or are under way elsewhere.</summary>
public sealed class ConcurrentIndexTests
{
    private const string ShortPatience = "fleet: test\ntimeouts: {tenant_lock: 300ms}";

    private const string Snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM t1.customer";

    private const string IndexOid = "SELECT 't1.customer_email_idx'::regclass::oid::int8";

    private const string IsValid = "SELECT indisvalid AND indisready FROM pg_index WHERE indexrelid = to_regclass('t1.customer_email_idx')";

    private const string Building = "SELECT EXISTS (SELECT FROM pg_stat_progress_create_index WHERE index_relid = to_regclass('t1.customer_email_idx') AND phase = 'waiting for old snapshots')";

    private const string Customer = """
        revision: aaaa0001
        up:
          - create_table:
              name: customer
              columns:
                - {name: id, type: bigint, identity: by default, primary_key: true}
                - {name: email, type: text}
        """;

    private const string Index = """
        revision: aaaa0002
        parent: aaaa0001
        up:
          - add_column: {table: customer, name: name, type: text}
          - create_index: {name: customer_email_idx, table: customer, columns: [email], unique: true, concurrently: true}
        """;

    private const string Unique = """
        revision: aaaa0002
        parent: aaaa0001
        down: {irreversible: not of interest}
        up:
          - sql: CREATE UNIQUE INDEX CONCURRENTLY customer_email_idx ON tenant_schema.customer (lower(email) text_pattern_ops DESC) INCLUDE (id) WHERE email <> ''
        """;

    [Fact]
    public async Task A_build_that_fails_leaves_no_index_and_the_revision_at_the_step_before()
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database, Index);
        await database.ExecuteAsync("INSERT INTO t1.customer (email) VALUES ('a'), ('a')");

        var failed = (await project.MigrateAsync(FleetProject.Tenants("t1"))).Single();

        Assert.Equal(MigrationStatus.InProgress, failed.Status);
        Assert.Equal("23505", failed.Failure!.SqlState);
        Assert.Equal("aaaa0002 step 1: ALTER TABLE", failed.Step);
        Assert.Equal(["aaaa0001"], failed.To);
        Assert.Equal(["1: ALTER TABLE|done", "2: CREATE INDEX|started"], (await database.QueryAsync("SELECT step || '|' || outcome FROM tenancy.history WHERE revision = 'aaaa0002' AND outcome <> 'failed' ORDER BY id")).Select(static row => row[0]));
        Assert.True(await database.ScalarAsync<bool>("SELECT to_regclass('t1.customer_email_idx') IS NULL"));
        await database.AssertNoLocksAsync();

        await database.ExecuteAsync("DELETE FROM t1.customer WHERE id = 1");
        var mended = (await project.MigrateAsync(FleetProject.Tenants("t1"))).Single();

        Assert.Null(mended.Error);
        Assert.Equal(MigrationStatus.Migrated, mended.Status);
        Assert.Null(mended.Step);
        Assert.True(await database.ScalarAsync<bool>(IsValid));
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.history WHERE revision = 'aaaa0002' AND step IS NULL AND outcome = 'done'"));
    }

    [Fact]
    public async Task A_build_under_way_elsewhere_is_left_alone_and_then_taken_over()
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database, Index, ShortPatience);
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
        Assert.True(await database.ScalarAsync<bool>(IsValid));
    }

    [Fact]
    public async Task A_build_that_ended_after_its_run_died_is_not_repeated()
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database, """
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

    [Fact]
    public async Task A_valid_index_that_no_run_began_is_an_error_before_anything_is_marked()
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database, Unique);
        await database.ExecuteAsync("CREATE INDEX customer_email_idx ON t1.customer (id)");

        for (var run = 1; run <= 2; run++)
        {
            var result = (await project.MigrateAsync(FleetProject.Tenants("t1"))).Single();

            Assert.Equal("IndexExists", result.Failure!.ErrorId);
            Assert.Equal(MigrationStatus.Failed, result.Status);
            Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.stage"));
        }
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
        await using var database = await CreateAsync();
        using var project = await StartAsync(database, Unique);
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

    [Theory]
    [InlineData("(email)", MigrationStatus.Migrated)]
    [InlineData("(id)", MigrationStatus.Failed)]
    public async Task If_not_exists_is_content_with_an_index_of_the_same_definition(string columns, string status)
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database, """
            revision: aaaa0002
            parent: aaaa0001
            down: {irreversible: not of interest}
            up:
              - sql: CREATE INDEX CONCURRENTLY IF NOT EXISTS customer_email_idx ON customer (email)
            """);
        await database.ExecuteAsync($"CREATE INDEX customer_email_idx ON t1.customer {columns}");

        var result = (await project.MigrateAsync(FleetProject.Tenants("t1"))).Single();

        Assert.Equal(status, result.Status);
        Assert.Equal(status == MigrationStatus.Failed ? "IndexDiffers" : null, result.Failure?.ErrorId);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.stage"));
    }

    [Theory]
    [InlineData("VACUUM tenant_schema.nosuch", "42P01")]
    [InlineData("CREATE UNIQUE INDEX CONCURRENTLY customer_email_idx ON tenant_schema.customer (email)", "23505")]
    public async Task A_manifest_that_the_server_refused_outside_a_transaction_may_be_corrected(string sql, string state)
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database, Manifest(sql));
        await database.ExecuteAsync("INSERT INTO t1.customer (email) VALUES ('a'), ('a')");

        var failed = (await project.MigrateAsync(FleetProject.Tenants("t1"))).Single();

        Assert.Equal(state, failed.Failure!.SqlState);
        Assert.Equal(MigrationStatus.Failed, failed.Status);
        Assert.Null(failed.Step);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.stage"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_index WHERE NOT indisvalid"));

        project.With("2", Manifest("VACUUM tenant_schema.customer"));
        var mended = (await project.MigrateAsync(FleetProject.Tenants("t1"))).Single();
        Assert.Null(mended.Error);
        Assert.Equal(MigrationStatus.Migrated, mended.Status);

        static string Manifest(string sql) => $"revision: aaaa0002\nparent: aaaa0001\ndown: {{irreversible: not of interest}}\nup: [sql: '{sql}']";
    }

    [Fact]
    public async Task An_interrupted_drop_is_ended()
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database, """
            revision: aaaa0002
            parent: aaaa0001
            down: {irreversible: not of interest}
            up:
              - sql: DROP INDEX CONCURRENTLY customer_email_idx
            """);
        await database.ExecuteAsync("CREATE INDEX customer_email_idx ON t1.customer (email)");
        await using (await database.HoldAsync(Snapshot))
        {
            var run = project.MigrateAsync(FleetProject.Tenants("t1"));
            await database.TerminateAsync(await database.UntilBlockedAsync("DROP INDEX CONCURRENTLY%"));
            var interrupted = (await run).Single();
            Assert.Equal("ConnectionLost", interrupted.Failure!.ErrorId);
            Assert.Equal("aaaa0002 step 1: DROP INDEX", interrupted.Step);
            Assert.False(await database.ScalarAsync<bool>(IsValid));
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

    [Theory]
    [InlineData("DROP INDEX CONCURRENTLY IF EXISTS oix", MigrationStatus.Migrated, null)]
    [InlineData("DROP INDEX CONCURRENTLY oix", MigrationStatus.Failed, "42704")]
    [InlineData("REINDEX INDEX CONCURRENTLY oix", MigrationStatus.Failed, "42P01")]
    [InlineData("CREATE INDEX CONCURRENTLY other ON o (x)", MigrationStatus.Failed, "42P01")]
    [InlineData("VACUUM o", MigrationStatus.Failed, "42P01")]
    public async Task A_bare_name_never_means_the_shared_schema(string sql, string status, string? state)
    {
        await using var database = await CreateAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE TABLE shared.o (x int, y int); CREATE INDEX oix ON shared.o (x)");
        using var project = await StartAsync(database, $"""
            revision: aaaa0002
            parent: aaaa0001
            down: not of interest
            up:
              - sql: {sql}
            """.Replace("down: not of interest", "down: {irreversible: not of interest}", StringComparison.Ordinal));
        var index = await database.ScalarAsync<long>("SELECT relfilenode::int8 FROM pg_class WHERE oid = 'shared.oix'::regclass");

        var result = (await project.MigrateAsync(FleetProject.Tenants("t1"))).Single();

        Assert.Equal(status, result.Status);
        Assert.Equal(state, result.Failure?.SqlState);
        Assert.Equal(index, await database.ScalarAsync<long>("SELECT relfilenode::int8 FROM pg_class WHERE oid = 'shared.oix'::regclass"));
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_index WHERE indrelid = 'shared.o'::regclass"));
    }

    [Fact]
    public async Task An_interrupted_reindex_leaves_nothing_behind()
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database, """
            revision: aaaa0002
            parent: aaaa0001
            down: {irreversible: not of interest}
            up:
              - sql: REINDEX INDEX CONCURRENTLY tenant_schema.customer_email_idx
            """);
        await database.ExecuteAsync("CREATE INDEX customer_email_idx ON t1.customer (email)");
        await using (await database.HoldAsync(Snapshot))
        {
            var run = project.MigrateAsync(FleetProject.Tenants("t1"));
            await database.TerminateAsync(await database.UntilBlockedAsync("REINDEX%"));
            Assert.Equal(MigrationStatus.InProgress, (await run).Single().Status);
            Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname LIKE 'customer_email_idx_cc%'"));
        }

        var ended = (await project.MigrateAsync(FleetProject.Tenants("t1"))).Single();

        Assert.Null(ended.Error);
        Assert.Equal(MigrationStatus.Migrated, ended.Status);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname LIKE 'customer_email_idx_cc%'"));
        Assert.True(await database.ScalarAsync<bool>(IsValid));
    }

    [Fact]
    public async Task An_interrupted_undo_goes_on_downward()
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database, Index);
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
        await using var database = await CreateAsync();
        using var project = await StartAsync(database, """
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
        Assert.Equal(MigrationStatus.UpToDate, result.Status);
        Assert.DoesNotContain("CREATE INDEX CONCURRENTLY", project.Log.Text, StringComparison.Ordinal);
        await database.AssertNoLocksAsync();
    }

    [Fact]
    public async Task History_is_not_written_as_the_owner()
    {
        await using var database = await CreateAsync();
        var owner = "owner_" + database.Name;
        await database.ExecuteAsync($"CREATE ROLE {owner}; GRANT ALL ON SCHEMA t1 TO {owner}");
        try
        {
            using var project = await StartAsync(database, Index, $"fleet: test\nowner: {owner}");

            var result = (await project.MigrateAsync(FleetProject.Tenants("t1"))).Single();

            Assert.Null(result.Error);
            Assert.True(await database.ScalarAsync<bool>(IsValid));
            Assert.Equal(owner, await database.ScalarAsync<string>("SELECT relowner::regrole::text FROM pg_class WHERE oid = 't1.customer_email_idx'::regclass"));
        }
        finally
        {
            await database.ExecuteAsync($"DROP OWNED BY {owner}; DROP ROLE {owner}");
        }
    }

    [Fact]
    public async Task Questions_beside_a_step_outside_a_transaction_are_asked_as_the_owner()
    {
        await using var database = await CreateAsync();
        var owner = "owner_" + database.Name;
        await database.ExecuteAsync($"CREATE ROLE {owner}; GRANT ALL ON SCHEMA t1 TO {owner}");
        try
        {
            using var project = await StartAsync(database, $$"""
                revision: aaaa0002
                parent: aaaa0001
                down: {irreversible: not of interest}
                requires: [{sql: SELECT current_user = '{{owner}}'}]
                verify: [{sql: SELECT current_user = '{{owner}}'}]
                up:
                  - sql: VACUUM tenant_schema.customer
                """, $"fleet: test\nowner: {owner}");

            var result = (await project.MigrateAsync(FleetProject.Tenants("t1"))).Single();

            Assert.Null(result.Error);
            Assert.Equal(MigrationStatus.Migrated, result.Status);
        }
        finally
        {
            await database.ExecuteAsync($"DROP OWNED BY {owner}; DROP ROLE {owner}");
        }
    }

    [Theory]
    [InlineData("requires", MigrationStatus.Failed)]
    [InlineData("verify", MigrationStatus.InProgress)]
    public async Task Questions_beside_a_step_outside_a_transaction_change_nothing_elsewhere(string question, string status)
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database, $$"""
            revision: aaaa0002
            parent: aaaa0001
            down: {irreversible: not of interest}
            {{question}}: [{sql: SELECT tenant_schema.asks()}]
            up:
              - sql: VACUUM tenant_schema.customer
            """);
        await database.ExecuteAsync("CREATE TABLE t2.asked (); CREATE FUNCTION t1.asks() RETURNS boolean LANGUAGE sql AS 'INSERT INTO t2.asked DEFAULT VALUES; SELECT true'");

        var result = (await project.MigrateAsync(FleetProject.Tenants("t1"))).Single();

        Assert.Equal("PlacementViolation", result.Failure!.ErrorId);
        Assert.Equal(status, result.Status);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM t2.asked"));
    }

    private static async Task<TestDatabase> CreateAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA t1; CREATE SCHEMA t2");
        return database;
    }

    // With t1 at the first revision, and the second still to come.
    private static async Task<FleetProject> StartAsync(TestDatabase database, string second, string settings = "fleet: test")
    {
        var project = new FleetProject(database, settings).With("1", Customer).With("2", second);
        var result = (await project.MigrateAsync(FleetProject.Tenants("t1"), new() { To = "aaaa0001" })).Single();
        Assert.Null(result.Error);
        return project;
    }
}
