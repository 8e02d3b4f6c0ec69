using System.Globalization;
using Npgsql;
using Xunit;

namespace Tenancy.Core.Tests.Execution;

/// <summary>Other sessions of a test's database: what they wait for, and sessions of the test's own that stand in the way.</summary>
internal static class Sessions
{
    private const string OfRunners = "datname = current_database() AND (application_name LIKE 'tenancy %' OR application_name = 'TenancyMigrate')";

    /// <summary>A session that a test holds something with; closing it lets go.</summary>
    internal static async Task<NpgsqlConnection> HoldAsync(this TestDatabase database, string sql, string name = "a test's holder")
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database.ConnectionString) { Pooling = false, ApplicationName = name }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    /// <summary>Waits until a query gives true.</summary>
    internal static async Task UntilAsync(this TestDatabase database, string condition)
    {
        var deadline = DateTime.UtcNow.AddSeconds(90);
        while (!await database.ScalarAsync<bool>(condition))
        {
            Assert.True(DateTime.UtcNow < deadline, "never came true: " + condition);
            await Task.Delay(20);
        }
    }

    /// <summary>Waits until a session other than the asking one waits in a statement like this; its process id.</summary>
    internal static async Task<int> UntilBlockedAsync(this TestDatabase database, string statement)
    {
        var from = $"FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active' AND wait_event_type = 'Lock' AND query LIKE '{statement}'";
        await database.UntilAsync($"SELECT EXISTS (SELECT {from})");
        return await database.ScalarAsync<int>($"SELECT pid {from} LIMIT 1");
    }

    internal static Task TerminateAsync(this TestDatabase database, int process) =>
        database.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"SELECT pg_terminate_backend({process}, 30000)"));

    /// <summary>Ends a random session of a run, where there is one.</summary>
    internal static Task TerminateRunnerAsync(this TestDatabase database) =>
        database.ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity WHERE {OfRunners} ORDER BY random() LIMIT 1) one");

    /// <summary>Waits until the sessions of killed runs are gone, and asserts that their locks are.</summary>
    internal static async Task AssertNobodyLeftAsync(this TestDatabase database)
    {
        await database.UntilAsync($"SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE {OfRunners})");
        await database.AssertNoLocksAsync();
    }

    internal static async Task AssertNoLocksAsync(this TestDatabase database)
    {
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"));
        Assert.Equal(0L, await database.ScalarAsync<long>($"SELECT count(*) FROM pg_stat_activity WHERE {OfRunners} AND xact_start IS NOT NULL"));
    }

    /// <summary>Writes the mark that a run which died within a step has left.</summary>
    internal static async Task MarkStartedAsync(this TestDatabase database, FleetProject project, string schema, string revision, int number = 1, string direction = "up")
    {
        await using var fleet = project.Open();
        var checksum = fleet.GetRevisions().Single(one => one.Id == revision).Checksum;
        await database.ExecuteAsync($"""
            INSERT INTO tenancy.stage (fleet, scope, schema, revision, direction, number, outcome, description, checksum, schema_oid)
            SELECT 'test', 'tenant', '{schema}', '{revision}', '{direction}', {number.ToString(CultureInfo.InvariantCulture)}, 'started', 'a step', '{checksum}', oid FROM pg_namespace WHERE nspname = '{schema}'
            """);
    }
}
