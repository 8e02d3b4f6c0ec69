using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Authoring;

/// <summary>What belongs to what <c>-Exclude</c> leaves out, and what only has its name.</summary>
public sealed class AutogenerateExcludeTests
{
    [Theory]
    [InlineData("search_path")]
    [InlineData("token")]
    public async Task Partitions_go_with_their_table(string mode)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("""
            CREATE SCHEMA acme; SET search_path = acme; CREATE TABLE t (a int);
            CREATE TABLE "Log" (id serial, day date, CHECK (id > 0)) PARTITION BY RANGE (day); CREATE INDEX ON "Log" (id);
            CREATE TABLE log_1 PARTITION OF "Log" FOR VALUES FROM ('2026-01-01') TO ('2026-02-01') PARTITION BY LIST (day); CREATE TABLE log_1_1 PARTITION OF log_1 DEFAULT;
            """);
        using var project = new FleetProject(database, $"fleet: test\nmode: {mode}");

        var result = await AutogenerateTests.GenerateAsync(project, "CREATE TABLE t (a int, b int)", request => request with { Excluded = ["table:Log"] });

        Assert.Equal("Create column t.b", Assert.Single(result.Changes).ToString());
        Assert.True(result.IsProved);
    }

    [Fact]
    public async Task A_table_of_the_same_name_stays()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA acme; SET search_path = acme; CREATE TABLE t (a int, b int); CREATE STATISTICS t ON a, b FROM t");
        using var project = new FleetProject(database);

        var result = await AutogenerateTests.GenerateAsync(project, "CREATE TABLE t (a int, b int, c int CHECK (c > 0))", request => request with { Excluded = ["statistics:t"] });

        Assert.Equal(["Create column t.c", "Create constraint t.t_c_check"], result.Changes.Select(static change => change.ToString()).Order(StringComparer.Ordinal));
        Assert.True(result.IsProved);
    }

    /// <summary>A database has an extension once: where it lies in the tenant, no copy can have it, and the error says so.</summary>
    [SkippableFact]
    public async Task An_extension_in_the_tenant_is_told()
    {
        Skip.IfNot((await PostgresFixture.ServerAsync()).HasExtension("citext"), "The server comes without citext.");
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA acme; CREATE EXTENSION citext SCHEMA acme; CREATE TABLE acme.t (a acme.citext)");
        using var project = new FleetProject(database);

        var error = await Assert.ThrowsAsync<TenancyException>(() => AutogenerateTests.GenerateAsync(project, "CREATE TABLE t (a text)"));

        Assert.Equal("CopyFailed", error.ErrorId);
        Assert.Contains("ALTER EXTENSION … SET SCHEMA", error.Message, StringComparison.Ordinal);
    }
}
