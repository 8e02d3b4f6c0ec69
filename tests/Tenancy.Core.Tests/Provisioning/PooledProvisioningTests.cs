using Tenancy.Core.Tests.Execution;
using Tenancy.Core.Tests.Faults;
using Xunit;

namespace Tenancy.Core.Tests.Provisioning;

/// <summary>Tenants that are copied, renamed and removed behind PgBouncer in transaction mode.</summary>
public sealed class PooledProvisioningTests
{
    [SkippableFact]
    public async Task All_of_it_works_behind_a_pooler_and_leaves_no_session_state()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await using var pooler = await PgBouncerServer.StartAsync(database.Server, poolSize: 2);
        await database.ExecuteAsync("CREATE SCHEMA shared");
        using var project = ProvisioningProject.Create(database);
        project.Connection = database.Through(pooler.Port, null);
        Outcome.AssertMigrated(await project.CreateAsync(FleetProject.Tenants("first_one")));
        var expected = await ProvisioningProject.DumpWithoutNameAsync(database, "first_one");

        await using var fleet = project.Open();
        for (var number = 1; number <= 4; number++)
        {
            Outcome.AssertMigrated([await fleet.CopyTenantAsync(FleetProject.Tenants("first_one")[0], $"copy_{number}", null, withRows: true, project.Log)]);
            await fleet.RenameTenantAsync(FleetProject.Tenants($"copy_{number}")[0], $"renamed_{number}", $"renamed_{number}", project.Log);
            Assert.Equal(expected, await ProvisioningProject.DumpWithoutNameAsync(database, $"renamed_{number}"));
        }

        await fleet.RemoveTenantAsync(FleetProject.Tenants("renamed_1")[0], keepsSchema: false, project.Log);

        Assert.Equal("first_one, renamed_2, renamed_3, renamed_4", await database.ScalarAsync<string>("SELECT string_agg(schema, ', ' ORDER BY schema) FROM tenancy.tenant"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname LIKE 'tenancy\\_read\\_%'"));
        await database.AssertNoLocksAsync();
        await PgBouncerTests.AssertCleanAsync(database, pooler);
    }
}
