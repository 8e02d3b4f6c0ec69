using Tenancy.Core.Planning;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>What passes the proof in one transaction of three tenants, and what is found before it. See <see cref="AllTenantsPlacementProject"/>.</summary>
public sealed class AllTenantsPlacementTests
{
    [Theory]
    [InlineData("INSERT INTO shared.users VALUES (9)", "shared.users")]
    [InlineData("PERFORM count(*) FROM t1.customer, t3.customer, public.note", null)]
    [InlineData("CREATE TEMP TABLE scratch (id serial); INSERT INTO pg_temp.scratch DEFAULT VALUES", null)]
    [InlineData("DROP TABLE tenant_schema.customer CASCADE; DROP FUNCTION tenant_schema.greet(); DROP TYPE tenant_schema.mood", null)]
    [InlineData("INSERT INTO tenant_schema.customer SELECT n, repeat('x', 9000) FROM generate_series(5, 9) n; CLUSTER tenant_schema.customer USING customer_pkey", null)]
    public async Task What_stays_at_home_or_is_declared_passes(string sql, string? touches)
    {
        foreach (var mode in PlacementProject.Modes)
        {
            await using var database = await AllTenantsPlacementProject.CreateAsync();
            using var project = AllTenantsPlacementProject.Project(database, mode, sql, touches);

            Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants(AllTenantsPlacementProject.Schemas), new() { Transaction = TransactionMode.AllTenants }));
        }
    }

    [Fact]
    public async Task What_every_tenant_does_elsewhere_is_found_by_the_rehearsal()
    {
        await using var database = await AllTenantsPlacementProject.CreateAsync();
        using var project = new FleetProject(database).With("1", """
            revision: aaaa0001
            down: []
            up:
              - sql: INSERT INTO public.note VALUES (1)
            """);

        var results = await project.MigrateAsync(FleetProject.Tenants(AllTenantsPlacementProject.Schemas), new() { Transaction = TransactionMode.AllTenants });

        Assert.Equal([MigrationStatus.Failed, MigrationStatus.Incomplete, MigrationStatus.Incomplete], results.Select(static result => result.Status));
        Assert.Contains("public.note", results[0].Error, StringComparison.Ordinal);
        Assert.DoesNotContain("stays locked", project.Log.Text, StringComparison.Ordinal);
    }
}
