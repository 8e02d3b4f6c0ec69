using Tenancy.Core.Planning;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Provisioning;

/// <summary>No two tenants of a fleet have the same name in one database, however they come.</summary>
public sealed class TakenNamesTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_name_that_another_tenant_has_is_refused_before_anything_is_touched(bool replays)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = Project(database);
        Outcome.AssertNoError(await project.CreateAsync([new() { Name = "acme", Schema = "one" }]));
        // What would be touched first: the shared schema, and hooks.
        project.With("0", "revision: 0000aaaa\nscope: shared\nup:\n  - create_table: {name: users, columns: [{name: id, type: integer}]}\ndown: auto\n");
        var before = await database.DumpAsync();

        var refused = Assert.Single(await CreateAsync(project, replays, new Tenant { Name = "acme", Schema = "two" }));

        Assert.Equal(("NameTaken", MigrationStatus.Failed), (refused.Failure!.ErrorId, refused.Status));
        Assert.Contains("in schema one", refused.Failure.Message, StringComparison.Ordinal);
        Assert.Equal(before, await database.DumpAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_name_twice_in_a_run_is_made_once_and_stops_no_other(bool replays)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = Project(database);

        var results = await CreateAsync(project, replays, new Tenant { Name = "acme", Schema = "one" }, new() { Name = "acme", Schema = "two" }, new() { Name = "globex", Schema = "three" });

        Assert.Equal("NameTaken", results.Single(static result => result.Schema == "two").Failure!.ErrorId);
        Outcome.AssertMigrated(results.Where(static result => result.Schema != "two"));
        Assert.Equal("one acme, three globex", await database.ScalarAsync<string>("SELECT string_agg(concat_ws(' ', schema, name), ', ' ORDER BY schema) FROM tenancy.tenant"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_many_runs_at_once_one_gives_the_name(bool replays)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = Project(database);
        Outcome.AssertNoError(await project.CreateAsync(FleetProject.Tenants("first")));

        var runs = await Task.WhenAll(Enumerable.Range(1, 6).Select(number => CreateAsync(project, replays, new Tenant { Name = "acme", Schema = $"s{number}" })));

        Assert.Single(runs, static run => run.Single(static result => result.Scope == "tenant").Failure is null);
        Assert.All(runs.SelectMany(static run => run).Where(static result => result.Failure is not null), static result => Assert.Equal("NameTaken", result.Failure!.ErrorId));
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 's_'"));
    }

    [Fact]
    public async Task A_copy_cannot_have_the_name_of_another_either()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = Project(database);
        Outcome.AssertNoError(await project.CreateAsync([new() { Name = "acme", Schema = "one" }, new() { Name = "globex", Schema = "two" }]));
        var before = await database.DumpAsync();
        await using var fleet = project.Open();

        var result = await fleet.CopyTenantAsync(new() { Name = "globex", Schema = "two" }, "acme", "three", withRows: false, project.Log);

        Assert.Equal("NameTaken", result.Failure?.ErrorId);
        Assert.Equal(before, await database.DumpAsync());
    }

    [Fact]
    public async Task A_schema_that_was_dropped_by_hand_can_be_made_anew_under_its_name()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = Project(database);
        Outcome.AssertNoError(await project.CreateAsync(FleetProject.Tenants("acme")));
        await database.ExecuteAsync("DROP SCHEMA acme CASCADE");

        Outcome.AssertMigrated(await CreateAsync(project, replays: false, FleetProject.Tenants("acme")));
    }

    private static FleetProject Project(TestDatabase database) =>
        new FleetProject(database).With("1", "revision: aaaa0001\nup:\n  - create_table: {name: item, columns: [{name: id, type: integer}]}\ndown: auto\n");

    private static async Task<List<MigrationResult>> CreateAsync(FleetProject project, bool replays, params Tenant[] tenants)
    {
        await using var fleet = project.Open();
        return await fleet.CreateTenantsAsync(tenants, new() { ReplaysHistory = replays }, project.Log).ToListAsync();
    }
}
