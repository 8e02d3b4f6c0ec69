using Npgsql;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>The message that a run begins with.</summary>
public sealed class OpeningTests
{
    [Fact]
    public async Task A_lock_on_the_history_is_waited_for_as_any_other_is()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {lock: 300ms}\nretries: {max: 50, pause: 100ms, longest_pause: 200ms}")
            .With("1", "revision: aaaa0001\nup:\n  - create_table: {name: a, columns: [{name: id, type: bigint}]}")
            .With("2", "revision: aaaa0002\nparent: aaaa0001\nup:\n  - create_table: {name: b, columns: [{name: id, type: bigint}]}");
        Tenant[] tenants = [new() { Name = "t1", Schema = "t1" }];
        await database.ExecuteAsync("CREATE SCHEMA t1");
        await project.MigrateAsync(tenants, new() { To = "aaaa0001" });

        await using var holder = new NpgsqlConnection(database.ConnectionString);
        await holder.OpenAsync();
        await using var transaction = await holder.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("LOCK tenancy.head", holder))
        {
            await hold.ExecuteNonQueryAsync();
        }

        var run = project.MigrateAsync(tenants);
        await UntilWaitingTwiceAsync(database);
        Assert.False(run.IsCompleted);
        await transaction.RollbackAsync();
        Assert.Equal(MigrationStatus.Migrated, Assert.Single(await run).Status);
    }

    // Two sessions' waits that began at different times: the first was given up.
    private static async Task UntilWaitingTwiceAsync(TestDatabase database)
    {
        HashSet<DateTime> seen = [];
        for (var deadline = DateTime.UtcNow.AddMinutes(2); seen.Count < 2; await Task.Delay(20))
        {
            Assert.True(DateTime.UtcNow < deadline, "The run did not wait twice.");
            if (await database.ScalarAsync<DateTime?>("SELECT min(a.query_start) FROM pg_stat_activity a WHERE a.datname = current_database() AND a.wait_event_type = 'Lock'") is { } start)
            {
                seen.Add(start);
            }
        }
    }
}
