using Tenancy.Core.Catalog.Drift;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Catalog.Drift;

/// <summary>What is expected is what a run makes, in every way that a run has.</summary>
public sealed class ReplayTests
{
    [Theory]
    [InlineData("search_path")]
    [InlineData("token")]
    public async Task A_tenant_with_everything_is_equal_to_its_replay_at_each_revision(string mode)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared");
        using var project = RichProject.Create(database, mode, extensions: false);
        var tenants = Enumerable.Range(1, 5).Select(static number => RichProject.Tenant($"t{number}")).ToList();
        await using (var fleet = project.Open())
        {
            for (var number = 1; number <= 5; number++)
            {
                Assert.All(await fleet.CreateTenantsAsync([tenants[number - 1]], new() { To = $"rich000{number}" }, project.Log).ToListAsync(), static result => Assert.Null(result.Error));
            }
        }

        Assert.All(await project.CompareAsync(tenants), static result => Assert.EndsWith("Equal", DriftProject.Describe(result), StringComparison.Ordinal));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'tenancy\\_scratch%'"));
    }

    [Fact]
    public async Task Where_a_commit_is_needed_in_between_the_scratch_schema_is_committed_and_dropped()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database)
            .With("1", "revision: aaaa0001\nup:\n  - create_enum: {name: kind, values: [a]}\n  - create_table: {name: thing, columns: [{name: kind, type: tenant_schema.kind}]}")
            .With("2", "revision: aaaa0002\nparent: aaaa0001\nup:\n  - add_enum_value: {enum: kind, value: b}\ndown: {irreversible: an enum keeps its values}")
            .With("3", "revision: aaaa0003\nparent: aaaa0002\nup:\n  - sql: CREATE INDEX thing_b ON tenant_schema.thing (kind) WHERE kind = 'b'\n    undo: DROP INDEX tenant_schema.thing_b")
            .With("4", """
                revision: aaaa0004
                parent: aaaa0002
                up:
                  - sql: "CREATE PROCEDURE tenant_schema.work() LANGUAGE plpgsql AS 'BEGIN CREATE TABLE tenant_schema.worked (id int); COMMIT; END'"
                  - sql: CALL tenant_schema.work()
                    transaction: none
                    done_when: SELECT pg_catalog.to_regclass('${tenant.quoted}.worked') IS NOT NULL
                down: {irreversible: a test}
                """);
        await project.MigrateAsync("aaaa0003", "t1", "t2");
        await project.MigrateAsync("aaaa0004", "t3");
        await project.MigrateAsync("aaaa0001", "t4");
        await database.ExecuteAsync("DROP INDEX t2.thing_b");

        Assert.Equal(
            ["t1 Equal", "t2 Drifted; index thing.thing_b is missing", "t3 Failed ReplayLeavesTrace", "t4 Equal"],
            (await project.CompareAsync("t1", "t2", "t3", "t4")).Select(DriftProject.Describe).Order(StringComparer.Ordinal));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'tenancy\\_scratch%'"));
    }

    [Fact]
    public async Task A_key_that_may_be_deferred_is_checked_when_a_run_checks_it()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database)
            .With("1", "revision: aaaa0001\ndata: true\nup:\n  - sql: CREATE TABLE tenant_schema.c (id int PRIMARY KEY, p int REFERENCES tenant_schema.c DEFERRABLE); INSERT INTO tenant_schema.c VALUES (1, 1); ALTER TABLE tenant_schema.c ADD x int\ndown: {irreversible: a test}")
            .With("2", "revision: aaaa0002\nparent: aaaa0001\ndata: true\nup:\n  - sql: INSERT INTO tenant_schema.c VALUES (2, 1); ALTER TABLE tenant_schema.c ADD y int\ndown: {irreversible: a test}");
        await project.MigrateAsync("aaaa0002", "t1");
        Assert.Equal(["t1 Equal"], (await project.CompareAsync("t1")).Select(DriftProject.Describe));

        await using var fleet = project.Open();
        Assert.Null(Assert.Single(await fleet.CreateTenantsAsync([new() { Name = "t2", Schema = "t2" }], new(), project.Log).ToListAsync()).Error);
        Assert.DoesNotContain("replaying", project.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Owner_grants_and_hooks_are_those_of_a_run()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var roles = await TestRoles.CreateAsync("owner", "reader");
        await database.ExecuteAsync($"GRANT CREATE ON DATABASE {database.Name} TO {roles["owner"]}");
        using var project = new FleetProject(database, $$"""
            fleet: test
            owner: {{roles["owner"]}}
            grants:
              - {to: {{roles["reader"]}}, on: schema, privileges: [usage]}
              - {to: {{roles["reader"]}}, on: tables, privileges: [select]}
            hooks:
              before_tenant: CREATE TABLE IF NOT EXISTS tenant_schema.hooked (id int)
              after_tenant: COMMENT ON TABLE tenant_schema.hooked IS 'at the end'
            """)
            .With("1", "revision: aaaa0001\nup:\n  - create_table: {name: a, columns: [{name: id, type: int}]}\n  - create_table: {name: b, columns: [{name: id, type: int}]}")
            .With("2", $"revision: aaaa0002\nparent: aaaa0001\nup:\n  - sql: REVOKE SELECT ON tenant_schema.b FROM {roles["reader"]}\n    undo: SELECT 1");
        await project.MigrateAsync("head", "t1", "t2", "t3");
        await project.MigrateAsync("aaaa0001", "t4");
        await database.ExecuteAsync($"GRANT INSERT ON t2.a TO {roles["reader"]}; ALTER TABLE t3.a OWNER TO postgres");

        var results = await project.CompareAsync("t1", "t2", "t3", "t4");

        Assert.Equal(["Equal", "Drifted", "Drifted", "Equal"], results.OrderBy(static result => result.Name, StringComparer.Ordinal).Select(static result => result.Status));
        Assert.Equal("grants", Assert.Single(results.Single(static result => result.Name == "t2").Differences).Property);
        Assert.Contains(results.Single(static result => result.Name == "t3").Differences, static difference => difference is { Property: "owner", Expected: null, Actual: "postgres" });
    }

    [Fact]
    public async Task Owners_that_the_project_does_not_name_are_those_that_tenants_have()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var roles = await TestRoles.CreateAsync("app", "deploy");
        await database.ExecuteAsync($"GRANT CREATE ON DATABASE {database.Name} TO {roles["app"]}, {roles["deploy"]}; ALTER ROLE {roles["deploy"]} SUPERUSER; CREATE SCHEMA t1 AUTHORIZATION {roles["app"]}; CREATE SCHEMA t2 AUTHORIZATION {roles["app"]}");
        using var project = new FleetProject(database).With("1", "revision: aaaa0001\nup:\n  - create_table: {name: a, columns: [{name: id, type: int}]}\n  - create_sequence: {name: number}");
        var login = project.Connection;
        project.Connection = login with { Username = roles["deploy"] };
        Assert.All(await project.MigrateAsync(FleetProject.Tenants("t1", "t2")), static result => Assert.Null(result.Error));
        await database.ExecuteAsync($"ALTER SEQUENCE t2.number OWNER TO {roles["app"]}; GRANT USAGE ON SCHEMA t1 TO PUBLIC");

        string[] expected = ["t1 Equal", $"t2 Drifted; sequence number has owner (none), expected {roles["deploy"]}"];
        Assert.Equal(expected, (await project.CompareAsync("t1", "t2")).Select(DriftProject.Describe).Order(StringComparer.Ordinal));
        project.Connection = login;
        Assert.Equal(expected, (await project.CompareAsync("t1", "t2")).Select(DriftProject.Describe).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_revision_that_some_tenants_only_recorded_is_expected_of_the_others()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database)
            .With("1", "revision: aaaa0001\nup:\n  - create_table: {name: a, columns: [{name: id, type: int}]}")
            .With("2", """
                revision: aaaa0002
                parent: aaaa0001
                requires: [{sql: SELECT EXISTS (SELECT FROM tenant_schema.a), on_fail: mark_applied}]
                up:
                  - create_table: {name: b, columns: [{name: id, type: int}]}
                """)
            .With("3", """
                revision: aaaa0003
                parent: aaaa0002
                requires: [{sql: "SELECT '${tenant.schema}' IN ('t4')", on_fail: mark_applied}]
                up:
                  - drop_column: {table: a, name: extra, was: {type: text}}
                """);
        await project.MigrateAsync("aaaa0001", "t1", "t2", "t3", "t4");
        await database.ExecuteAsync("INSERT INTO t2.a VALUES (1); INSERT INTO t4.a VALUES (1); ALTER TABLE t4.a ADD COLUMN extra text");
        Assert.All(await project.MigrateAsync(FleetProject.Tenants("t1", "t2", "t3", "t4")), static result => Assert.Null(result.Error));
        await database.ExecuteAsync("CREATE TABLE t3.b (id int)");

        Assert.Equal(
            ["t1 Equal", "t2 Equal", "t3 Drifted; table b is not expected", "t4 Equal"],
            (await project.CompareAsync("t1", "t2", "t3", "t4")).Select(DriftProject.Describe).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Branches_are_replayed_as_far_as_each_tenant_has_them()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        static string Table(string id, string parent, string label = "") => $"revision: {id}\n{(parent.Length == 0 ? "" : $"parent: {parent}\n")}{label}up:\n  - create_table: {{name: t{id}, columns: [{{name: id, type: int}}]}}";
        using var project = new FleetProject(database)
            .With("1", Table("aaaa0001", "")).With("2", Table("aaaa0002", "aaaa0001", "labels: [left]\n")).With("3", Table("aaaa0003", "aaaa0001", "labels: [right]\n")).With("4", Table("aaaa0004", "aaaa0003"))
            .With("5", "revision: aaaa0005\nparent: [aaaa0002, aaaa0004]\nup: []");
        await project.MigrateAsync("aaaa0001", "t1");
        await project.MigrateAsync("aaaa0002", "t2", "both");
        await project.MigrateAsync("aaaa0004", "t4");
        await project.MigrateAsync("head", "t5");
        Assert.Null(Assert.Single(await project.MigrateAsync(FleetProject.Tenants("both"), new() { To = "aaaa0003" })).Error);

        Assert.All(await project.CompareAsync("t1", "t2", "both", "t4", "t5"), static result => Assert.EndsWith("Equal", DriftProject.Describe(result), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_manifest_that_fails_on_an_empty_schema_is_told_of_those_that_need_it()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = (await DriftProject.CreateAsync(database))
            .With("4", "revision: aaaa0004\nparent: aaaa0003\nup:\n  - sql: SELECT 1 / (SELECT count(*) FROM tenant_schema.invoice)\n    undo: SELECT 1");
        await project.MigrateAsync("aaaa0003", "t1", "t2");
        await database.ExecuteAsync("INSERT INTO t2.invoice VALUES (1)");
        Assert.Null(Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t2"))).Error);

        var results = await project.CompareAsync("t1", "t2");

        Assert.Equal(["t1 Equal", "t2 Failed ReplayFailed"], results.Select(DriftProject.Describe));
        Assert.Contains("4.yaml:4", results[1].Error, StringComparison.Ordinal);
        Assert.Contains("-Reference", results[1].Failure!.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Arguments_are_those_of_the_runs()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database)
            .With("1", "revision: aaaa0001\narguments: {country: {type: text}}\nup:\n  - sql: CREATE TABLE tenant_schema.a (country text DEFAULT ${x.country})\n    undo: DROP TABLE tenant_schema.a");
        await database.ExecuteAsync("CREATE SCHEMA t1");
        var given = new Dictionary<string, string> { ["country"] = "de" };
        Assert.Null(Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1"), new() { Arguments = given })).Error);

        Assert.Equal(["t1 Equal"], (await project.CompareAsync(FleetProject.Tenants("t1"), new() { Arguments = given })).Select(DriftProject.Describe));
        Assert.Equal("MissingArgument", (await Assert.ThrowsAsync<TenancyException>(() => project.CompareAsync("t1"))).ErrorId);
    }
}
