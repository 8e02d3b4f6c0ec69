using Tenancy.Core.Catalog.Drift;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Catalog.Drift;

/// <summary>A replay that has to commit leaves nothing outside its scratch schema.</summary>
public sealed class ReplayTraceTests
{
    // What uses a new value of an enum needs a commit before it, on servers before PostgreSQL 17: the last revision but one.
    private static FleetProject Write(TestDatabase database, string revision, string hooks = "") => new FleetProject(database, "fleet: test\n" + hooks)
        .With("1", "revision: aaaa0001\nup:\n  - create_enum: {name: kind, values: [a]}\n  - create_table: {name: thing, columns: [{name: kind, type: tenant_schema.kind}, {name: country, type: text}]}")
        .With("2", "revision: aaaa0002\nparent: aaaa0001\nup:\n  - add_enum_value: {enum: kind, value: b}\ndown: {irreversible: an enum keeps its values}")
        .With("3", $"revision: aaaa0003\nparent: aaaa0002\n{revision}\ndown: {{irreversible: a test}}")
        .With("4", "revision: aaaa0004\nparent: aaaa0003\nup:\n  - sql: CREATE INDEX thing_b ON tenant_schema.thing (kind) WHERE kind = 'b'\n    undo: DROP INDEX tenant_schema.thing_b");

    [SkippableTheory]
    [InlineData("touches: [shared.registry]\nup:\n  - sql: INSERT INTO shared.registry VALUES ('one')", "ReplayLeavesTrace", "changes rows of shared.registry")]
    [InlineData("touches: [shared.registry]\nup:\n  - sql: DELETE FROM shared.registry WHERE false", "ReplayLeavesTrace", "changes rows of shared.registry")]
    [InlineData("touches: [shared.registry]\nup:\n  - sql: TRUNCATE shared.registry", "ReplayLeavesTrace", "changes rows of shared.registry")]
    [InlineData("touches: [shared.registry]\nup:\n  - sql: ALTER TABLE shared.registry ADD COLUMN IF NOT EXISTS extra int", "ReplayLeavesTrace", "changes objects of schema shared")]
    [InlineData("touches: [shared.*]\nup:\n  - sql: CREATE OR REPLACE FUNCTION shared.f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "ReplayLeavesTrace", "changes objects of schema shared")]
    [InlineData("touches: [shared.*]\nup:\n  - sql: COMMENT ON TABLE shared.registry IS 'written'", "ReplayLeavesTrace", "changes objects of schema shared")]
    [InlineData("touches: [database]\nup:\n  - sql: \"DO $$ BEGIN EXECUTE 'CREATE ROLE ' || quote_ident('traced_' || current_database()); EXCEPTION WHEN duplicate_object THEN NULL; END $$\"", "PlacementViolation", "pg_authid")]
    [InlineData("touches: [shared.registry]\nup:\n  - sql: ALTER TABLE tenant_schema.thing ADD CONSTRAINT thing_country FOREIGN KEY (country) REFERENCES shared.registry\n  - sql: ALTER TABLE tenant_schema.thing DROP CONSTRAINT thing_country\n  - sql: ALTER TABLE tenant_schema.thing ADD FOREIGN KEY (country) REFERENCES shared.registry", null, "")]
    public async Task What_a_revision_does_outside_on_purpose_is_not_done_by_a_replay(string revision, string? error, string said)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        Skip.If(await IsUncommittedAsync(database), "Since PostgreSQL 17 this replay needs no commit.");
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE TABLE shared.registry (name text PRIMARY KEY)");
        using var project = Write(database, revision);
        await project.MigrateAsync("head", "t1");
        // As though nobody had: what a replay did would show.
        await database.ExecuteAsync($"DELETE FROM shared.registry; ALTER TABLE shared.registry DROP COLUMN IF EXISTS extra; COMMENT ON TABLE shared.registry IS NULL; DROP FUNCTION IF EXISTS shared.f(); DROP ROLE IF EXISTS traced_{database.Name}");
        var before = await StandingAsync(database);

        var result = Assert.Single(await project.CompareAsync("t1"));

        Assert.Equal(error is null ? "t1 Equal" : $"t1 Failed {error}", DriftProject.Describe(result));
        Assert.Contains(said, result.Error ?? "", StringComparison.Ordinal);
        Assert.Equal(before, await StandingAsync(database));
    }

    [SkippableFact]
    public async Task What_a_hook_writes_elsewhere_is_not_written_by_a_replay()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        Skip.If(await IsUncommittedAsync(database), "Since PostgreSQL 17 this replay needs no commit.");
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE TABLE shared.registry (name text)");
        using var project = Write(database, "up:\n  - sql: SELECT 1", "hooks:\n  after_tenant: {sql: INSERT INTO shared.registry VALUES ('hooked'), touches: [shared.registry]}\n");
        await project.MigrateAsync("head", "t1");
        var before = await StandingAsync(database);

        Assert.Equal("t1 Failed ReplayLeavesTrace", DriftProject.Describe(Assert.Single(await project.CompareAsync("t1"))));
        Assert.Equal(before, await StandingAsync(database));
    }

