using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Where tenants are, one by one and counted.</summary>
public sealed class RevisionReportTests
{
    private const string First = "revision: aaaa0001\nup: [{create_table: {name: a, columns: [{name: id, type: int}]}}]";
    private const string Second = "revision: aaaa0002\nparent: aaaa0001\nlabels: [left]\nup: [{create_table: {name: b, columns: [{name: id, type: int}]}}]";
    private const string Third = "revision: aaaa0003\nparent: aaaa0001\nlabels: [right]\nup: [{create_table: {name: c, columns: [{name: id, type: int}]}}]";
    private const string Shared = "revision: bbbb0001\nscope: shared\nup: [{create_table: {name: s, columns: [{name: id, type: int}]}}]";

    [Fact]
    public async Task A_database_without_history_has_all_at_base_and_stays_without()
    {
        await using var database = await CreateAsync("t1");
        using var project = Project(database);
        var before = await database.DumpAsync();

        var states = await ReadAsync(project, "t1", "t2");

        Assert.Equal(["t1 Behind 3", "t2 Missing ", "shared Behind 1"], states.Select(static state => $"{state.Name} {state.Status} {state.BehindBy}"));
        Assert.Equal(["aaaa0001", "aaaa0002", "aaaa0003"], states[0].Pending.Order());
        Assert.Equal(before, await database.DumpAsync());
    }

    [Fact]
    public async Task Heads_pending_and_what_no_manifest_has_are_told()
    {
        await using var database = await CreateAsync("t1", "t2", "t3", "t4");
        using var project = Project(database);
        await project.MigrateAsync(FleetProject.Tenants("t1", "t3", "t4"), new() { To = "heads" });
        await project.MigrateAsync(FleetProject.Tenants("t2"), new() { To = "left@head" });
        await database.ExecuteAsync("""
            UPDATE tenancy.head SET revision = 'ffff0001' WHERE schema = 't3' AND revision = 'aaaa0003';
            UPDATE tenancy.head SET revision = 'aaaa0001' WHERE schema = 't4' AND revision = 'aaaa0003';
            """);

        var states = (await ReadAsync(project, "t1", "t2", "t3", "t4")).ToDictionary(static state => state.Name);

        Assert.Equal(("AtHead", 0, 0), (states["t1"].Status, states["t1"].PendingCount, states["t1"].BehindBy));
        Assert.Equal(["aaaa0002", "aaaa0003"], states["t1"].Heads);
        Assert.Equal(("Behind", 1, 1), (states["t2"].Status, states["t2"].PendingCount, states["t2"].BehindBy));
        Assert.Equal(["aaaa0003"], states["t2"].Pending);
        Assert.Equal(("UnknownRevision", null), (states["t3"].Status, states["t3"].BehindBy));
        Assert.Equal(["ffff0001"], states["t3"].Unknown);
        Assert.Equal(("OverlappingHeads", null), (states["t4"].Status, states["t4"].BehindBy));
    }

    [Fact]
    public async Task A_revision_of_the_other_scope_and_a_step_that_no_manifest_has_are_unknown()
    {
        await using var database = await CreateAsync("t1", "t2");
        using var project = Project(database);
        await project.MigrateAsync(FleetProject.Tenants("t1", "t2"), new() { To = "aaaa0001" });
        await database.ExecuteAsync("""
            UPDATE tenancy.head SET revision = 'bbbb0001' WHERE schema = 't1';
            INSERT INTO tenancy.stage SELECT 'test', 'tenant', 't2', 'ffff0002', 'up', 1, 'started', 'VACUUM', 'x', oid FROM pg_namespace WHERE nspname = 't2';
            """);

        var states = await ReadAsync(project, "t1", "t2");

        Assert.Equal(["UnknownRevision bbbb0001", "UnknownRevision ffff0002"], states.Take(2).Select(static state => $"{state.Status} {state.Unknown.Single()}"));
    }

    [Fact]
    public async Task Tenants_are_counted_by_state()
    {
        var names = Enumerable.Range(10, 20).Select(static number => $"t{number}").ToArray();
        await using var database = await CreateAsync(names);
        using var project = Project(database);
        await project.MigrateAsync(FleetProject.Tenants(names[..12]), new() { To = "heads" });
        await project.MigrateAsync(FleetProject.Tenants(names[12..15]), new() { To = "left@head" });
        await database.ExecuteAsync("DROP SCHEMA t10 CASCADE; CREATE SCHEMA t10");

        await using var fleet = project.Open();
        var summary = await fleet.SummarizeRevisionsAsync(FleetProject.Tenants(names));

        Assert.Equal(
            ["tenant AtHead aaaa0002 aaaa0003 0 11 t11 t12 t13 t14 t15", "tenant Behind  3 5 t25 t26 t27 t28 t29", "tenant Behind aaaa0002 1 3 t22 t23 t24", "tenant Recreated aaaa0002 aaaa0003  1 t10", "shared AtHead bbbb0001 0 1 shared"],
            summary.Select(static group => $"{group.Scope} {group.Status} {string.Join(' ', group.Heads)} {group.BehindBy} {group.Count} {string.Join(' ', group.Names)}"));
    }

    private static FleetProject Project(TestDatabase database) => new FleetProject(database).With("1", First).With("2", Second).With("3", Third).With("4", Shared);

    private static async Task<List<TenantRevision>> ReadAsync(FleetProject project, params string[] schemas)
    {
        await using var fleet = project.Open();
        return await fleet.GetTenantRevisionsAsync(FleetProject.Tenants(schemas)).ToListAsync();
    }

    private static async Task<TestDatabase> CreateAsync(params string[] schemas)
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync(string.Join(';', schemas.Prepend("shared").Select(static schema => "CREATE SCHEMA " + schema)));
        return database;
    }
}
