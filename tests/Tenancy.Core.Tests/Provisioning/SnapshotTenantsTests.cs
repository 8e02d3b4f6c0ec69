using System.Globalization;
using Tenancy.Core.Planning;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Provisioning;

/// <summary>New tenants from a snapshot are what a replay of the history makes, and are there whole or not at all.</summary>
public sealed class SnapshotTenantsTests
{
    private const string Table = "revision: aaaa0001\nup:\n  - create_table: {name: item, columns: [{name: id, type: integer, identity: always, primary_key: true}, {name: note, type: text}]}\ndown: auto\n";

    [Fact]
    public async Task A_tenant_from_a_snapshot_is_what_a_replay_makes()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared");
        using var project = ProvisioningProject.Create(database);

        var made = await CreateAsync(project, new(), "made_one", "made_two");
        var replayed = await CreateAsync(project, new() { ReplaysHistory = true }, "replayed_one");

        Outcome.AssertMigrated(made.Concat(replayed));
        AssertFromSnapshot(project);
        var expected = await ProvisioningProject.DumpWithoutNameAsync(database, "replayed_one");
        Assert.Equal(expected, await ProvisioningProject.DumpWithoutNameAsync(database, "made_one"));
        Assert.Equal(expected, await ProvisioningProject.DumpWithoutNameAsync(database, "made_two"));
        Assert.Equal(replayed.Single(static result => result.Scope == "tenant").Revisions, made.Single(static result => result.Name == "made_two").Revisions);
        const string next = "SELECT nextval('{0}.number_seq'), nextval('{0}.person_id_seq'), nextval('{0}.log_id_seq')";
        Assert.Equal(await database.QueryAsync(string.Format(CultureInfo.InvariantCulture, next, "replayed_one")), await database.QueryAsync(string.Format(CultureInfo.InvariantCulture, next, "made_one")));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'tenancy_scratch%'"));

