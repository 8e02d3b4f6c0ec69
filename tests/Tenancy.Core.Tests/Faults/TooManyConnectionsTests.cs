using Npgsql;
using Tenancy.Core.Tests.Execution;
using Tenancy.LocalPostgres;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Faults;

/// <summary>A server most of whose connections others hold.</summary>
public sealed class TooManyConnectionsTests
{
    private const int Tenants = 20;

    [Fact]
    public async Task A_run_gets_through_with_fewer_connections_and_says_what_to_do_where_there_is_none()
    {
        await using var server = await LocalPostgresServer.StartAsync(new() { Settings = new Dictionary<string, string> { ["max_connections"] = "8", ["superuser_reserved_connections"] = "0", ["max_wal_senders"] = "0" } });
        var database = await server.CreateDatabaseAsync("few");
        await using var source = database.DataSource;
        await database.CreateSchemasAsync(Tenants);
        using var project = new FleetProject(database, FaultFleet.Patient).WithEveryKind();
        source.Clear();
        List<NpgsqlConnection> others = [];
        while (others.Count < 8)
        {
            others.Add(await database.HoldAsync("SELECT 1"));
        }

        var refused = await Assert.ThrowsAsync<TenancyException>(() => project.MigrateAsync(FaultFleet.Tenants(Tenants), FaultFleet.Four with { MaxRetries = 1 }));

        Assert.Equal("ConnectionFailed", refused.ErrorId);
        Assert.Contains("too many clients", refused.Message, StringComparison.Ordinal);
        Assert.Contains("max_connections", refused.RecommendedAction, StringComparison.Ordinal);

        foreach (var other in others[..2])
        {
            await other.DisposeAsync();
        }

        await UntilGoneAsync(others[2], 6);
        var results = await project.MigrateAsync(FaultFleet.Tenants(Tenants), FaultFleet.Four);

        Outcome.AssertMigrated(results);
        Assert.Contains("too many clients", project.Log.Text, StringComparison.Ordinal);
        foreach (var other in others[2..])
        {
            await other.DisposeAsync();
        }

        await database.AssertQuietAsync();
        await database.AssertFinishesAsync(project, Tenants);
    }

    // A session that was closed has its place in the server until its process has ended.
    private static async Task UntilGoneAsync(NpgsqlConnection other, int left)
    {
        await using var count = new NpgsqlCommand("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'", other);
        for (var deadline = DateTime.UtcNow.AddMinutes(2); (long)(await count.ExecuteScalarAsync())! > left; await Task.Delay(20))
        {
            Assert.True(DateTime.UtcNow < deadline, "The sessions did not end.");
        }
    }
}