    [SkippableFact]
    public async Task What_a_revision_does_outside_without_saying_so_is_taken_back()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        Skip.If(await IsUncommittedAsync(database), "Since PostgreSQL 17 this replay needs no commit.");
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE TABLE shared.registry (name text)");
        // Only in a scratch schema: a run's own proof would find it.
        using var project = Write(database, "up:\n  - sql: \"DO $$ BEGIN IF current_schema() LIKE 'tenancy%' THEN INSERT INTO shared.registry VALUES ('astray'); END IF; END $$\"");
        await project.MigrateAsync("head", "t1");
        var before = await StandingAsync(database);

        Assert.Equal("t1 Failed PlacementViolation", DriftProject.Describe(Assert.Single(await project.CompareAsync("t1"))));
        Assert.Equal(before, await StandingAsync(database));
    }

    [Fact]
    public async Task A_statement_outside_a_transaction_is_replayed_only_where_it_can_be_in_one()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE TABLE shared.registry (name text)");
        using var project = new FleetProject(database)
            .With("1", """
                revision: aaaa0001
                up:
                  - sql: "CREATE PROCEDURE tenant_schema.quiet() LANGUAGE plpgsql AS 'BEGIN CREATE TABLE IF NOT EXISTS tenant_schema.quietly (id int); END'"
                  - sql: CALL tenant_schema.quiet()
                    transaction: none
                    done_when: SELECT pg_catalog.to_regclass('${tenant.quoted}.quietly') IS NOT NULL
                down: {irreversible: a test}
                """)
            .With("2", """
                revision: aaaa0002
                parent: aaaa0001
                up:
                  - sql: "CREATE PROCEDURE tenant_schema.loud() LANGUAGE plpgsql AS 'BEGIN INSERT INTO shared.registry VALUES (''loud''); COMMIT; END'"
                  - sql: CALL tenant_schema.loud()
                    transaction: none
                    done_when: SELECT EXISTS (SELECT FROM shared.registry)
                down: {irreversible: a test}
                """);
        await project.MigrateAsync("aaaa0001", "t1");
        await project.MigrateAsync("aaaa0002", "t2");
        var before = await StandingAsync(database);

        var results = await project.CompareAsync("t1", "t2");

        Assert.Equal(["t1 Equal", "t2 Failed ReplayLeavesTrace"], results.Select(DriftProject.Describe));
        Assert.Contains("outside a transaction", results[1].Error, StringComparison.Ordinal);
        Assert.Equal(before, await StandingAsync(database));
    }

    [SkippableFact]
    public async Task What_a_comparison_left_that_was_killed_is_swept_by_the_next()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        Skip.If(await IsUncommittedAsync(database), "Since PostgreSQL 17 this replay needs no commit.");
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE TABLE shared.registry (name text)");
        // The revision after the new value is used: there are schemas by then that are committed.
        using var project = Write(database, "up:\n  - sql: SELECT 1").With("5", "revision: aaaa0005\nparent: aaaa0004\nup:\n  - sql: SELECT pg_sleep(600) FROM shared.registry WHERE name = 'wait'\n    undo: SELECT 1");
        await project.MigrateAsync("head", "t1");
        await database.ExecuteAsync("INSERT INTO shared.registry VALUES ('wait')");
        const string Sleeping = "SELECT coalesce(max(pid), 0) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
        int session;
        using (var runner = await Runner.StartComparingAsync(project, ["t1"]))
        {
            runner.Go();
            while ((session = await database.ScalarAsync<int>(Sleeping)) == 0)
            {
                Assert.False(runner.Process.HasExited);
                await Task.Delay(20);
            }

            runner.Process.Kill();
            await runner.Process.WaitForExitAsync();
        }

        Assert.Equal(2L, await database.ScalarAsync<long>(CountScratch));
        await database.ExecuteAsync("DELETE FROM shared.registry");
        // Its lock goes when it is gone, which is some time after it has stopped sleeping.
        while (await database.ScalarAsync<long>($"SELECT count(*) FROM pg_stat_activity WHERE pid = {session}") > 0)
        {
            await Task.Delay(20);
        }

        Assert.Equal("t1 Equal", DriftProject.Describe(Assert.Single(await project.CompareAsync("t1"))));
        Assert.Equal(0L, await database.ScalarAsync<long>(CountScratch));
    }

    private const string CountScratch = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'tenancy\\_scratch%'";

    private static async Task<bool> IsUncommittedAsync(TestDatabase database) => await database.ScalarAsync<int>("SELECT current_setting('server_version_num')::int / 10000") >= 17;

    private static Task<string?> StandingAsync(TestDatabase database) => database.ScalarAsync<string>("""
        SELECT concat_ws(' ', (SELECT string_agg(name, ',' ORDER BY name) FROM shared.registry), (SELECT relfilenode FROM pg_class WHERE oid = 'shared.registry'::regclass), (SELECT count(*) FROM pg_proc WHERE pronamespace = 'shared'::regnamespace),
          (SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'shared.registry'::regclass AND attnum > 0), obj_description('shared.registry'::regclass),
          (SELECT count(*) FROM pg_trigger WHERE tgrelid = 'shared.registry'::regclass), (SELECT string_agg(oid::text, ',' ORDER BY oid) FROM pg_authid WHERE rolname = 'traced_' || current_database()),
          (SELECT string_agg(nspname, ',' ORDER BY nspname) FROM pg_namespace WHERE nspname LIKE 'tenancy\_scratch%'))
        """);
}
