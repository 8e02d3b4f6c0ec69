using System.Globalization;
using Tenancy.Core.Manifests;
using Tenancy.Core.Tenants;
using Tenancy.Core.Tests.Repairs;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Stamps and repairs go through what a migration goes through: locks, sessions that end, a COMMIT whose answer is lost.</summary>
public sealed class StampRetryTests
{
    private const string Patient = "fleet: test\ntimeouts: {lock: 500ms}\nretries: {max: 60, pause: 50ms, longest_pause: 200ms}";
    private const string Hasty = "fleet: test\ntimeouts: {lock: 1s}\nretries: {max: 1, pause: 50ms}";
    private const string One = "revision: aaaa0001\nup: [{create_table: {name: one, columns: [{name: id, type: integer}]}}]";
    private const string Changed = "revision: aaaa0001\ndescription: One\nup: [{create_table: {name: one, columns: [{name: id, type: integer}]}}]";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_lock_on_the_history_is_waited_for(bool isRepair)
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database, Patient, isRepair);
        var holder = await database.HoldAsync("BEGIN; LOCK TABLE tenancy.history IN SHARE MODE");

        var work = DoAsync(project, isRepair);
        await project.Log.UntilAsync("tried again");
        Assert.False(work.IsCompleted);
        await holder.DisposeAsync();

        Assert.Equal("done", await work);
        await AssertOnceAsync(database, isRepair);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_lock_that_stays_is_told_with_who_holds_it(bool isRepair)
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database, Hasty, isRepair);
        await using var holder = await database.HoldAsync("BEGIN; LOCK TABLE tenancy.history IN SHARE MODE", "a nightly job");

        var failure = await DoAsync(project, isRepair);

        Assert.Contains($"Blocked by process {holder.ProcessID.ToString(CultureInfo.InvariantCulture)} of postgres ('a nightly job', idle in transaction", failure, StringComparison.Ordinal);
        Assert.Contains("Tried 2 times.", failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_session_that_ends_is_no_failure(bool isRepair)
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database, Patient, isRepair);
        var holder = await database.HoldAsync("BEGIN; LOCK TABLE tenancy.history IN SHARE MODE");

        var work = DoAsync(project, isRepair);
        await database.TerminateAsync(await database.UntilBlockedAsync("%INSERT INTO%history (run%"));
        await holder.DisposeAsync();

        Assert.Equal("done", await work);
        await AssertOnceAsync(database, isRepair);
        await database.AssertNoLocksAsync();
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public async Task A_connection_lost_at_COMMIT_is_settled_by_history(bool isRepair, bool reachesServer)
    {
        await using var database = await CreateAsync();
        using var project = await StartAsync(database, Patient, isRepair);
        await using var proxy = new CuttingProxy(database, isRepair ? "'repair', $8" : "'stamp', 'done'", reachesServer);
        project.Connection = new ConnectionSettings { Host = "127.0.0.1", Port = proxy.Port, Database = database.Name, Username = "postgres" };

        Assert.Equal("done", await DoAsync(project, isRepair));

        Assert.Equal(1, proxy.Cuts);
        await AssertOnceAsync(database, isRepair);
        await database.AssertNoLocksAsync();
    }

    private static async Task<TestDatabase> CreateAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA t1");
        return database;
    }

    // With a history, and for a repair with something to repair.
    private static async Task<FleetProject> StartAsync(TestDatabase database, string project, bool isRepair)
    {
        var started = new FleetProject(database, project).With("1", One);
        await started.MigrateAsync(FleetProject.Tenants("t1"));
        if (isRepair)
        {
            return started.With("1", Changed);
        }

        Outcome.AssertMigrated(await started.UndoAsync(FleetProject.Tenants("t1")));
        return started;
    }

    // What went wrong, or "done".
    private static async Task<string> DoAsync(FleetProject project, bool isRepair)
    {
        if (isRepair)
        {
            var finding = Assert.Single(await project.RepairAsync(FleetProject.Tenants("t1")));
            return finding.Failure?.Message ?? (finding.Status == RepairStatus.Repaired ? "done" : finding.Status);
        }

        await using var fleet = project.Open();
        var result = Assert.Single(await fleet.StampAsync(FleetProject.Tenants("t1"), ["aaaa0001"], MigrationScope.Tenant, purges: false, plansOnly: false, project.Log).ToListAsync());
        return result.Failure?.Message ?? (result.Status == MigrationStatus.Migrated ? "done" : result.Status);
    }

    private static async Task AssertOnceAsync(TestDatabase database, bool isRepair) =>
        Assert.Equal(1L, await database.ScalarAsync<long>($"SELECT count(*) FROM tenancy.history WHERE direction = '{(isRepair ? "repair" : "stamp")}' AND outcome = 'done'"));
}
