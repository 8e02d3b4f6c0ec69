using Npgsql;
using Tenancy.Core.Catalog.Drift;
using Tenancy.Core.Tenants;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Catalog.Drift;

/// <summary>Sessions that an administrator ends in the middle of a comparison.</summary>
public sealed class LostConnectionTests
{
    [Fact]
    public async Task What_reads_a_catalog_reads_again()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database);
        await using var connector = new DatabaseConnector(project.Connection);
        var tries = 0;

        var found = await CatalogTransaction.RunAsync(
            connector,
            connector.Default,
            async connection =>
            {
                await using var command = new NpgsqlCommand(++tries == 1 ? "SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(60)" : "SELECT 7", connection);
                return await command.ExecuteScalarAsync();
            },
            default);

        Assert.Equal(7, found);
        var failed = await Assert.ThrowsAsync<TenancyException>(() => CatalogTransaction.AgainAsync<int>(connector.Default, new() { Max = 0 }, static _ => throw new NpgsqlException("gone"), static _ => { }, default));
        Assert.Equal("ConnectionLost", failed.ErrorId);
        Assert.Contains("Run again", failed.RecommendedAction, StringComparison.Ordinal);
    }

    /// <summary>The first tenant has the first number, the replay that is ended the second.</summary>
    [Theory]
    [InlineData(5, "t1 Equal")]
    [InlineData(0, null)]
    public async Task A_replay_that_was_broken_off_is_done_again_and_says_nothing_of_the_manifests(int retries, string? expected)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("""
            CREATE SCHEMA shared; CREATE SEQUENCE shared.number;
            CREATE FUNCTION shared.count() RETURNS void LANGUAGE plpgsql AS $$BEGIN IF nextval('shared.number') = 2 THEN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(60); END IF; END$$
            """);
        using var project = new FleetProject(database, $"fleet: test\nretries: {{max: {retries}, pause: 100ms}}").With("1", """
            revision: aaaa0001
            touches: [shared.number]
            up:
              - sql: CREATE TABLE tenant_schema.t (id integer); SELECT shared.count()
                undo: DROP TABLE tenant_schema.t
            """);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants(await MakeAsync(database))));

        if (expected is not null)
        {
            Assert.Equal([expected], (await project.CompareAsync("t1")).Select(DriftProject.Describe));
            Assert.Contains("was lost", project.Log.Text, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal("ConnectionLost", (await Assert.ThrowsAsync<TenancyException>(() => project.CompareAsync("t1"))).ErrorId);
        }
    }

    private static async Task<string> MakeAsync(TestDatabase database)
    {
        await database.ExecuteAsync("CREATE SCHEMA t1");
        return "t1";
    }
}
