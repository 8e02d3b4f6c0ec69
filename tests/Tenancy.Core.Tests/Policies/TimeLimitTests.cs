using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Policies;

/// <summary>Nothing is started that would not end in time, as far as durations were measured.</summary>
public sealed class TimeLimitTests
{
    private const string Slow = """
        revision: aaaa0001
        up:
          - create_table: {name: thing, columns: [{name: id, type: integer}]}
          - sql: SELECT pg_sleep(3)
            undo: SELECT 1
        """;

    [Fact]
    public async Task What_the_first_took_says_whether_the_next_may_start()
    {
        await using var database = await FailureLimitTests.CreateAsync(6, broken: []);
        using var project = new FleetProject(database).With("1", Slow);

        // Each takes three seconds or more, so that four are begun in twelve at the most.
        var results = await project.MigrateAsync(FailureLimitTests.Tenants(6), new() { Until = DateTime.UtcNow.AddSeconds(12) });

        Assert.Equal(6, results.Count);
        Assert.Equal(MigrationStatus.Migrated, results[0].Status);
        var late = results.SkipWhile(static result => result.Status == MigrationStatus.Migrated).ToList();
        Assert.InRange(late.Count, 2, 5);
        Assert.All(late, static result => Assert.Equal(("Incomplete", "OutOfTime"), (result.Status, result.Failure!.ErrorId)));
        Assert.Equal(6L - late.Count, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.head"));
    }

    [Fact]
    public async Task Before_the_first_has_ended_history_says_how_long_it_takes()
    {
        await using var database = await FailureLimitTests.CreateAsync(3, broken: []);
        using var project = new FleetProject(database).With("1", Slow);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t0")));
        // On another day it took an hour.
        await database.ExecuteAsync("UPDATE tenancy.history SET seconds = 3600");

        var results = await project.MigrateAsync(FailureLimitTests.Tenants(3), new() { Until = DateTime.UtcNow.AddMinutes(30), ThrottleLimit = 2 });

        Assert.Equal(["Incomplete", "Incomplete", "UpToDate"], results.Select(static result => result.Status).Order());
        var late = results.First(static result => result.Failure is not null);
        Assert.Contains("it takes up to 3600 s", late.Error, StringComparison.Ordinal);
        Assert.Empty(late.To);
        Outcome.AssertNoError(await project.MigrateAsync(FailureLimitTests.Tenants(3), new() { Until = DateTime.UtcNow.AddHours(2) }));
    }

    [Fact]
    public async Task After_the_time_nothing_is_opened()
    {
        await using var database = await FailureLimitTests.CreateAsync(2, broken: []);
        using var project = new FleetProject(database).With("1", Slow);

        var results = await project.MigrateAsync(FailureLimitTests.Tenants(2), new() { Until = DateTime.UtcNow.AddSeconds(-1) });

        Assert.All(results, static result => Assert.Equal(("Incomplete", "OutOfTime"), (result.Status, result.Failure!.ErrorId)));
        Assert.False(await database.ScalarAsync<bool>("SELECT to_regnamespace('tenancy') IS NOT NULL"));
    }
}
