using Npgsql;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Faults;

/// <summary>Tenants whose schema somebody drops in the middle of a run: before its turn, and while it is worked on.</summary>
public sealed class DroppedSchemaTests
{
    private const int Tenants = 24;

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public Task A_dropped_tenant_says_so_the_others_go_on_and_it_can_be_forgotten(bool isPooled) => Randomly.RunAsync(async random =>
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.CreateSchemasAsync(Tenants);
        await using var pooler = isPooled ? await PgBouncerServer.StartAsync(database.Server, poolSize: 4) : null;
        using var project = new FleetProject(database, FaultFleet.Patient).WithEveryKind();
        project.Connection = pooler is null ? project.Connection : database.Through(pooler.Port, database.Server.Port);
        var tenants = FaultFleet.Tenants(Tenants);
        Outcome.AssertNoError(await project.MigrateAsync(tenants[..12], FaultFleet.Four with { To = FaultFleet.Id(2) }));

        var run = project.MigrateAsync(tenants, FaultFleet.Four);
        await project.Log.UntilAsync("up fa000003");
        List<string> dropped = [];
        foreach (var tenant in random.GetItems(tenants, 6).Distinct())
        {
            await DropAsync(database, tenant.Schema);
            dropped.Add(tenant.Schema);
            await Task.Delay(random.Next(60));
        }

        var results = await run;
        FaultCheck.AssertExplained(results);
        Assert.Equal(tenants.Length, results.Count(static result => result.Scope == "tenant"));
        Tenant[] left = [.. tenants.Where(tenant => !dropped.Contains(tenant.Schema))];
        Outcome.AssertMigrated(results.Where(result => result.Scope == "tenant" && !dropped.Contains(result.Schema)));
        // One that was done before it was dropped has nothing to say.
        Assert.All(results.Where(result => dropped.Contains(result.Schema) && result.Status != MigrationStatus.Migrated), static result => Assert.Matches("^(SchemaMissing|Recreated)$", result.Failure?.ErrorId));
        await database.AssertQuietAsync();
        await database.AssertStandingAsync(project, [.. left.Select(static tenant => tenant.Schema)]);

        // What the next run says of them is how to be rid of them.
        var again = (await project.MigrateAsync(tenants, FaultFleet.Four)).Where(static result => result.Scope == "tenant").ToList();
        Assert.Equal(dropped.Order(), again.Where(static result => result.Failure is not null).Select(static result => result.Schema).Order());
        Assert.All(again.Select(static result => result.Failure).OfType<MigrationFailure>(), static failure => Assert.Equal("SchemaMissing", failure.ErrorId));
        Assert.All(again.Select(static result => result.Failure).OfType<MigrationFailure>(), static failure => Assert.Contains("Remove-Tenant", failure.RecommendedAction, StringComparison.Ordinal));
        await using (var fleet = project.Open())
        {
            foreach (var tenant in tenants.Where(tenant => dropped.Contains(tenant.Schema)))
            {
                await fleet.RemoveTenantAsync(tenant, keepsSchema: false, project.Log);
            }
        }

        await database.AssertFinishesAsync(project, left);
        await database.ExecuteAsync(string.Join("; ", dropped.Select(static schema => "CREATE SCHEMA " + schema)));
        Outcome.AssertNoError(await project.MigrateAsync(tenants, FaultFleet.Four));
        Assert.Equal(Tenants, await database.ScalarAsync<long>($"SELECT count(*) FROM tenancy.head WHERE revision = '{FaultFleet.Id(6)}'"));
    });

    // It meets the run's locks, be it in a deadlock.
    private static async Task DropAsync(TestDatabase database, string schema)
    {
        while (true)
        {
            try
            {
                await database.ExecuteAsync($"DROP SCHEMA {schema} CASCADE");
                return;
            }
            catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.DeadlockDetected || error.MessageText == "tuple concurrently updated")
            {
                // Again.
            }
        }
    }
}
