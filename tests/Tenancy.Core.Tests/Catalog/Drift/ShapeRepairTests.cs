using Tenancy.Core.Catalog.Drift;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Catalog.Drift;

/// <summary>The manifests that bring drifted tenants back, and harm no other.</summary>
public sealed class ShapeRepairTests
{
    [Theory]
    [InlineData("search_path")]
    [InlineData("token")]
    public async Task Drifted_tenants_are_mended_and_others_only_record_it(string mode)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared");
        using var project = DriftProject.Write(new FleetProject(database, $"fleet: test\nmode: {mode}"));
        await project.MigrateAsync("head", "t1", "t2", "t3", "t4");
        await database.ExecuteAsync("""
            DROP INDEX t2.invoice_customer_idx; DROP INDEX t3.invoice_customer_idx; ALTER TABLE t2.customer ALTER COLUMN points SET DEFAULT 7; ALTER TABLE t3.customer ALTER COLUMN points SET DEFAULT 7;
            ALTER TABLE t4.customer ADD COLUMN extra text; ALTER TABLE t4.customer DROP CONSTRAINT customer_country_fkey; DROP SEQUENCE t4.number
            """);

        var paths = await project.RepairAsync("t1", "t2", "t3", "t4");

        Assert.Equal(2, paths.Count);
        var text = await File.ReadAllTextAsync(paths[0]);
        Assert.Contains($"('{database.Name}', 't2'), ('{database.Name}', 't3')", text, StringComparison.Ordinal);
        Assert.Contains("touches: [shared.country]", (await File.ReadAllTextAsync(paths[1])).Replace("shared_schema", "shared", StringComparison.Ordinal), StringComparison.Ordinal);
        await project.MigrateAsync("head", "t5");
        var results = await project.MigrateAsync(FleetProject.Tenants("t1", "t2", "t3", "t4"));
        Assert.All(results, static result => Assert.Null(result.Error));
        Assert.Equal(["t1 2", "t2 1", "t3 1", "t4 1"], results.Where(static result => result.Scope == "tenant").Select(static result => $"{result.Name} {result.MarkedApplied.Length}"));
        Assert.Equal(["t1 Equal", "t2 Equal", "t3 Equal", "t4 Equal", "t5 Equal"], (await project.CompareAsync("t1", "t2", "t3", "t4", "t5")).Select(DriftProject.Describe));

        // To undo a repair brings no drift back, and harms nobody.
        Assert.All(await project.UndoAsync(FleetProject.Tenants("t1", "t2", "t4"), "aaaa0003"), static result => Assert.Null(result.Error));
        Assert.Equal(["t1 Equal", "t2 Equal", "t4 Equal"], (await project.CompareAsync("t1", "t2", "t4")).Select(DriftProject.Describe));
    }

    [Fact]
    public async Task What_is_pending_comes_first()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = await DriftProject.CreateAsync(database);
        await project.MigrateAsync("aaaa0002", "t1");
        await database.ExecuteAsync("DROP INDEX t1.invoice_customer_idx");

        var error = await Assert.ThrowsAsync<TenancyException>(() => project.RepairAsync("t1"));

        Assert.Equal("SpecimenNotAtHead", error.ErrorId);
    }
}
