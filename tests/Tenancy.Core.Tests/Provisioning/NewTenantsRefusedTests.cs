using Tenancy.Core.Planning;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Provisioning;

/// <summary>What keeps tenants from being made is said before a schema is there, and of each tenant; other databases go on.</summary>
public sealed class NewTenantsRefusedTests
{
    private const string Table = "revision: aaaa0001\nup:\n  - create_table: {name: item, columns: [{name: id, type: integer}]}\ndown: auto\n";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_target_that_is_none_leaves_no_schema(bool replays)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", Table);

        var error = await Assert.ThrowsAnyAsync<TenancyException>(() => CreateAsync(project, new() { To = "nowhere", ReplaysHistory = replays }, FleetProject.Tenants("t1", "t2")));

        Assert.Contains("'nowhere'", error.Message, StringComparison.Ordinal);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname IN ('t1', 't2')"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_argument_that_is_missing_leaves_no_schema(bool replays)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database).With("1", "revision: aaaa0001\narguments: {prefix: {type: text}}\nup:\n  - sql: \"CREATE TABLE tenant_schema.item (note text DEFAULT ${x.prefix})\"\ndown: {irreversible: no}\n");

        var error = await Assert.ThrowsAnyAsync<TenancyException>(() => CreateAsync(project, new() { ReplaysHistory = replays }, FleetProject.Tenants("t1", "t2")));

        Assert.Equal("MissingArgument", error.ErrorId);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname IN ('t1', 't2')"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_hook_that_fails_in_one_database_stops_no_other(bool replays)
    {
        await using var broken = await PostgresFixture.CreateDatabaseAsync();
        await using var other = await PostgresFixture.CreateDatabaseAsync();
        await broken.ExecuteAsync("CREATE SCHEMA shared");
        await other.ExecuteAsync("CREATE SCHEMA shared");
        using var project = new FleetProject(broken, $"fleet: test\nhooks: {{before_run: {{sql: \"SELECT 1 / (current_database() <> '{broken.Name}')::int\"}}}}").With("1", Table);

        var results = await CreateAsync(
            project,
            new() { ReplaysHistory = replays },
            [.. new[] { broken, other }.SelectMany(static database => new[] { "t1", "t2" }.Select(schema => new Tenant { Name = $"{database.Name} {schema}", Schema = schema, Database = database.Name }))]);

        Assert.Equal(4, results.Count);
        Assert.All(results.Where(result => result.Database == broken.Name), static result => Assert.Equal("HookFailed", result.Failure?.ErrorId));
        Outcome.AssertMigrated(results.Where(result => result.Database == other.Name));
        Assert.Equal(2L, await other.ScalarAsync<long>("SELECT count(*) FROM pg_tables WHERE tablename = 'item'"));
    }

    /// <summary>One that is not there, and one in which the server says no before a tenant is begun.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_database_that_cannot_be_worked_on_stops_no_other(bool replays)
    {
        await using var broken = await PostgresFixture.CreateDatabaseAsync();
        await using var other = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(broken, "fleet: test").With("1", Table);
        Outcome.AssertMigrated(await CreateAsync(project, new(), [.. FleetProject.Tenants("first")]));
        await broken.ExecuteAsync("ALTER TABLE tenancy.tenant RENAME COLUMN name TO lost");

        var results = await CreateAsync(
            project, new() { ReplaysHistory = replays }, [.. new[] { "not_there", broken.Name, other.Name }.Select(static database => new Tenant { Name = database, Schema = "t1", Database = database })]);

        Assert.Equal(["DatabaseNotFound", "HistoryFailed", null], results.OrderBy(result => result.Name == other.Name ? 2 : result.Name == broken.Name ? 1 : 0).Select(static result => result.Failure?.ErrorId));
        Outcome.AssertMigrated(results.Where(result => result.Name == other.Name));
    }

    private static async Task<List<MigrationResult>> CreateAsync(FleetProject project, MigrationRequest request, Tenant[] tenants)
    {
        await using var fleet = project.Open();
        return await fleet.CreateTenantsAsync(tenants, request, project.Log).ToListAsync();
    }
}
