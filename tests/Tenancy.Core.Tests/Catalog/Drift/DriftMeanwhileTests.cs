using Tenancy.Core.Tenants;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Catalog.Drift;

/// <summary>Comparisons beside runs, and with few rights.</summary>
public sealed class DriftMeanwhileTests
{
    [Fact]
    public async Task A_tenant_that_a_run_moves_meanwhile_has_never_drifted()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = await DriftProject.CreateAsync(database);
        for (var number = 4; number < 10; number++)
        {
            project.With($"{number}", $"revision: aaaa000{number}\nparent: aaaa000{number - 1}\nup:\n  - add_column: {{table: invoice, name: c{number}, type: int}}\n  - create_index: {{name: i{number}, table: invoice, columns: [c{number}], concurrently: true}}");
        }

        string[] tenants = [.. Enumerable.Range(1, 12).Select(static number => $"t{number}")];
        await project.MigrateAsync("aaaa0001", tenants);
        var run = project.MigrateAsync(FleetProject.Tenants(tenants), new() { ThrottleLimit = 2 });
        List<SchemaComparison> seen = [];
        do
        {
            seen.AddRange(await project.CompareAsync(tenants));
        }
        while (!run.IsCompleted);

        Assert.All(await run, static result => Assert.Null(result.Error));
        Assert.All(seen, static result => Assert.Contains(result.Status, new[] { SchemaComparisonStatus.Equal, SchemaComparisonStatus.InProgress, SchemaComparisonStatus.Changing }));
        Assert.All(await project.CompareAsync(tenants), static result => Assert.Equal(SchemaComparisonStatus.Equal, result.Status));
    }

    [Fact]
    public async Task What_a_role_may_not_read_is_no_drift()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = await DriftProject.CreateAsync(database);
        await project.MigrateAsync("head", "t1", "t2");
        var roles = await TestRoles.CreateAsync("reader");
        await database.ExecuteAsync($"""
            GRANT USAGE ON SCHEMA tenancy, t1 TO {roles["reader"]}; GRANT SELECT ON ALL TABLES IN SCHEMA tenancy TO {roles["reader"]}; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tenancy TO {roles["reader"]};
            """);
        project.Connection = project.Connection with { Username = roles["reader"] };

        // It may not make a scratch schema.
        Assert.Equal(["t1 Failed ReplayDenied", "t2 Failed SchemaDenied"], (await project.CompareAsync("t1", "t2")).Select(DriftProject.Describe));

        // Whose right to the one schema is part of that one's shape.
        Assert.Equal(["t1 Equal", "t2 Failed SchemaDenied"], (await project.CompareAsync(FleetProject.Tenants("t1", "t2"), new() { Reference = FleetProject.Tenants("t1")[0] })).Select(DriftProject.Describe));
    }

    [Fact]
    public async Task A_tenant_whose_tables_are_locked_holds_no_other_up()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = await DriftProject.CreateAsync(database);
        await project.MigrateAsync("head", "t1", "t2", "t3");
        await database.ExecuteAsync("DROP SEQUENCE t3.number");

        await using var connection = await database.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var command = connection.CreateCommand())
        {
            command.CommandText = "LOCK t1.customer, t1.invoice IN ACCESS EXCLUSIVE MODE";
            await command.ExecuteNonQueryAsync();
        }

        Assert.Equal(["t1 Failed LockTimeout", "t2 Equal", "t3 Drifted; sequence number is missing"], (await project.CompareAsync("t1", "t2", "t3")).Select(DriftProject.Describe).Order(StringComparer.Ordinal));
        await transaction.RollbackAsync();
        Assert.Equal(["t1 Equal"], (await project.CompareAsync("t1")).Select(DriftProject.Describe));
    }

    [Fact]
    public async Task A_locked_shared_table_is_waited_for_no_longer_than_by_a_run()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA shared");
        using var project = DriftProject.Write(new FleetProject(database, "fleet: test\ntimeouts: {lock: 300ms}"));
        await project.MigrateAsync("head", "t1");
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var command = connection.CreateCommand())
        {
            command.CommandText = "LOCK shared.country IN SHARE MODE";
            await command.ExecuteNonQueryAsync();
        }

        var result = Assert.Single(await project.CompareAsync("t1"));

        Assert.Equal("t1 Failed LockTimeout", DriftProject.Describe(result));
        Assert.Contains("Compare again", result.Failure!.RecommendedAction, StringComparison.Ordinal);
    }
}
