using System.Globalization;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Runs beside each other.</summary>
public sealed class TwoRunsTests
{
    [Fact]
    public async Task Two_processes_over_the_same_tenants_apply_each_revision_once()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database, Counted.Patient).WithCountedRevisions();
        string[] schemas = [.. Enumerable.Range(1, 22).Select(static number => string.Create(CultureInfo.InvariantCulture, $"t{number:00}"))];
        await database.ExecuteAsync(string.Join(';', schemas.Select(static schema => "CREATE SCHEMA " + schema)));

        // Neither finds a history schema, and one goes through the tenants from the other end.
        using var one = await Runner.StartAsync(project, schemas);
        using var other = await Runner.StartAsync(project, schemas.Reverse());
        one.Go();
        other.Go();
        var results = await Task.WhenAll(one.EndAsync(), other.EndAsync());

        foreach (var run in results)
        {
            Assert.All(run, static result => Assert.Null(result.Error));
            Assert.Equal(schemas.Length, run.Count);
            Assert.All(run, static result => Assert.Equal([Counted.Head], result.To));
            Assert.All(run, static result => Assert.Equal(result.Revisions.Length > 0, result.Status == MigrationStatus.Migrated));
        }

        // What both claim together was done once.
        Assert.Equal(5 * schemas.Length, results.Sum(static run => run.Sum(static result => result.Revisions.Length)));
        await database.AssertAtHeadOnceAsync(schemas);
        await database.AssertNobodyLeftAsync();
    }

    [Fact]
    public async Task Runs_that_find_no_history_schema_install_it_once()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database, Counted.Patient).WithCountedRevisions();
        string[] schemas = ["t1", "t2", "t3", "t4", "t5", "t6"];
        await database.ExecuteAsync(string.Join(';', schemas.Select(static schema => "CREATE SCHEMA " + schema)));

        var runs = await Task.WhenAll(schemas.Select(schema => Task.Run(() => project.MigrateAsync(FleetProject.Tenants(schema)))));

        Assert.All(runs, static run => Assert.Null(run.Single().Error));
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.installation"));
        await database.AssertAtHeadOnceAsync(schemas);
    }
}
