using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Steps outside a transaction: what fails, what is in the way, what bare names mean, and who asks and writes beside them.</summary>
public sealed class ConcurrentIndexTests
{
    [Fact]
    public async Task A_build_that_fails_leaves_no_index_and_the_revision_at_the_step_before()
    {
        await using var database = await ConcurrentIndexProject.CreateAsync();
        using var project = await ConcurrentIndexProject.StartAsync(database, ConcurrentIndexProject.Index);
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
        Assert.True(await database.ScalarAsync<bool>(ConcurrentIndexProject.IsValid));
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.history WHERE revision = 'aaaa0002' AND step IS NULL AND outcome = 'done'"));
    }

    [Fact]
    public async Task A_valid_index_that_no_run_began_is_an_error_before_anything_is_marked()
    {
        await using var database = await ConcurrentIndexProject.CreateAsync();
        using var project = await ConcurrentIndexProject.StartAsync(database, ConcurrentIndexProject.Unique);
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
    [InlineData("(email)", MigrationStatus.Migrated)]
    [InlineData("(id)", MigrationStatus.Failed)]
    public async Task If_not_exists_is_content_with_an_index_of_the_same_definition(string columns, string status)
    {
        await using var database = await ConcurrentIndexProject.CreateAsync();
        using var project = await ConcurrentIndexProject.StartAsync(database, """
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
        await using var database = await ConcurrentIndexProject.CreateAsync();
        using var project = await ConcurrentIndexProject.StartAsync(database, Manifest(sql));
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

    [Theory]
    [InlineData("DROP INDEX CONCURRENTLY IF EXISTS oix", MigrationStatus.Migrated, null)]
    [InlineData("DROP INDEX CONCURRENTLY oix", MigrationStatus.Failed, "42704")]
    [InlineData("REINDEX INDEX CONCURRENTLY oix", MigrationStatus.Failed, "42P01")]
    [InlineData("CREATE INDEX CONCURRENTLY other ON o (x)", MigrationStatus.Failed, "42P01")]
    [InlineData("VACUUM o", MigrationStatus.Failed, "42P01")]
    public async Task A_bare_name_never_means_the_shared_schema(string sql, string status, string? state)
    {
        await using var database = await ConcurrentIndexProject.CreateAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE TABLE shared.o (x int, y int); CREATE INDEX oix ON shared.o (x)");
        using var project = await ConcurrentIndexProject.StartAsync(database, $"""
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
    public async Task History_is_not_written_as_the_owner()
    {
        await using var database = await ConcurrentIndexProject.CreateAsync();
        var owner = "owner_" + database.Name;
        await database.ExecuteAsync($"CREATE ROLE {owner}; GRANT ALL ON SCHEMA t1 TO {owner}");
        try
        {
            using var project = await ConcurrentIndexProject.StartAsync(database, ConcurrentIndexProject.Index, $"fleet: test\nowner: {owner}");

            var result = (await project.MigrateAsync(FleetProject.Tenants("t1"))).Single();

            Assert.Null(result.Error);
            Assert.True(await database.ScalarAsync<bool>(ConcurrentIndexProject.IsValid));
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
        await using var database = await ConcurrentIndexProject.CreateAsync();
        var owner = "owner_" + database.Name;
        await database.ExecuteAsync($"CREATE ROLE {owner}; GRANT ALL ON SCHEMA t1 TO {owner}");
        try
        {
            using var project = await ConcurrentIndexProject.StartAsync(database, $$"""
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
        await using var database = await ConcurrentIndexProject.CreateAsync();
        using var project = await ConcurrentIndexProject.StartAsync(database, $$"""
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
}
