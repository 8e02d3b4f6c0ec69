using Tenancy.Core.Planning;
using Tenancy.Core.Tenants;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>A connection lost at COMMIT: history says whether it happened.</summary>
public sealed class LostCommitTests
{
    [Theory]
    [InlineData("CREATE SCHEMA IF NOT EXISTS", true, 0, TransactionMode.PerRevision)]
    [InlineData("CREATE SCHEMA IF NOT EXISTS", false, 0, TransactionMode.PerRevision)]
    [InlineData("record_revision($1", true, 0, TransactionMode.PerRevision)]
    [InlineData("record_revision($1", false, 0, TransactionMode.PerRevision)]
    [InlineData("record_revision($1", true, 0, TransactionMode.PerTenant)]
    [InlineData("record_revision($1", false, 0, TransactionMode.PerTenant)]
    [InlineData("record_revision($1", true, 2, TransactionMode.PerRevision)]
    [InlineData("record_revision($1", false, 3, TransactionMode.PerRevision)]
    [InlineData("record_stage($1", true, 0, TransactionMode.PerRevision)]
    [InlineData("record_stage($1", false, 0, TransactionMode.PerRevision)]
    [InlineData("record_stage($1", true, 1, TransactionMode.PerRevision)]
    [InlineData("record_stage($1", false, 1, TransactionMode.PerRevision)]
    [InlineData("record_stage($1", true, 2, TransactionMode.PerRevision)]
    [InlineData("record_stage($1", false, 2, TransactionMode.PerRevision)]
    public async Task The_run_goes_on_where_it_is_and_applies_everything_once(string marker, bool reachesServer, int passes, TransactionMode mode)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA t1; CREATE SCHEMA t2");
        await using var proxy = new CuttingProxy(database, marker, reachesServer, passes);
        using var project = new FleetProject(new ConnectionSettings { Host = "127.0.0.1", Port = proxy.Port, Database = database.Name, Username = "postgres" }, Counted.Patient).WithCountedRevisions();

        var results = await project.MigrateAsync(FleetProject.Tenants("t1", "t2"), new() { Transaction = mode });

        Assert.Equal(1, proxy.Cuts);
        Assert.All(results, static result => Assert.Null(result.Error));
        Assert.All(results, static result => Assert.Equal(MigrationStatus.Migrated, result.Status));
        Assert.All(results, static result => Assert.Equal(["f0000001", "f0000002", "f0000003", "f0000004", "f0000005"], result.Revisions));
        await database.AssertAtHeadOnceAsync(["t1", "t2"]);
        await database.AssertNoLocksAsync();
    }
}
