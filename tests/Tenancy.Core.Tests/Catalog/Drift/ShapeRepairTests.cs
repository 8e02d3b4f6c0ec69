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
        Assert.Equal(["t2", "t3"], text.Split('\n').Where(static line => line.StartsWith("#   ", StringComparison.Ordinal)).Select(static line => line.Split(' ')[3]));
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
    public async Task A_repair_is_for_the_schemas_that_had_drifted_as_they_were_whatever_they_are_called()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = await DriftProject.CreateAsync(database);
        string[] tenants = ["kept", "renamed", "taken", "mended", "other"];
        await project.MigrateAsync("head", tenants);
        foreach (var schema in tenants)
        {
            await database.ExecuteAsync($"ALTER TABLE {schema}.customer ADD COLUMN extra text DEFAULT 'drift'");
        }

        Assert.Single(await project.RepairAsync(tenants));
        // One is renamed, and another takes its name, in which the column is no drift; one is dropped and made again; one has other drift by now; one was mended by hand; what does not change a shape does not count.
        await database.ExecuteAsync("""
            ALTER SCHEMA renamed RENAME TO moved; UPDATE tenancy.head SET schema = 'moved' WHERE schema = 'renamed'; DELETE FROM tenancy.tenant WHERE schema = 'renamed';
            DROP SCHEMA taken CASCADE; DELETE FROM tenancy.head WHERE schema = 'taken'; DELETE FROM tenancy.tenant WHERE schema = 'taken';
            ALTER TABLE mended.customer DROP COLUMN extra; ALTER TABLE other.customer ALTER COLUMN extra SET DEFAULT 'wanted';
            INSERT INTO kept.customer (email) VALUES ('a@b'), ('c@d'); ANALYZE kept.customer; REINDEX TABLE kept.customer; SELECT nextval('kept.number')
            """);
        await database.ExecuteAsync("VACUUM FULL kept.customer");
        await project.MigrateAsync("aaaa0003", "taken", "renamed");
        await database.ExecuteAsync("ALTER TABLE taken.customer ADD COLUMN extra text DEFAULT 'drift'; ALTER TABLE renamed.customer ADD COLUMN extra text DEFAULT 'drift'");

        string[] now = ["kept", "moved", "taken", "mended", "other", "renamed"];
        var results = await project.MigrateAsync(FleetProject.Tenants(now));

        Assert.All(results, static result => Assert.Null(result.Error));
        Assert.Equal(
            ["kept run", "mended recorded", "moved run", "other recorded", "renamed recorded", "taken recorded"],
            results.Where(static result => result.Scope == "tenant").Select(static result => $"{result.Name} {(result.MarkedApplied.Length == 0 ? "run" : "recorded")}").Order(StringComparer.Ordinal));
        Assert.Equal("other renamed taken", await database.ScalarAsync<string>("SELECT string_agg(table_schema, ' ' ORDER BY table_schema) FROM information_schema.columns WHERE column_name = 'extra'"));
    }

    [Fact]
    public async Task On_another_server_a_schema_of_the_same_name_is_another()
    {
        await using var one = await PostgresFixture.CreateDatabaseAsync();
        using var project = await DriftProject.CreateAsync(one);
        await project.MigrateAsync("head", "t1");
        await one.ExecuteAsync("ALTER TABLE t1.customer ADD COLUMN extra text");
        Assert.Single(await project.RepairAsync("t1"));
        // A copy of the files would have the server's identifier; a database beside has other OIDs.
        await using var two = await PostgresFixture.CreateDatabaseAsync();
        await two.ExecuteAsync("CREATE SCHEMA shared");
        using var other = new FleetProject(two);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(project.Folder, "manifests")))
        {
            File.Copy(file, Path.Combine(other.Folder, "manifests", Path.GetFileName(file)));
        }

        await other.MigrateAsync("aaaa0003", "t1");
        await two.ExecuteAsync("ALTER TABLE t1.customer ADD COLUMN extra text");

        var result = Assert.Single(await other.MigrateAsync(FleetProject.Tenants("t1")));

        Assert.Single(result.MarkedApplied);
        Assert.Equal(1L, await two.ScalarAsync<long>("SELECT count(*) FROM information_schema.columns WHERE column_name = 'extra'"));
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
