using System.Globalization;
using Tenancy.Core.Planning;
using Tenancy.Core.Tenants;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Whoever takes results slowly holds the work back by no more than he must.</summary>
public sealed class SlowTakerTests
{
    private const string Second = "revision: aaaa0002\nparent: aaaa0001\nup:\n  - add_column: {table: thing, name: note, type: text}\n";
    private const string Moved = "SELECT count(*) FROM tenancy.head WHERE revision = 'aaaa0002'";

    [Fact]
    public async Task Work_begins_before_the_results_of_those_with_nothing_to_do_are_taken()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var tenants = await CreateAsync(database, 60);
        using var project = new FleetProject(database).With("1", ManyDatabases.Thing).With("2", Second);
        Outcome.AssertMigrated(await project.MigrateAsync(tenants, new() { To = "aaaa0001" }));
        Outcome.AssertMigrated(await project.MigrateAsync(tenants[..30]));
        await using var fleet = project.Open();
        await using var results = fleet.MigrateAsync(tenants, new() { ThrottleLimit = 2 }, project.Log).GetAsyncEnumerator();

        Assert.True(await results.MoveNextAsync());
        await UntilMovedAsync(database, 31);

        // Nor does the work run away from him: two results that wait, two more that would be given, and what was taken.
        await Task.Delay(300);
        Assert.InRange(await database.ScalarAsync<long>(Moved), 31, 30 + 2 + 2 + 1);
        List<MigrationResult> all = [results.Current];
        while (await results.MoveNextAsync())
        {
            all.Add(results.Current);
        }

        Assert.Equal(tenants.Select(static tenant => tenant.Name), all.Select(static result => result.Name).Order(StringComparer.Ordinal));
        Assert.All(all, result => Assert.Equal(Array.FindIndex(tenants, tenant => tenant.Name == result.Name) < 30 ? MigrationStatus.UpToDate : MigrationStatus.Migrated, result.Status));
    }

    [Fact]
    public async Task One_at_a_time_keeps_the_order_and_begins_all_the_same()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        var tenants = await CreateAsync(database, 20);
        using var project = new FleetProject(database).With("1", ManyDatabases.Thing).With("2", Second);
        Outcome.AssertMigrated(await project.MigrateAsync(tenants, new() { To = "aaaa0001" }));
        Outcome.AssertMigrated(await project.MigrateAsync([.. tenants[..8], .. tenants[12..]]));
        await using var fleet = project.Open();
        await using var results = fleet.MigrateAsync(tenants, new() { ThrottleLimit = 1 }, project.Log).GetAsyncEnumerator();

        Assert.True(await results.MoveNextAsync());
        await UntilMovedAsync(database, 17);
        List<string> names = [results.Current.Name];
        while (await results.MoveNextAsync())
        {
            names.Add(results.Current.Name);
        }

        Assert.Equal(tenants.Select(static tenant => tenant.Name), names);
    }

    [Fact]
    public async Task Another_database_of_the_server_does_not_wait_for_the_results_of_one_with_nothing_to_do()
    {
        await using var databases = await ManyDatabases.CreateAsync(databases: 2, tenants: 10);
        using var project = databases.Project(ManyDatabases.Thing);
        var first = databases.Tenants.FindAll(tenant => tenant.Database == databases.All[0].Name);
        Outcome.AssertMigrated(await project.MigrateAsync(first));
        Outcome.AssertMigrated(await project.MigrateAsync(databases.Tenants.FindAll(tenant => tenant.Database == databases.All[1].Name), new() { To = "aaaa0001" }));
        project.With("2", Second);
        Outcome.AssertMigrated(await project.MigrateAsync(first));
        await using var fleet = project.Open();
        await using var results = fleet.MigrateAsync(databases.Tenants, new() { ThrottleLimit = 2, ServerThrottleLimit = 2 }, project.Log).GetAsyncEnumerator();

        Assert.True(await results.MoveNextAsync());
        await UntilMovedAsync(databases.All[1], 1);
        var all = 1;
        while (await results.MoveNextAsync())
        {
            all++;
        }

        Assert.Equal(databases.Tenants.Count, all);
    }

    private static async Task<Tenant[]> CreateAsync(TestDatabase database, int count)
    {
        string[] schemas = [.. Enumerable.Range(0, count).Select(static number => string.Create(CultureInfo.InvariantCulture, $"t{number:00}"))];
        await database.ExecuteAsync(string.Join("; ", schemas.Select(static schema => $"CREATE SCHEMA {schema}")));
        return FleetProject.Tenants(schemas);
    }

    private static async Task UntilMovedAsync(TestDatabase database, long count)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(90); await database.ScalarAsync<long>(Moved) < count; await Task.Delay(20))
        {
            Assert.True(DateTime.UtcNow < deadline, "no work was begun");
        }
    }
}
