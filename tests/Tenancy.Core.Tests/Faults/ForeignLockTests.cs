using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Faults;

/// <summary>Tenants that somebody holds for longer than all tries, each in another kind of step.</summary>
public sealed class ForeignLockTests
{
    private const int Tenants = 20;

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Held_tenants_stand_where_they_were_stopped_and_the_others_are_done(bool isPooled)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.CreateSchemasAsync(Tenants);
        await using var pooler = isPooled ? await PgBouncerServer.StartAsync(database.Server, poolSize: 8) : null;
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {lock: 2s, tenant_lock: 2s, concurrent_lock: 5s}\nretries: {max: 2, pause: 50ms}").WithEveryKind();
        project.Connection = pooler is null ? project.Connection : database.Through(pooler.Port, database.Server.Port);
        // While one waits for its table, a concurrent index holds a snapshot that all others wait for: so only one tenant has that step to come.
        Outcome.AssertNoError(await project.MigrateAsync(FleetProject.Tenants("t1"), FaultFleet.Four with { To = FaultFleet.Id(2) }));
        Outcome.AssertNoError(await project.MigrateAsync([.. FaultFleet.Tenants(Tenants).Where(static tenant => tenant.Schema != "t1")], FaultFleet.Four with { To = FaultFleet.Id(3) }));

        List<MigrationResult> results;
        await using (await database.HoldAsync("BEGIN; SELECT pg_advisory_lock(tenancy.lock_key('test', 'tenant', 't3')); UPDATE t2.item SET kind = 1 WHERE id = 30; LOCK TABLE t1.item IN SHARE ROW EXCLUSIVE MODE; LOCK TABLE t0.ledger IN SHARE MODE", "a nightly job"))
        {
            results = await project.MigrateAsync(FaultFleet.Tenants(Tenants), FaultFleet.Four);
        }

        FaultCheck.AssertExplained(results);
        Assert.Equal(
            [("t0", MigrationStatus.Failed, "LockTimeout", null), ("t1", MigrationStatus.InProgress, "LockTimeout", "fa000003 step 1"), ("t2", MigrationStatus.InProgress, "LockTimeout", "fa000005 step 2"), ("t3", MigrationStatus.Failed, "TenantInUse", null)],
            results.Where(static result => result.Failure is not null).OrderBy(static result => result.Name).Select(static result => (result.Name, result.Status, result.Failure!.ErrorId, result.Step?.Split(':')[0])));
        Assert.All(results.Where(static result => result.Failure?.ErrorId == "LockTimeout"), static result => Assert.Contains("('a nightly job'", result.Error, StringComparison.Ordinal));
        Assert.Contains("'a nightly job'", results.Single(static result => result.Name == "t3").Error, StringComparison.Ordinal);
        Outcome.AssertMigrated(results.Where(static result => result.Scope == "tenant" && result.Failure is null));
        Assert.Equal(MigrationStatus.WaitingForTenants, results.Single(static result => result.Scope == "shared").Status);
        await database.AssertQuietAsync();
        var standings = await database.AssertStandingAsync(project, FaultFleet.Schemas(Tenants));
        Assert.Equal([(3, 0, false), (2, 1, false), (4, 1, true), (3, 0, false)], standings.Take(4).Select(static one => (one.Head, one.Done, one.Started)));
        await database.AssertFinishesAsync(project, Tenants);
    }
}
