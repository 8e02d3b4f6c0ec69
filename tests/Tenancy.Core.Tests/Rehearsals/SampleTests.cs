using System.Globalization;
using Tenancy.Core.Planning;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Rehearsals;

/// <summary>Some tenants that stand for all.</summary>
public sealed class SampleTests
{
    [Fact]
    public async Task Every_plan_has_one_and_sizes_are_spread_and_the_choice_is_the_same_again()
    {
        string[] schemas = [.. Enumerable.Range(1, 12).Select(static number => string.Create(CultureInfo.InvariantCulture, $"t{number:00}"))];
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared; " + string.Join(' ', schemas.Select(static schema => $"CREATE SCHEMA {schema};")));
        using var project = new FleetProject(database).With("1", "revision: aaaa0001\nup:\n  - create_table: {name: note, columns: [{name: id, type: bigint}]}");
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants(schemas[..10])));
        await database.ExecuteAsync("INSERT INTO t03.note SELECT generate_series(1, 2000); INSERT INTO t07.note SELECT generate_series(1, 40000)");
        await database.ExecuteAsync("ANALYZE");
        project.With("2", "revision: aaaa0002\nparent: aaaa0001\nup:\n  - add_column: {table: note, name: text, type: text}");

        async Task<string[]> ChooseAsync(int size) => [.. (await project.RehearseAsync(database, schemas, sample: size)).Select(static result => result.Name).Order(StringComparer.Ordinal)];

        Assert.Single(await ChooseAsync(1));
        var four = await ChooseAsync(4);
        Assert.Equal(4, four.Length);
        Assert.Single(four, static name => name is "t11" or "t12");
        Assert.Contains("t07", four);
        Assert.Equal(four, await ChooseAsync(4));
        Assert.Equal(schemas, await ChooseAsync(100));
    }

    [Fact]
    public async Task An_estimate_is_near_what_the_run_takes_and_says_how_it_was_made()
    {
        string[] schemas = [.. Enumerable.Range(1, 30).Select(static number => string.Create(CultureInfo.InvariantCulture, $"t{number:00}"))];
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared; " + string.Join(' ', schemas.Select(static schema => $"CREATE SCHEMA {schema};")));
        using var project = new FleetProject(database).With("1", "revision: aaaa0001\nup:\n  - create_table: {name: note, columns: [{name: id, type: bigint}]}");
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants(schemas)));
        project.With("2", "revision: aaaa0002\nparent: aaaa0001\nup:\n  - add_column: {table: note, name: text, type: text}\n  - sql: SELECT pg_sleep(0.2)\n    undo: SELECT 1");
        await database.ExecuteAsync("ALTER TABLE t30.note ADD text int; INSERT INTO t01.note VALUES (1)");
        var before = await Rehearsing.DumpAsync(database);
        await using var fleet = project.Open();

        var estimate = await fleet.MeasureAsync(FleetProject.Tenants(schemas), new() { ThrottleLimit = 2 }, 7, project.Log);

        Assert.Equal(before, await Rehearsing.DumpAsync(database));
        Assert.Equal((30, 30, 7, 1, 2), (estimate.Tenants, estimate.Pending, estimate.Sampled, estimate.WouldFail, estimate.ThrottleLimit));
        var plan = Assert.Single(estimate.Plans);
        Assert.Equal(("aaaa0001 → aaaa0002", 30, 7), (plan.ToString(), plan.Tenants, plan.Sampled));
        Assert.True(plan.MedianSeconds >= 0.2);
        Assert.True(plan.MedianSeconds <= plan.MaxSeconds);
        Assert.True(estimate.Seconds >= 3);
        Assert.True(estimate.LowSeconds >= 3);
        Assert.True(estimate.LowSeconds <= estimate.Seconds && estimate.Seconds <= estimate.HighSeconds);
        Assert.Contains("the mean of 6 measured", plan.Method, StringComparison.Ordinal);
        Assert.Contains("2 at once", plan.Method, StringComparison.Ordinal);
        Assert.Equal("AccessExclusive note", $"{plan.Locks[0].Mode} {plan.Locks[0].Schema}{plan.Locks[0].Relation}");
        Assert.True(plan.Locks[0].Seconds >= 0.2);
        Assert.Equal(5, plan.Statements[0].Line);
        Assert.Equal("t30", Assert.Single(estimate.Rehearsals, static result => result.Failure is not null).Name);
    }

    [Fact]
    public async Task Time_that_grows_with_size_is_carried_over_to_tenants_outside_the_sample()
    {
        string[] schemas = [.. Enumerable.Range(1, 9).Select(static number => string.Create(CultureInfo.InvariantCulture, $"t{number}"))];
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared; " + string.Join(' ', schemas.Select(static schema => $"CREATE SCHEMA {schema};")));
        using var project = new FleetProject(database).With("1", "revision: aaaa0001\nup:\n  - create_table: {name: note, columns: [{name: id, type: bigint}]}");
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants(schemas)));
        await database.ExecuteAsync(string.Join(' ', schemas.Select(static (schema, index) => string.Create(CultureInfo.InvariantCulture, $"INSERT INTO {schema}.note SELECT generate_series(1, {(index + 1) * 40000});"))));
        await database.ExecuteAsync("ANALYZE");
        // The time is the size's, whatever else the machine does: a second for 1,000 pages.
        project.With("2", "revision: aaaa0002\nparent: aaaa0001\nup:\n  - sql: LOCK TABLE note; SELECT pg_sleep(pg_relation_size('${tenant.quoted}.note') / 8192 / 1000.0)\n    undo: SELECT 1");
        await using var fleet = project.Open();

        var estimate = await fleet.MeasureAsync(FleetProject.Tenants(schemas), new(), 3, project.Log);

        var plan = Assert.Single(estimate.Plans);
        Assert.Contains("s per GB of note", plan.Method, StringComparison.Ordinal);
        var pages = await database.ScalarAsync<double>("SELECT sum(relpages)::float8 FROM pg_class WHERE relname = 'note'");
        Assert.InRange(estimate.Seconds!.Value, pages / 1000 * 0.95, pages / 1000 * 1.5 + 3);
    }

    [Fact]
    public async Task A_fleet_with_nothing_to_do_takes_no_time()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA t1");
        using var project = new FleetProject(database).With("1", "revision: aaaa0001\nup:\n  - create_table: {name: note, columns: [{name: id, type: bigint}]}");
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t1")));
        await using var fleet = project.Open();

        var estimate = await fleet.MeasureAsync(FleetProject.Tenants("t1"), new(), 3, project.Log);

        Assert.Equal((1, 0, 0), (estimate.Tenants, estimate.Pending, estimate.Sampled));
        Assert.Equal(0, estimate.Seconds);
        Assert.Empty(estimate.Plans);
    }
}
