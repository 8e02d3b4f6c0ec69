using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Catalog.Drift;

/// <summary>Where a schema is, told from its shape.</summary>
public sealed class RecognitionTests
{
    [Fact]
    public async Task A_schema_is_said_to_be_where_its_shape_is()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = await DriftProject.CreateAsync(database);
        await project.MigrateAsync("aaaa0001", "one", "odd");
        await project.MigrateAsync("aaaa0002", "two");
        await project.MigrateAsync("head", "three", "wrong", "right");
        await database.ExecuteAsync("""
            CREATE SCHEMA empty; GRANT USAGE ON SCHEMA two TO PUBLIC; ALTER TABLE odd.customer ADD COLUMN extra int;
            DELETE FROM tenancy.head WHERE scope = 'tenant' AND schema <> 'right'; INSERT INTO tenancy.head SELECT 'test', 'tenant', 'wrong', 'aaaa0001', oid FROM pg_namespace WHERE nspname = 'wrong'
            """);
        string[] tenants = ["empty", "one", "two", "three", "wrong", "right", "odd", "gone"];
        string[] expected =
        [
            "empty Migrated base", "one Migrated aaaa0001", "two Migrated aaaa0002", "three Migrated aaaa0003", "wrong Migrated aaaa0003", "right UpToDate aaaa0003",
            "odd Failed UnknownShape", "gone Failed SchemaMissing",
        ];
        var before = await database.DumpAsync();

        var planned = await StampAsync(project, plansOnly: true, tenants);
        Assert.Equal(expected, planned.Select(Describe));
        Assert.Equal(before, await database.DumpAsync());
        Assert.True(planned[6].Error!.Contains("Nearest is aaaa0001, with 1 difference: column customer.extra is not expected.", StringComparison.Ordinal), planned[6].Error);

