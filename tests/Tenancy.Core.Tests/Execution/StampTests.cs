using Tenancy.Core.Manifests;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Saying where a tenant is.</summary>
public sealed class StampTests
{
    private const string First = """
        revision: aaaa0001
        up:
          - create_table: {name: a, columns: [{name: id, type: bigint, primary_key: true}]}
        """;

    private const string Second = """
        revision: aaaa0002
        parent: aaaa0001
        up:
          - create_table: {name: b, columns: [{name: id, type: bigint, primary_key: true}]}
        """;

    [Fact]
    public async Task A_stamp_moves_the_heads_and_runs_nothing()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", First).With("2", Second);
        await database.ExecuteAsync("CREATE SCHEMA t1; CREATE TABLE t1.a (id bigint PRIMARY KEY)");

        var stamped = await StampAsync(project, ["aaaa0001"]);
        Assert.Equal(MigrationStatus.Migrated, stamped.Status);
        Assert.Equal(["aaaa0001"], stamped.To);
        Assert.Equal(MigrationStatus.UpToDate, (await StampAsync(project, ["aaaa0001"])).Status);

        var migrated = Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1")));
        Assert.Null(migrated.Error);
        Assert.Equal(["aaaa0002"], migrated.Revisions);
        Assert.Equal(["stamp", "up"], (await database.QueryAsync("SELECT direction FROM tenancy.history ORDER BY id")).Select(static row => row[0]));

        Assert.Empty((await StampAsync(project, ["base"])).To);
        Assert.Equal(2L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_tables WHERE schemaname = 't1'"));
    }

    [Fact]
    public async Task A_stamp_ends_what_a_restore_left_unknown()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", First).With("2", Second);
        await database.ExecuteAsync("CREATE SCHEMA t1");
        await project.MigrateAsync(FleetProject.Tenants("t1"));
        await database.ExecuteAsync("DROP SCHEMA t1 CASCADE; CREATE SCHEMA t1; CREATE TABLE t1.a (id bigint PRIMARY KEY)");
        Assert.Equal(MigrationStatus.Recreated, Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1"))).Status);

        Assert.Equal(["aaaa0001"], (await StampAsync(project, ["aaaa0001"])).To);

        Assert.Equal(["aaaa0002"], Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1"))).Revisions);
    }

    [Fact]
    public async Task A_purge_drops_revisions_that_no_manifest_has()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", First).With("2", Second);
        await database.ExecuteAsync("CREATE SCHEMA t1");
        await project.MigrateAsync(FleetProject.Tenants("t1"));
        File.Delete(Path.Combine(project.Folder, "manifests", "2.yaml"));

        Assert.Equal("UnknownRevision", (await StampAsync(project, ["aaaa0001"])).Failure!.ErrorId);
        Assert.Equal(["aaaa0001"], (await StampAsync(project, ["aaaa0001"], purges: true)).To);
    }

    [Fact]
    public async Task A_plan_writes_nothing_and_a_missing_schema_is_refused()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", First);
        await database.ExecuteAsync("CREATE SCHEMA t1");
        var before = await database.DumpAsync();

        Assert.Equal(["aaaa0001"], (await StampAsync(project, ["head"], plansOnly: true)).To);
        Assert.Equal("SchemaMissing", (await StampAsync(project, ["head"], plansOnly: true, tenant: "t2")).Failure!.ErrorId);

        Assert.Equal(before, await database.DumpAsync());
    }

    [Fact]
    public async Task Branches_are_stamped_together_and_one_by_one()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", First).With("2", Second.Replace("up:", "labels: [left]\nup:", StringComparison.Ordinal))
            .With("3", "revision: aaaa0003\nparent: aaaa0001\nlabels: [right]\nup: [sql: SELECT 1]\ndown: [sql: SELECT 1]");
        await database.ExecuteAsync("CREATE SCHEMA t1");

        Assert.Equal(["aaaa0002", "aaaa0003"], (await StampAsync(project, ["left", "right"])).To);
        Assert.Equal(MigrationStatus.UpToDate, (await StampAsync(project, ["heads"])).Status);

        // As Alembic: the rows of the branch asked for go, those of others stay; what a destination needs, or what needs it, gives way to it.
        Assert.Equal(["aaaa0003"], (await StampAsync(project, ["left@base"])).To);
        Assert.Equal(["aaaa0002", "aaaa0003"], (await StampAsync(project, ["left"])).To);
        Assert.Equal(["aaaa0001"], (await StampAsync(project, ["aaaa0001"])).To);
        Assert.Equal("MultipleHeads", (await StampAsync(project, ["head"])).Failure!.ErrorId);
        Assert.Equal(["aaaa0003"], (await StampAsync(project, ["right"], purges: true)).To);
        Assert.Empty((await StampAsync(project, ["base"])).To);
    }

    [Fact]
    public async Task A_tenant_said_to_be_at_base_is_known_from_then_on()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", First);
        await database.ExecuteAsync("CREATE SCHEMA t1");

        Assert.Equal(MigrationStatus.Migrated, (await StampAsync(project, ["base"])).Status);
        Assert.Equal(MigrationStatus.UpToDate, (await StampAsync(project, ["base"])).Status);

        Assert.Equal("t1", await database.ScalarAsync<string>("SELECT schema FROM tenancy.tenant"));
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.history WHERE direction = 'stamp' AND revision IS NULL"));
    }

    private static async Task<MigrationResult> StampAsync(FleetProject project, string[] revisions, bool purges = false, bool plansOnly = false, string tenant = "t1")
    {
        await using var fleet = project.Open();
        return Assert.Single(await fleet.StampAsync(FleetProject.Tenants(tenant), revisions, MigrationScope.Tenant, purges, plansOnly, project.Log).ToListAsync());
    }
}
