using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Faults;

/// <summary>The network cut at COMMIT, again and again: of revisions, stages, marks around a concurrent index, batches, and of the run's own rows.</summary>
public sealed class CutCommitTests
{
    private const int Tenants = 12;

    [SkippableTheory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public Task Whatever_COMMIT_is_cut_everything_is_done_once_and_the_results_say_so(bool reachesServer, bool isPooled) => Randomly.RunAsync(async random =>
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.CreateSchemasAsync(Tenants);
        await using var proxy = new CuttingProxy(database, "", reachesServer, passes: random.Next(3, 8), most: 25);
        await using var pooler = isPooled ? await PgBouncerServer.StartAsync(database.Server, proxy.Port, poolSize: 4) : null;
        using var project = new FleetProject(database.Through(pooler?.Port ?? proxy.Port, pooler is null ? null : proxy.Port), FaultFleet.Patient).WithEveryKind();

        var results = await project.MigrateAsync(FaultFleet.Tenants(Tenants), FaultFleet.Four);

        Assert.InRange(proxy.Cuts, 10, 25);
        Outcome.AssertMigrated(results);
        string[] all = [.. Enumerable.Range(1, 6).Select(FaultFleet.Id)];
        Assert.All(results.Where(static result => result.Scope == "tenant"), result => Assert.Equal(all, result.Revisions));
        Assert.Equal(["5a000001", "5a000002"], results.Single(static result => result.Scope == "shared").Revisions);
        Assert.All(results, static result => Assert.True(result.Durable));
        await database.AssertQuietAsync();
        await database.AssertStandingAsync(project, FaultFleet.Schemas(Tenants));
        await database.AssertFinishesAsync(project, Tenants);
    });
}