        Assert.Equal(expected, (await StampAsync(project, plansOnly: false, tenants)).Select(Describe));
        Assert.Equal(["one Equal", "two Equal", "three Equal"], (await project.CompareAsync("one", "two", "three")).Select(DriftProject.Describe));
        Assert.Equal(["aaaa0003"], Assert.Single(await project.MigrateAsync(FleetProject.Tenants("two"))).Revisions);
    }

    [Fact]
    public async Task What_several_revisions_leave_is_not_guessed()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = (await DriftProject.CreateAsync(database)).With("4", "revision: aaaa0004\nparent: aaaa0003\nup:\n  - sql: DELETE FROM tenant_schema.customer\n    undo: SELECT 1");
        await project.MigrateAsync("aaaa0003", "t1", "t2");
        await database.ExecuteAsync("DELETE FROM tenancy.head WHERE schema = 't1'");

        var results = await StampAsync(project, plansOnly: false, "t1", "t2");

        Assert.Equal(["t1 Failed AmbiguousShape", "t2 UpToDate aaaa0003"], results.Select(Describe));
        Assert.Contains("aaaa0003 and aaaa0004", results[0].Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_several_that_leave_the_same_one_may_be_named()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = (await DriftProject.CreateAsync(database)).With("4", "revision: aaaa0004\nparent: aaaa0003\nup:\n  - sql: DELETE FROM tenant_schema.customer\n    undo: SELECT 1");
        await project.MigrateAsync("aaaa0003", "t1");
        await project.MigrateAsync("aaaa0002", "t2");
        await database.ExecuteAsync("DELETE FROM tenancy.head WHERE scope = 'tenant'");
        await using var fleet = project.Open();

        var results = await fleet.StampFromShapeAsync(FleetProject.Tenants("t1", "t2"), new() { To = ["head"] }, plansOnly: false, project.Log).ToListAsync();

        Assert.Equal(["t1 Migrated aaaa0004", "t2 Failed OtherShape"], results.Select(Describe));
        Assert.Contains("aaaa0002 leaves, not aaaa0004", results[1].Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_repair_a_tenant_is_at_it()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = await DriftProject.CreateAsync(database);
        await project.MigrateAsync("head", "t1", "t2", "t3");
        await database.ExecuteAsync("ALTER TABLE t2.customer ADD COLUMN extra int");
        Assert.Single(await project.RepairAsync("t1", "t2", "t3"));
        Assert.All(await project.MigrateAsync(FleetProject.Tenants("t1", "t2")), static result => Assert.Null(result.Error));
        await database.ExecuteAsync("DELETE FROM tenancy.head WHERE scope = 'tenant'");

        var results = await StampAsync(project, plansOnly: false, "t1", "t2", "t3");

        Assert.All(results, static result => Assert.Null(result.Error));
        Assert.All(results, static result => Assert.DoesNotContain("aaaa0003", result.To));
        Assert.All(await project.CompareAsync("t1", "t2", "t3"), static result => Assert.EndsWith("Equal", DriftProject.Describe(result), StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_would_run_on_the_tenant_s_rows_is_not_passed_over()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = (await DriftProject.CreateAsync(database)).With("4", """
            revision: aaaa0004
            parent: aaaa0003
            requires: [{sql: SELECT EXISTS (SELECT FROM tenant_schema.invoice), on_fail: mark_applied}]
            up:
              - sql: UPDATE tenant_schema.invoice SET total = 0
                undo: SELECT 1
            """);
        await project.MigrateAsync("aaaa0003", "none", "with");
        await database.ExecuteAsync("INSERT INTO \"with\".invoice (id) VALUES (1); DELETE FROM tenancy.head WHERE scope = 'tenant'");

        var results = await StampAsync(project, plansOnly: false, "none", "with");

        Assert.Equal(["none Migrated aaaa0004", "with Failed AmbiguousShape"], results.Select(Describe));
    }

    [Fact]
    public async Task What_cannot_be_replayed_may_be_it_too()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = (await DriftProject.CreateAsync(database)).With("4", "revision: aaaa0004\nparent: aaaa0003\nup:\n  - sql: SELECT 1 / (count(*) - 1) FROM tenant_schema.customer\n    undo: SELECT 1");
        await project.MigrateAsync("aaaa0003", "t1", "t2");
        await database.ExecuteAsync("DELETE FROM tenancy.head WHERE schema = 't1'");

        var results = await StampAsync(project, plansOnly: false, "t1", "t2");

        Assert.Equal(["t1 Failed AmbiguousShape", "t2 UpToDate aaaa0003"], results.Select(Describe));
        Assert.Contains("aaaa0004", results[0].Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Branches_are_recognized_each_alone_and_together()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        static string Table(string id, string parent, string label = "") => $"revision: {id}\n{(parent.Length == 0 ? "" : $"parent: {parent}\n")}{label}up:\n  - create_table: {{name: t{id}, columns: [{{name: id, type: int}}]}}";
        using var project = new FleetProject(database)
            .With("1", Table("aaaa0001", "")).With("2", Table("aaaa0002", "aaaa0001", "labels: [left]\n")).With("3", Table("aaaa0003", "aaaa0001", "labels: [right]\n"));
        await project.MigrateAsync("aaaa0002", "left", "both");
        await project.MigrateAsync("aaaa0003", "right");
        Assert.Null(Assert.Single(await project.MigrateAsync(FleetProject.Tenants("both"), new() { To = "heads" })).Error);
        await database.ExecuteAsync("DELETE FROM tenancy.head");

        Assert.Equal(
            ["left Migrated aaaa0002", "right Migrated aaaa0003", "both Migrated aaaa0002 aaaa0003"],
            (await StampAsync(project, plansOnly: false, "left", "right", "both")).Select(Describe));
    }

    private static async Task<List<MigrationResult>> StampAsync(FleetProject project, bool plansOnly, params string[] tenants)
    {
        await using var fleet = project.Open();
        return await fleet.StampFromShapeAsync(FleetProject.Tenants(tenants), new(), plansOnly, project.Log).ToListAsync();
    }

    private static string Describe(MigrationResult result) => $"{result.Name} {result.Status} {result.Failure?.ErrorId ?? (result.To.Length == 0 ? "base" : string.Join(' ', result.To))}";
}
