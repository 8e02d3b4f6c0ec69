using System.Globalization;
using Tenancy.Core.Planning;
using Tenancy.Core.Policies;
using Tenancy.Core.Tenants;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Policies;

/// <summary>How many tenants may fail before nothing new is started.</summary>
public sealed class FailureLimitTests
{
    private const string Thing = "revision: aaaa0001\nup:\n  - create_table: {name: thing, columns: [{name: id, type: integer}]}";

    [Theory]
    [InlineData("0", 0, 100, false)]
    [InlineData("0", 1, 100, true)]
    [InlineData("5", 5, 100, false)]
    [InlineData("5", 6, 100, true)]
    [InlineData("5%", 5, 100, false)]
    [InlineData("5%", 6, 100, true)]
    [InlineData("2.5 %", 3, 100, true)]
    [InlineData("10%", 1, 3, true)]
    [InlineData("100%", 3, 3, false)]
    public void One_more_than_may_fail_is_too_many(string limit, int failed, int total, bool isExceeded) =>
        Assert.Equal(isExceeded, FailureLimit.Parse(limit).IsExceeded(failed, total));

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("five")]
    [InlineData("101%")]
    [InlineData("%")]
    [InlineData("1.5")]
    [InlineData("NaN%")]
    public void What_is_no_limit_is_refused(string text) => Assert.Equal("InvalidFailureLimit", Assert.Throws<TenancyException>(() => FailureLimit.Parse(text)).ErrorId);

    [Fact]
    public async Task After_the_limit_nothing_new_starts_and_who_was_not_reached_can_be_run_again()
    {
        await using var database = await CreateAsync(10, broken: [1, 3, 5]);
        using var project = new FleetProject(database).With("1", Thing);

        var results = await project.MigrateAsync(Tenants(10), new() { MaxFailures = FailureLimit.Parse("1") });

        Assert.Equal(
            ["Migrated", "Failed", "Migrated", "Failed", "Incomplete", "Incomplete", "Incomplete", "Incomplete", "Incomplete", "Incomplete"], results.Select(static result => result.Status));
        Assert.All(results.Skip(4), static result => Assert.Equal("NotReached", result.Failure!.ErrorId));
        Assert.All(results.Skip(4), static result => Assert.Contains("the last was tenant 't3'", result.Error, StringComparison.Ordinal));
        Assert.Equal(2L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.head"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.history WHERE schema IN ('t4', 't5', 't6')"));

        await database.ExecuteAsync("DROP TABLE t1.thing; DROP TABLE t3.thing; DROP TABLE t5.thing");
        var again = await project.MigrateAsync([.. results.Where(static result => result.Status != MigrationStatus.Migrated).Select(static result => new Tenant { Name = result.Name, Schema = result.Schema })], new() { MaxFailures = FailureLimit.None });
        Outcome.AssertMigrated(again);
        Assert.Equal(8, again.Count);
    }

    [Theory]
    [InlineData("BEGIN; LOCK TABLE t0.old IN ACCESS SHARE MODE")]
    [InlineData("SELECT pg_advisory_lock(tenancy.lock_key('test', 'tenant', 't0'))")]
    public async Task Who_waited_is_not_tried_again_after_the_limit(string block)
    {
        await using var database = await CreateAsync(4, broken: [1]);
        await database.ExecuteAsync("CREATE TABLE t0.old (); CREATE TABLE t1.old (); CREATE TABLE t2.old (); CREATE TABLE t3.old ()");
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {lock: 300ms, tenant_lock: 1h}\nretries: {max: 100000, pause: 50ms, longest_pause: 100ms}")
            .With("1", Thing + "\n  - sql: ALTER TABLE tenant_schema.old ADD COLUMN more integer\n    undo: ALTER TABLE tenant_schema.old DROP COLUMN more");
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t3")));
        var holder = await database.HoldAsync(block);
        await using var fleet = project.Open();
        List<MigrationResult> results = [];
        await foreach (var result in fleet.MigrateAsync(Tenants(3), new() { MaxFailures = FailureLimit.None }, project.Log))
        {
            results.Add(result);
            await holder.DisposeAsync();
        }

        Assert.Equal(["t0 Incomplete", "t1 Failed", "t2 Incomplete"], results.Select(static result => $"{result.Name} {result.Status}").Order());
        var waited = results.Single(static result => result.Name == "t0").Failure!;
        Assert.Equal("NotReached", waited.ErrorId);
        Assert.Contains("was not tried again: 1 tenant of the run failed", waited.Message, StringComparison.Ordinal);
        Assert.Contains("It had waited", waited.Message, StringComparison.Ordinal);
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM tenancy.head"));
    }

    [Fact]
    public async Task A_percentage_is_of_all_tenants_of_the_run_and_what_runs_at_once_ends()
    {
        await using var database = await CreateAsync(40, broken: [.. Enumerable.Range(0, 40)]);
        using var project = new FleetProject(database).With("1", Thing);

        var results = await project.MigrateAsync(Tenants(40), new() { MaxFailures = FailureLimit.Parse("10%"), ThrottleLimit = 4 });

        Assert.Equal(40, results.Count);
        Assert.InRange(results.Count(static result => result.Status == MigrationStatus.Failed), 5, 8);
        Assert.All(results.Where(static result => result.Status != MigrationStatus.Failed), static result => Assert.Equal("NotReached", result.Failure!.ErrorId));
    }

    [Fact]
    public async Task Failures_of_all_databases_count_together_and_a_database_behind_the_limit_is_not_even_opened()
    {
        await using var first = await CreateAsync(2, broken: []);
        await using var second = await CreateAsync(2, broken: []);
        using var project = new FleetProject(first).With("1", Thing);
        Tenant[] tenants = [.. FleetProject.Tenants("gone1").Select(static tenant => tenant with { Database = "no_such_database" }), .. Tenants(2).Select(tenant => tenant with { Database = second.Name })];

        var results = await project.MigrateAsync(tenants, new() { MaxFailures = FailureLimit.None, ServerThrottleLimit = 1 });

        Assert.Equal(["Failed", "Incomplete", "Incomplete"], results.Select(static result => result.Status));
        Assert.Contains("no_such_database", results[1].Error, StringComparison.Ordinal);
        Assert.False(await second.ScalarAsync<bool>("SELECT to_regnamespace('tenancy') IS NOT NULL"));
    }

    [Fact]
    public async Task A_shared_revision_that_fails_is_a_failure_of_the_run()
    {
        await using var first = await CreateAsync(1, broken: []);
        await using var second = await CreateAsync(1, broken: []);
        await first.ExecuteAsync("CREATE SCHEMA shared; CREATE TABLE shared.users (id integer)");
        await second.ExecuteAsync("CREATE SCHEMA shared");
        using var project = new FleetProject(first).With("1", Thing).With("s", "revision: bbbb0001\nscope: shared\nup:\n  - create_table: {name: users, columns: [{name: id, type: integer}]}");

        var results = await project.MigrateAsync([Tenants(1)[0] with { Database = first.Name }, Tenants(1)[0] with { Database = second.Name }], new() { MaxFailures = FailureLimit.None, ServerThrottleLimit = 1 });

        Assert.Equal(["shared Failed", "tenant Incomplete", "tenant Incomplete"], results.Select(static result => $"{result.Scope} {result.Status}"));
        Assert.Equal(["SharedFailed", "NotReached"], results.Skip(1).Select(static result => result.Failure!.ErrorId));
        Assert.False(await second.ScalarAsync<bool>("SELECT to_regclass('shared.users') IS NOT NULL"));
    }

    [Fact]
    public async Task Who_has_nothing_to_do_is_up_to_date_whatever_the_limit()
    {
        await using var database = await CreateAsync(3, broken: []);
        using var project = new FleetProject(database).With("1", Thing);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("t2")));
        await database.ExecuteAsync("CREATE TABLE t0.thing (id integer)");

        var results = await project.MigrateAsync(Tenants(3), new() { MaxFailures = FailureLimit.None });

        Assert.Equal(["Failed", "Incomplete", "UpToDate"], results.Select(static result => result.Status));
    }

    [Fact]
    public async Task One_transaction_of_all_tenants_has_no_limits()
    {
        await using var database = await CreateAsync(1, broken: []);
        using var project = new FleetProject(database).With("1", Thing);
        foreach (var request in new MigrationRequest[]
        {
            new() { MaxFailures = FailureLimit.None }, new() { Until = DateTime.UtcNow.AddHours(1) }, new() { MaxReplicaLag = TimeSpan.FromSeconds(1) },
        })
        {
            var error = await Assert.ThrowsAsync<TenancyException>(() => project.MigrateAsync(Tenants(1), request with { Transaction = TransactionMode.AllTenants }));
            Assert.Equal("InvalidPolicy", error.ErrorId);
        }

        Assert.False(await database.ScalarAsync<bool>("SELECT to_regnamespace('tenancy') IS NOT NULL"));
    }

    internal static Tenant[] Tenants(int count) => FleetProject.Tenants([.. Enumerable.Range(0, count).Select(static number => $"t{number.ToString(CultureInfo.InvariantCulture)}")]);

    internal static async Task<TestDatabase> CreateAsync(int tenants, int[] broken)
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync(string.Join("; ", Tenants(tenants).Select(static tenant => $"CREATE SCHEMA {tenant.Schema}")));
        foreach (var number in broken)
        {
            await database.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"CREATE TABLE t{number}.thing (id integer)"));
        }

        return database;
    }
}
