using Tenancy.Core.Planning;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>What a revision requires before it, and verifies after.</summary>
public sealed class CheckTests
{
    [Theory]
    [InlineData("SELECT count(*) = 0 FROM tenant_schema.thing", true)]
    [InlineData("SELECT true; -- with a comment", true)]
    [InlineData("VALUES (true)", true)]
    [InlineData("WITH q AS (SELECT 1 AS one) SELECT one = 1 FROM q", true)]
    [InlineData("SELECT '${tenant.name}' = 't1' AND '${tenant.schema}' = ${tenant.name}", true)]
    [InlineData("SELECT false", false)]
    [InlineData("SELECT NULL", false)]
    [InlineData("SELECT true WHERE false", false)]
    [InlineData("SELECT count(*) > 0 FROM tenant_schema.thing", false)]
    public async Task A_requirement_holds_or_the_tenant_fails(string query, bool holds)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = Project(database, "requires", query);
        await database.ExecuteAsync("CREATE SCHEMA t1");

        var result = Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1")));

        await AssertAsync(database, result, holds, "RequirementNotMet");
    }

    [Theory]
    [InlineData("SELECT count(*) = 1 FROM tenant_schema.thing", true)]
    [InlineData("SELECT count(*) = 2 FROM tenant_schema.thing", false)]
    [InlineData("SELECT NULL::boolean", false)]
    public async Task A_verification_sees_what_was_done_or_undoes_it(string query, bool holds)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = Project(database, "verify", query);
        await database.ExecuteAsync("CREATE SCHEMA t1");

        var result = Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1")));

        await AssertAsync(database, result, holds, "VerificationFailed");
    }

    [Fact]
    public async Task A_requirement_may_only_warn()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = Project(database, "requires", "SELECT false\n    on_fail: warn");
        await database.ExecuteAsync("CREATE SCHEMA t1");

        var result = Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1")));

        await AssertAsync(database, result, holds: true, "");
        Assert.Contains("tenant 't1', revision aaaa0002: not as it should be", project.Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("requires")]
    [InlineData("verify")]
    public async Task A_check_that_cannot_be_asked_fails_the_tenant_alone(string kind)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = Project(database, kind, "SELECT value = 1 FROM tenant_schema.own");
        await database.ExecuteAsync("CREATE SCHEMA t1; CREATE SCHEMA t2; CREATE TABLE t2.own AS SELECT 1 AS value");

        var results = await project.MigrateAsync(FleetProject.Tenants("t1", "t2"));

        Assert.Equal([MigrationStatus.Failed, MigrationStatus.Migrated], results.Select(static result => result.Status));
        Assert.Equal("42P01", results[0].Failure!.SqlState);
        Assert.Equal("aaaa0002", results[0].Failure!.Revision);
        Assert.EndsWith("2.yaml", results[0].Failure!.Manifest, StringComparison.Ordinal);
        Assert.Equal(["aaaa0001"], results[0].To);
    }

    [Theory]
    [InlineData("requires")]
    [InlineData("verify")]
    public async Task A_check_stands_around_a_step_outside_a_transaction(string kind)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = Project(database, kind, "SELECT count(*) < 5 FROM tenant_schema.thing").With("3", $"""
            revision: aaaa0003
            parent: aaaa0002
            {kind}:
              - sql: SELECT count(*) = 1 FROM tenant_schema.thing
                message: not as it should be
            up:
              - create_index: {"{name: thing_idx, table: thing, columns: [id], concurrently: true}"}
            """);
        await database.ExecuteAsync("CREATE SCHEMA t1; CREATE SCHEMA t2");
        await project.MigrateAsync(FleetProject.Tenants("t1", "t2"), new() { To = "aaaa0002" });
        await database.ExecuteAsync("INSERT INTO t1.thing VALUES (2)");

        var results = await project.MigrateAsync(FleetProject.Tenants("t1", "t2"));

        Assert.Equal([kind == "requires" ? MigrationStatus.Failed : MigrationStatus.InProgress, MigrationStatus.Migrated], results.Select(static result => result.Status));
        Assert.Contains("not as it should be", results[0].Error, StringComparison.Ordinal);
        await database.ExecuteAsync("DELETE FROM t1.thing WHERE id = 2");
        var again = Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t1")));
        Assert.Null(again.Error);
        Assert.Equal(["aaaa0003"], again.To);
    }

    private static FleetProject Project(TestDatabase database, string kind, string query) => new FleetProject(database).With("1", """
        revision: aaaa0001
        up:
          - create_table: {name: thing, columns: [{name: id, type: integer}]}
        """).With("2", $"""
        revision: aaaa0002
        parent: aaaa0001
        {kind}:
          - sql: {(query.Contains("on_fail", StringComparison.Ordinal) || query.Contains('\n', StringComparison.Ordinal) ? query : "|\n      " + query)}
            message: not as it should be
        up:
          - sql: INSERT INTO tenant_schema.thing VALUES (1)
            undo: DELETE FROM tenant_schema.thing
        """);

    private static async Task AssertAsync(TestDatabase database, MigrationResult result, bool holds, string errorId)
    {
        Assert.Equal(holds ? null : errorId, result.Failure?.ErrorId);
        Assert.Equal(holds ? MigrationStatus.Migrated : MigrationStatus.Failed, result.Status);
        Assert.Equal([holds ? "aaaa0002" : "aaaa0001"], result.To);
        Assert.Equal(holds ? 1L : 0L, await database.ScalarAsync<long>("SELECT count(*) FROM t1.thing"));
        if (!holds)
        {
            Assert.Contains("not as it should be", result.Error, StringComparison.Ordinal);
            Assert.Contains("tenant 't1', revision aaaa0002", result.Error, StringComparison.Ordinal);
        }
    }
}