        // Heads, checksums and texts are those of any other tenant.
        await using var fleet = project.Open();
        Assert.All(await fleet.GetTenantRevisionsAsync(FleetProject.Tenants("made_one", "replayed_one")).ToListAsync(), static revision => Assert.Equal(TenantRevisionStatus.AtHead, revision.Status));
        Assert.Equal(1, (await fleet.GetHistoryAsync(FleetProject.Tenants("made_one"), new()).ToListAsync()).Count(static entry => entry.Direction == "create"));
        Assert.Empty(await database.QueryAsync("""
            SELECT revision, checksum FROM tenancy.history WHERE schema = 'made_one' AND revision IS NOT NULL EXCEPT SELECT revision, checksum FROM tenancy.history WHERE schema = 'replayed_one'
            """));
    }

    [Fact]
    public async Task A_tenant_from_a_snapshot_goes_on_up_and_down_like_any_other()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", Table).With("2", "revision: aaaa0002\nparent: aaaa0001\nup:\n  - add_column: {table: item, name: size, type: integer}\ndown: auto\n");
        Outcome.AssertMigrated(await CreateAsync(project, new() { To = "aaaa0001" }, "t1"));
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1")));
        Outcome.AssertMigrated(await CreateAsync(project, new(), "t2"));
        Assert.Equal(await ProvisioningProject.DumpWithoutNameAsync(database, "t1"), await ProvisioningProject.DumpWithoutNameAsync(database, "t2"));

        // Older code knows it from history.
        project.Without("2");
        Outcome.AssertMigrated(await project.UndoAsync(FleetProject.Tenants("t2"), "aaaa0001"));
        Outcome.AssertMigrated(await project.UndoAsync(FleetProject.Tenants("t2")));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_tables WHERE schemaname = 't2'"));
        project.With("1", Table.Replace("note", "other", StringComparison.Ordinal));
        Outcome.AssertNoError(await CreateAsync(project, new(), "t3"));
        Assert.Equal("ChecksumMismatch", Assert.Single(await project.With("1", Table).MigrateAsync(FleetProject.Tenants("t3"))).Failure!.ErrorId);
    }

    [Fact]
    public async Task A_constraint_that_is_deferrable_like_a_shared_one_is_checked_at_the_end_of_each_revision()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE TABLE shared.pattern (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)");
        using var project = new FleetProject(database)
            .With("1", "revision: aaaa0001\nup:\n  - sql: CREATE TABLE tenant_schema.item (LIKE shared.pattern INCLUDING ALL)\ndown: {irreversible: no}\n")
            .With("2", "revision: aaaa0002\nparent: aaaa0001\ndata: true\nup:\n  - sql: INSERT INTO tenant_schema.item VALUES (1), (1)\ndown: {irreversible: no}\n")
            .With("3", "revision: aaaa0003\nparent: aaaa0002\nup:\n  - sql: DELETE FROM tenant_schema.item\ndown: {irreversible: no}\n");

        var result = Assert.Single(await CreateAsync(project, new(), "t1"));

        Assert.Contains("made by replaying the history: duplicate key", project.Log.Text, StringComparison.Ordinal);
        Assert.Equal((MigrationStatus.Failed, "aaaa0002"), (result.Status, result.Failure!.Revision));
    }

    [Theory]
    [InlineData("INSERT INTO item (note) VALUES ('x')", "", "item has rows after the replay")]
    [InlineData("INSERT INTO item (note) VALUES (${tenant.name})", "data: true", "which differs from tenant to tenant")]
    [InlineData("INSERT INTO item (note) VALUES (current_schema())", "data: true", "which differs from tenant to tenant")]
    [InlineData("COMMENT ON TABLE item IS 'of ${tenant.schema}'", "", "which differs from tenant to tenant")]
    [InlineData("CREATE FUNCTION own() RETURNS text LANGUAGE sql AS $$ SELECT 'of ${tenant.schema}' $$", "", "has the name of its own schema in a text")]
    [InlineData("SELECT 1", "verify: [{sql: SELECT false, message: never}]", "never")]
    public async Task What_a_snapshot_cannot_say_is_replayed_on_each_tenant(string sql, string more, string why)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", Table).With("2", $"revision: aaaa0002\nparent: aaaa0001\n{more}\nup:\n  - sql: {SqlText(sql)}\ndown: {{irreversible: no}}\n");

        var results = await CreateAsync(project, new(), "t1", "t2");

        Assert.Contains(why, project.Log.Text, StringComparison.Ordinal);
        Assert.All(results, result => Assert.Equal(why == "never" ? MigrationStatus.Failed : MigrationStatus.Migrated, result.Status));
        Assert.Equal(why == "never" ? "aaaa0001" : "aaaa0002", await database.ScalarAsync<string>("SELECT revision FROM tenancy.head WHERE schema = 't2'"));
        if (sql.Contains("current_schema", StringComparison.Ordinal))
        {
            Assert.Equal("t1t2", await database.ScalarAsync<string>("SELECT (SELECT note FROM t1.item) || (SELECT note FROM t2.item)"));
        }
    }

    /// <summary>A canary has brought the shared schema to head, and itself; all others are behind.</summary>
    [Fact]
    public async Task A_tenant_comes_to_where_most_of_the_fleet_is_or_to_head()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared");
        using var project = new FleetProject(database)
            .With("s1", "revision: 0000aaaa\nscope: shared\nup:\n  - create_table: {name: users, columns: [{name: id, type: integer, primary_key: true}]}\ndown: auto\n")
            .With("1", Table.Replace("up:", "depends_on: [0000aaaa]\ntouches: [shared.users]\nup:", StringComparison.Ordinal).Replace("type: text}", "type: text}, {name: owner, type: integer, references: {table: shared.users, column: id}}", StringComparison.Ordinal));
        Outcome.AssertMigrated(await CreateAsync(project, new(), "t1", "t2", "canary"));
        project
            .With("s2", "revision: 0000aaab\nparent: 0000aaaa\nscope: shared\nup:\n  - add_column: {table: users, name: email, type: text}\n  - create_table: {name: place, columns: [{name: id, type: integer, primary_key: true}]}\ndown: auto\n")
            .With("2", "revision: aaaa0002\nparent: aaaa0001\ndepends_on: [0000aaab]\ntouches: [shared.place]\nup:\n  - add_column: {table: item, name: place, type: integer, references: {table: shared.place, column: id}}\ndown: auto\n");
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("canary")));
        var shared = await database.DumpAsync("shared");

        Outcome.AssertMigrated(await CreateAsync(project, new() { To = "aaaa0001" }, "behind_one", "behind_two"));
        Outcome.AssertMigrated(await CreateAsync(project, new(), "ahead"));

        AssertFromSnapshot(project);
        Assert.Equal(shared, await database.DumpAsync("shared"));
        await AssertLikeAsync("t1", "behind_one", "behind_two");
        await AssertLikeAsync("canary", "ahead");
        string[] all = ["t1", "t2", "behind_one", "behind_two", "canary", "ahead"];
        await using var fleet = project.Open();
        Assert.Equal(["aaaa0001", "aaaa0001", "aaaa0001", "aaaa0001", "aaaa0002", "aaaa0002"], (await fleet.GetTenantRevisionsAsync(FleetProject.Tenants(all)).ToListAsync()).Where(static state => state.Scope == "tenant").OrderBy(state => Array.IndexOf(all, state.Name)).Select(static state => string.Join(' ', state.Heads)));

        // All go on together.
        Outcome.AssertNoError(await project.MigrateAsync(FleetProject.Tenants(all)));
        await AssertLikeAsync("canary", "t1", "behind_one");

        async Task AssertLikeAsync(string like, params string[] schemas)
        {
            foreach (var schema in schemas)
            {
                Assert.Equal(await ProvisioningProject.DumpWithoutNameAsync(database, like), await ProvisioningProject.DumpWithoutNameAsync(database, schema));
            }
        }
    }

    [Fact]
    public async Task Arguments_hooks_and_the_shared_schema_are_as_for_a_replay()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared; CREATE TABLE shared.seen (what text)");
        using var project = new FleetProject(database, """
            fleet: test
            hooks:
              before_run: INSERT INTO shared.seen VALUES ('before')
              after_run: INSERT INTO shared.seen VALUES ('after')
              before_tenant: {touches: [shared.seen], sql: "INSERT INTO shared.seen VALUES ('before ' || current_schema() || (SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()))"}
              after_tenant: {touches: [shared.seen], sql: "INSERT INTO shared.seen SELECT 'after ' || current_schema() || ' ' || note FROM item"}
            """)
            .With("0", "revision: 0000aaaa\nscope: shared\nup:\n  - create_table: {name: users, columns: [{name: id, type: integer, primary_key: true}]}\ndown: auto\n")
            .With("1", Table.Replace("up:", "depends_on: [0000aaaa]\nup:", StringComparison.Ordinal))
            .With("2", "revision: aaaa0002\nparent: aaaa0001\ndata: true\narguments: {greeting: {type: text}}\nup:\n  - sql: INSERT INTO item (note) VALUES (${x.greeting})\ndown: {irreversible: no}\n");
        var request = new MigrationRequest { Arguments = new Dictionary<string, string> { ["greeting"] = "hello" } };

        var results = await CreateAsync(project, request, "t1", "t2");

        Outcome.AssertMigrated(results);
        Assert.Equal(["shared", "tenant", "tenant"], results.Select(static result => result.Scope));
        AssertFromSnapshot(project);
        var seen = (await database.QueryAsync("SELECT what FROM shared.seen")).Select(static row => (string)row[0]!).ToList();
        Assert.Equal(["after t1 hello", "after t2 hello", "before t10", "before t20"], seen.Where(static what => what.Contains(" t", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Contains("before", seen);
        Assert.Equal("after", seen[^1]);
    }

    [Fact]
    public async Task Many_are_made_side_by_side_and_one_that_is_there_stops_no_other()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA m3");
        using var project = new FleetProject(database).With("1", Table);

        var results = await CreateAsync(project, new() { ThrottleLimit = 4 }, [.. Enumerable.Range(1, 12).Select(static number => $"m{number}")]);

        Assert.Equal(12, results.Count);
        Outcome.AssertMigrated(results.Where(static result => result.Name != "m3"));
        Assert.Equal("SchemaExists", results.Single(static result => result.Name == "m3").Failure!.ErrorId);
        Assert.Equal(11L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.tenant"));
    }

    [Fact]
    public async Task A_tenant_whose_making_is_broken_off_is_not_there()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared");
        using var project = ProvisioningProject.Create(database);
        Outcome.AssertMigrated(await CreateAsync(project, new(), "one_first"));
        var before = await database.DumpAsync();
        // Holds each tenant before its history is written.
        await using var holder = await database.DataSource.OpenConnectionAsync();
        await using var transaction = await holder.BeginTransactionAsync();
        await using (var command = new Npgsql.NpgsqlCommand("LOCK TABLE tenancy.head IN ACCESS EXCLUSIVE MODE", holder))
        {
            await command.ExecuteNonQueryAsync();
        }

        using var stop = new CancellationTokenSource();
        var run = CreateAsync(project, new() { ThrottleLimit = 3 }, ["kill_1", "kill_2", "kill_3"], stop.Token);
        await Task.WhenAny(run, Task.Delay(TimeSpan.FromSeconds(2)));
        await database.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'tenancy % kill%' AND wait_event_type = 'Lock'");
        await stop.CancelAsync();
        await transaction.RollbackAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);

        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'kill%'"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.tenant WHERE schema LIKE 'kill%'"));
        Outcome.AssertMigrated(await CreateAsync(project, new(), "kill_1", "kill_2", "kill_3"));
        Assert.Equal(await ProvisioningProject.DumpWithoutNameAsync(database, "one_first"), await ProvisioningProject.DumpWithoutNameAsync(database, "kill_3"));
        Assert.NotEqual(before, await database.DumpAsync());
    }

    private static void AssertFromSnapshot(FleetProject project)
    {
        var why = string.Join(' ', project.Log.Text.Split('\n').Where(static line => line.Contains("replaying the history", StringComparison.Ordinal)));
        if (why.Length > 0)
        {
            Assert.Fail(why);
        }
    }

    private static string SqlText(string sql) => "|\n      " + sql;

    private static Task<List<MigrationResult>> CreateAsync(FleetProject project, MigrationRequest request, params string[] schemas) => CreateAsync(project, request, schemas, default);

    private static async Task<List<MigrationResult>> CreateAsync(FleetProject project, MigrationRequest request, string[] schemas, CancellationToken cancellation)
    {
        await using var fleet = project.Open();
        return await fleet.CreateTenantsAsync(FleetProject.Tenants(schemas), request, project.Log, cancellation).ToListAsync(cancellation);
    }
}
