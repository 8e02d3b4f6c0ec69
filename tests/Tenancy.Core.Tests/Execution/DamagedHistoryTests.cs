using Tenancy.Core.Planning;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>A history schema that somebody breaks by hand in the middle of a run: the error says so, and blames nothing else.</summary>
public sealed class DamagedHistoryTests
{
    [Theory]
    [InlineData("ALTER TABLE tenancy.history RENAME TO elsewhere", "42P01")]
    [InlineData("ALTER TABLE tenancy.history RENAME COLUMN tool_version TO tool", "42703")]
    [InlineData("DO $$BEGIN EXECUTE 'DROP FUNCTION ' || (SELECT oid::regprocedure FROM pg_proc WHERE proname = 'record_revision'); END$$", "42883")]
    [InlineData("ALTER SCHEMA tenancy RENAME TO elsewhere", "3F000")]
    [InlineData("DELETE FROM tenancy.head", "TN005")]
    public async Task What_is_missing_is_told_as_the_history_s(string damage, string sqlState)
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA t1");
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {lock: 60s}").With("1", "revision: aaaa0001\ndown: {irreversible: a test}\nup: [{sql: CREATE TABLE tenant_schema.n1 ()}]").With("2", """
            revision: aaaa0002
            parent: aaaa0001
            up:
              - sql: SELECT pg_catalog.pg_advisory_xact_lock_shared(4242)
                undo: SELECT 1
            """);
        var gate = await database.HoldAsync("SELECT pg_advisory_lock(4242)");
        var run = project.MigrateAsync(FleetProject.Tenants("t1"), new() { Durability = Durability.Each });
        await database.UntilBlockedAsync("SELECT pg_catalog.pg_advisory_xact_lock_shared%");
        await database.ExecuteAsync(damage);
        await gate.DisposeAsync();

        var failure = Assert.Single(await run).Failure!;

        Assert.Equal(("HistoryFailed", sqlState), (failure.ErrorId, failure.SqlState));
        Assert.StartsWith("tenant 't1': the history schema tenancy could not be used: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Put it back", failure.RecommendedAction, StringComparison.Ordinal);
        Assert.DoesNotContain("event trigger", failure.RecommendedAction, StringComparison.Ordinal);
    }
}
