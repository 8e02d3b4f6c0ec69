using Tenancy.Core.Manifests;
using Tenancy.Core.Repairs;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Repairs;

/// <summary>History rows that do not fit manifests and catalog.</summary>
public sealed class RepairRowsTests
{
    private const string Customer = "revision: aaaa0001\nup: [{create_table: {name: customer, columns: [{name: id, type: bigint}]}}]";
    private const string Name = "revision: aaaa0002\nparent: aaaa0001\nup: [{add_column: {table: customer, name: name, type: text}}]";
    private const string Changed = "revision: aaaa0002\nparent: aaaa0001\ndescription: Names\nup: [{add_column: {table: customer, name: name, type: text}}]";

    [Fact]
    public async Task A_changed_manifest_is_accepted_for_those_that_were_asked_for()
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database);
        project.With("2", Changed).With("3", "revision: aaaa0003\nparent: aaaa0002\nup: [{add_column: {table: customer, name: street, type: text}}]");
        var before = await database.DumpAsync();

        var found = await project.FindAsync();
        Assert.Equal(["t1 Checksum ChecksumMismatch aaaa0002 Found", "t2 Checksum ChecksumMismatch aaaa0002 Found"], found.Select(Show));
        Assert.Equal(before, await database.DumpAsync());

        Assert.Equal(["t1 Checksum ChecksumMismatch aaaa0002 Repaired"], (await project.RepairAsync(FleetProject.Tenants("t1"))).Select(Show));

        Assert.Equal(["t1 aaaa0002"], await database.RepairsAsync());
        Assert.Equal([MigrationStatus.Migrated, MigrationStatus.Failed], (await project.MigrateAsync(FleetProject.Tenants("t1", "t2"))).Select(static result => result.Status));
        Assert.Equal(["t2"], (await project.FindAsync()).Select(static finding => finding.Name));
        Assert.Equal(3L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.revision_text WHERE revision IN ('aaaa0002', 'aaaa0003')"));

        // What was applied before the repair can be undone after it, by the manifest that was accepted.
        Outcome.AssertMigrated(await project.UndoAsync(FleetProject.Tenants("t1")));
    }

    [Fact]
    public async Task Rows_of_a_schema_that_is_gone_are_cleared_and_its_history_stays()
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database);
        await project.CreateAsync(FleetProject.Tenants("t3"));
        await database.ExecuteAsync("DROP SCHEMA t1 CASCADE; DROP SCHEMA t3 CASCADE; INSERT INTO tenancy.stage VALUES ('test', 'tenant', 't9', 'aaaa0002', 'up', 1, 'started', 'x', 'x', 1)");
        var history = await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.history");

        Assert.Equal(["t1", "t3", "t9"], (await project.FindAsync()).Select(static finding => finding.Name));
        var repaired = await project.RepairAsync();

        Assert.Equal(["t1 Orphan SchemaGone  Repaired", "t3 Orphan SchemaGone  Repaired", "t9 Orphan SchemaGone  Repaired"], repaired.Select(Show));
        Assert.Equal(["t2"], (await database.QueryAsync("SELECT schema FROM tenancy.head UNION SELECT schema FROM tenancy.tenant UNION SELECT schema FROM tenancy.stage")).Select(static row => row[0]));
        Assert.Equal(["t1 rows cleared", "t3 rows cleared", "t9 rows cleared"], await database.RepairsAsync());
        Assert.Equal(history + 3, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.history"));
        Assert.Empty(await project.FindAsync());
        Outcome.AssertMigrated(await project.CreateAsync(FleetProject.Tenants("t1")));
    }

    [Fact]
    public async Task A_head_that_another_needs_and_a_mark_of_what_is_applied_are_cleared()
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database);
        await database.ExecuteAsync("""
            INSERT INTO tenancy.head SELECT fleet, scope, schema, 'aaaa0001', schema_oid FROM tenancy.head WHERE schema = 't1';
            INSERT INTO tenancy.stage SELECT fleet, scope, schema, revision, 'up', 1, 'started', 'x', 'x', schema_oid FROM tenancy.head WHERE schema = 't2';
            """);
        Assert.All(await project.MigrateAsync(FleetProject.Tenants("t1", "t2")), static result => Assert.NotNull(result.Failure));

        Assert.Equal(["t1 Orphan OverlappingHead aaaa0001 Repaired", "t2 Orphan StaleMark aaaa0002 Repaired"], (await project.RepairAsync()).Select(Show));

        Assert.Equal(["t1 aaaa0001 row cleared", "t2 aaaa0002 mark cleared"], await database.RepairsAsync());
        Assert.All(await project.MigrateAsync(FleetProject.Tenants("t1", "t2")), static result => Assert.Equal(MigrationStatus.UpToDate, result.Status));
    }

    [Fact]
    public async Task What_cannot_be_mended_says_what_to_do()
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database);
        await database.ExecuteAsync("DROP SCHEMA t1 CASCADE; CREATE SCHEMA t1; UPDATE tenancy.head SET revision = 'ffff0001' WHERE schema = 't2'");
        var before = await database.DumpAsync();

        var repaired = await project.RepairAsync();

        Assert.Equal(["t1 Orphan Recreated  Manual", "t2 Orphan UnknownRevision ffff0001 Manual"], repaired.Select(Show));
        Assert.All(repaired, static finding => Assert.Contains("Set-TenantRevision", finding.Action, StringComparison.Ordinal));
        Assert.Equal(before, await database.DumpAsync());
    }

    [Fact]
    public async Task Only_the_kinds_asked_for_are_looked_for()
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database);
        project.With("2", Changed);
        await database.ExecuteAsync("DROP SCHEMA t1 CASCADE");

        Assert.Equal(["t1 Orphan SchemaGone  Found"], (await project.FindAsync(request: new() { Kinds = RepairKind.Orphan })).Select(Show));
        Assert.Equal(["t2 Checksum ChecksumMismatch aaaa0002 Found"], (await project.FindAsync(request: new() { Kinds = RepairKind.Checksum })).Select(Show));
        Assert.Empty(await project.FindAsync(request: new() { Kinds = RepairKind.Step }));
    }

    [Fact]
    public async Task Of_one_schema_only_what_was_agreed_to_is_mended()
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database);
        project.With("2", Changed);
        await database.ExecuteAsync("INSERT INTO tenancy.head SELECT fleet, scope, schema, 'aaaa0001', schema_oid FROM tenancy.head WHERE schema = 't1'");
        var found = await project.FindAsync(FleetProject.Tenants("t1"));
        Assert.Equal(["t1 Orphan OverlappingHead aaaa0001 Found", "t1 Checksum ChecksumMismatch aaaa0002 Found"], found.Select(Show));

        Assert.Equal(["t1 Orphan OverlappingHead aaaa0001 Repaired"], (await project.RepairAsync(found[..1])).Select(Show));

        Assert.Equal(["t1 Checksum ChecksumMismatch aaaa0002 Found"], (await project.FindAsync(FleetProject.Tenants("t1"))).Select(Show));
        Assert.Equal(["t1 aaaa0001 row cleared"], await database.RepairsAsync());
    }

    [Fact]
    public async Task What_is_gone_under_the_lock_is_left_and_a_schema_in_use_is_waited_for()
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database, "fleet: test\ntimeouts: {tenant_lock: 300ms}");
        project.With("2", Changed);
        await database.ExecuteAsync("DROP SCHEMA t2 CASCADE");
        var found = await project.FindAsync();
        await database.ExecuteAsync("CREATE SCHEMA t2");
        project.With("2", Name);

        // Meanwhile the manifest was put back and the schema made again: nothing of it is mended.
        Assert.Equal(["t1 Checksum ChecksumMismatch aaaa0002 Gone", "t2 Orphan SchemaGone  Gone"], (await project.RepairAsync(found)).Select(Show));
        Assert.Empty(await database.RepairsAsync());

        project.With("2", Changed);
        await using (await database.HoldAsync("SELECT tenancy.try_lock_session('test', 'tenant', 't1')"))
        {
            var busy = Assert.Single(await project.RepairAsync(FleetProject.Tenants("t1")));
            Assert.Equal((RepairStatus.Failed, "TenantInUse"), (busy.Status, busy.Failure!.ErrorId));
        }

        Assert.Equal(RepairStatus.Repaired, Assert.Single(await project.RepairAsync(FleetProject.Tenants("t1"))).Status);
        await database.AssertNoLocksAsync();
    }

    [Fact]
    public async Task Two_repairs_at_once_mend_each_thing_once()
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database);
        project.With("2", Changed);
        var found = await project.FindAsync();

        var both = await Task.WhenAll(project.RepairAsync(found), project.RepairAsync(found));

        Assert.Equal(
            ["t1 Gone", "t1 Repaired", "t2 Gone", "t2 Repaired"], both.SelectMany(static findings => findings).Select(static finding => $"{finding.Name} {finding.Status}").Order());
        Assert.Equal(["t1 aaaa0002", "t2 aaaa0002"], (await database.RepairsAsync()).Order());
    }

    [Fact]
    public async Task The_shared_schema_is_mended_too_and_a_database_without_history_has_nothing_wrong()
    {
        await using var database = await CreateAsync();
        const string Shared = "revision: bbbb0001\nscope: shared\nup: [{create_table: {name: s, columns: [{name: id, type: int}]}}]";
        using var project = new FleetProject(database).With("1", Shared);
        var before = await database.DumpAsync();
        Assert.Empty(await project.FindAsync());
        Assert.Equal(before, await database.DumpAsync());
        await database.ExecuteAsync("CREATE SCHEMA shared");
        Outcome.AssertMigrated(await project.MigrateAsync([], new() { Scope = MigrationScope.Shared }));

        project.With("1", Shared.Replace("scope: shared", "scope: shared\ndescription: S", StringComparison.Ordinal));
        var repaired = Assert.Single(await project.RepairAsync());

        Assert.Equal(("shared", "shared", RepairStatus.Repaired), (repaired.Name, repaired.Scope, repaired.Status));
        Assert.Empty(await project.FindAsync());
    }

    private static string Show(RepairFinding finding) => $"{finding.Name} {finding.Kind} {finding.Problem} {finding.Revision} {finding.Status}";

    // Two tenants at aaaa0002.
    private static async Task<FleetProject> StartAsync(TestDatabase database, string text = "fleet: test")
    {
        var project = new FleetProject(database, text).With("1", Customer).With("2", Name);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1", "t2")));
        return project;
    }

    private static async Task<TestDatabase> CreateAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA t1; CREATE SCHEMA t2");
        return database;
    }
}
