using Tenancy.Core.Manifests;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Catalog.Drift;

/// <summary>What is expected of a tenant is its own: by who owns its objects, and by what it, or whoever it comes from, ran.</summary>
public sealed class MixedTenantsTests
{
    [Theory]
    [InlineData("t1", "t2", "t3", "t4")]
    [InlineData("t4", "t3", "t2", "t1")]
    public async Task Tenants_may_each_have_owners_of_their_own(params string[] order)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var roles = await TestRoles.CreateAsync("app", "deploy", "other");
        await database.ExecuteAsync($"GRANT CREATE ON DATABASE {database.Name} TO {roles["app"]}, {roles["deploy"]}, {roles["other"]}");
        using var project = new FleetProject(database).With("1", "revision: aaaa0001\nup:\n  - create_table: {name: a, columns: [{name: id, type: int}]}\n  - create_table: {name: b, columns: [{name: id, type: int}]}\n  - create_table: {name: c, columns: [{name: id, type: int}]}");
        await project.MigrateAsync("head", order);
        // All of the login's; all of one role's; a schema of one with objects of another; the same, where somebody has changed one back.
        await database.ExecuteAsync($"ALTER SCHEMA t2 OWNER TO {roles["app"]}");
        foreach (var table in new[] { "a", "b", "c" })
        {
            await database.ExecuteAsync($"ALTER TABLE t2.{table} OWNER TO {roles["app"]}; ALTER TABLE t3.{table} OWNER TO {roles["deploy"]}; ALTER TABLE t4.{table} OWNER TO {roles["other"]}");
        }

        await database.ExecuteAsync("ALTER TABLE t4.c OWNER TO postgres");

        var results = (await project.CompareAsync(order)).Select(DriftProject.Describe).Order(StringComparer.Ordinal);

        Assert.Equal(["t1 Equal", "t2 Equal", "t3 Equal", $"t4 Drifted; table c has owner (none), expected {roles["other"]}"], results);
    }

    [Fact]
    public async Task Where_tenants_are_is_told_from_the_shape_whoever_owns_them()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var roles = await TestRoles.CreateAsync("app");
        await database.ExecuteAsync($"GRANT CREATE ON DATABASE {database.Name} TO {roles["app"]}");
        using var project = new FleetProject(database).With("1", "revision: aaaa0001\nup:\n  - create_table: {name: a, columns: [{name: id, type: int}]}\n");
        await project.MigrateAsync("head", "t1", "t2");
        await database.ExecuteAsync($"ALTER TABLE t2.a OWNER TO {roles["app"]}; DELETE FROM tenancy.head");

        await using var fleet = project.Open();
        var results = await fleet.StampFromShapeAsync(FleetProject.Tenants("t1", "t2"), new(), plansOnly: false, project.Log).ToListAsync();

        Assert.All(results, static result => Assert.Null(result.Error));
    }

    [Fact]
    public async Task What_a_renamed_tenant_and_the_source_of_a_copy_only_recorded_is_not_expected()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database)
            .With("1", "revision: aaaa0001\nup:\n  - create_table: {name: a, columns: [{name: id, type: int}]}")
            .With("2", "revision: aaaa0002\nparent: aaaa0001\nrequires: [{sql: \"SELECT '${tenant.schema}' <> 't1'\", on_fail: mark_applied}]\nup:\n  - create_table: {name: b, columns: [{name: id, type: int}]}\n");
        await project.MigrateAsync("head", "t1", "t2");
        await using (var fleet = project.Open())
        {
            await fleet.RenameTenantAsync(FleetProject.Tenants("t1")[0], "r1", "r1", project.Log);
            Outcome.AssertMigrated([await fleet.CopyTenantAsync(FleetProject.Tenants("r1")[0], "c1", null, withRows: false, project.Log)]);
            Outcome.AssertMigrated([await fleet.CopyTenantAsync(FleetProject.Tenants("c1")[0], "c2", null, withRows: false, project.Log)]);
            Outcome.AssertMigrated([await fleet.CopyTenantAsync(FleetProject.Tenants("t2")[0], "c3", null, withRows: false, project.Log)]);
        }

        Assert.Equal(
            ["c1 Equal", "c2 Equal", "c3 Equal", "r1 Equal", "t2 Equal"],
            (await project.CompareAsync("r1", "c1", "c2", "c3", "t2")).Select(DriftProject.Describe).Order(StringComparer.Ordinal));
        Assert.Equal("c1 false, c2 false, c3 true, r1 false", await database.ScalarAsync<string>("""
            SELECT string_agg(n.schema || ' ' || (to_regclass(n.schema || '.b') IS NOT NULL)::text, ', ' ORDER BY n.schema) FROM unnest(ARRAY['c1', 'c2', 'c3', 'r1']) n (schema)
            """));
    }

    [Fact]
    public async Task A_copy_of_a_tenant_that_was_stamped_is_not_known_to_have_run_anything()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database)
            .With("1", "revision: aaaa0001\nup:\n  - create_table: {name: a, columns: [{name: id, type: int}]}")
            .With("2", "revision: aaaa0002\nparent: aaaa0001\nrequires: [{sql: SELECT false, on_fail: mark_applied}]\nup:\n  - create_table: {name: b, columns: [{name: id, type: int}]}\n");
        await database.ExecuteAsync("CREATE SCHEMA t1; CREATE TABLE t1.a (id int)");
        await using var fleet = project.Open();
        Assert.All(await fleet.StampAsync(FleetProject.Tenants("t1"), ["aaaa0002"], MigrationScope.Tenant, purges: false, plansOnly: false, project.Log).ToListAsync(), static result => Assert.Null(result.Error));

        Outcome.AssertMigrated([await fleet.CopyTenantAsync(FleetProject.Tenants("t1")[0], "c1", null, withRows: false, project.Log)]);

        Assert.Equal(["c1 Equal", "t1 Equal"], (await project.CompareAsync("t1", "c1")).Select(DriftProject.Describe).Order(StringComparer.Ordinal));
    }
}
