using Npgsql;
using Tenancy.Core.Catalog.Drift;
using Tenancy.Core.Tenants;
using Tenancy.Core.Tests.Execution;
using Tenancy.Core.Tests.Faults;
using Tenancy.LocalPostgres;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Catalog.Drift;

/// <summary>Tenants compared on a hot standby, which takes no changes, so that nothing can be replayed there.</summary>
public sealed class StandbyDriftTests
{
    [SkippableFact]
    public async Task Shapes_are_compared_and_what_is_expected_comes_from_the_primary()
    {
        await using var primary = await LocalPostgresServer.StartAsync();
        Skip.IfNot(primary.CanMakeStandby, $"PostgreSQL {primary.Version} in {primary.BinDirectory} comes without pg_basebackup (Debian: install postgresql-client).");
        await using var standby = await primary.StartStandbyAsync();
        var database = await primary.CreateDatabaseAsync("app");
        await using var source = database.DataSource;
        using var project = await DriftProject.CreateAsync(database);
        await project.MigrateAsync("head", "t1", "t2", "t3");
        await project.MigrateAsync("aaaa0002", "behind");
        await database.ExecuteAsync("DROP SEQUENCE t3.number");
        var before = await database.DumpAsync();
        // A run that died has left it; it can be swept on the primary only.
        await database.ExecuteAsync("CREATE SCHEMA tenancy_scratch_00000000000000000000000000000001_proof");
        await CatchUpAsync(database, standby);
        string[] tenants = ["t1", "t2", "t3", "behind"];

        // By itself it knows what is alike, and not what is as it should be.
        project.Connection = database.Through(standby.Port);
        var alone = await project.CompareAsync(tenants);
        Assert.All(alone, static result => Assert.Equal(("Failed", "ReplayDenied"), (result.Status, result.Failure?.ErrorId)));
        Assert.Contains("is a standby", alone[0].Failure!.Message, StringComparison.Ordinal);
        Assert.Contains("-DirectServer", alone[0].Failure!.RecommendedAction, StringComparison.Ordinal);
        Assert.Contains("-Reference", alone[0].Failure!.RecommendedAction, StringComparison.Ordinal);
        Assert.DoesNotContain("could not be dropped", project.Log.Text, StringComparison.Ordinal);
        await using (var fleet = project.Open())
        {
            Assert.Equal(["2 t1 t2", "1 t3", "1 behind"], (await fleet.SummarizeSchemasAsync(FleetProject.Tenants(tenants), new(), project.Log)).Select(static shape => $"{shape.Count} {string.Join(' ', shape.Names)}"));
        }

        Assert.Equal(
            ["t1 Equal", "t2 Equal", "t3 Drifted; sequence number is missing", "behind OtherRevision; sequence number is missing"],
            (await project.CompareAsync(FleetProject.Tenants(tenants), new() { Reference = FleetProject.Tenants("t1")[0] })).Select(DriftProject.Describe));

        // With the primary at hand nothing is missing: tenants are read here, manifests are replayed there.
        project.Connection = database.Through(standby.Port, primary.Port);
        Assert.Equal(["t1 Equal", "t2 Equal", "t3 Drifted; sequence number is missing", "behind Equal"], (await project.CompareAsync(tenants)).Select(DriftProject.Describe));
        Assert.Equal("ServerIsStandby", (await Assert.ThrowsAsync<TenancyException>(() => project.RepairAsync("t1", "t3"))).ErrorId);

        // Where the direct server is a standby too.
        project.Connection = database.Through(standby.Port, standby.Port) with { DirectServer = $"localhost:{standby.Port}" };
        Assert.Equal("ReplayDenied", (await project.CompareAsync("t1"))[0].Failure?.ErrorId);
        Assert.Equal(before, await database.DumpAsync());
    }

    private static async Task CatchUpAsync(TestDatabase database, LocalPostgresServer standby)
    {
        var written = await database.ScalarAsync<string>("SELECT pg_current_wal_flush_lsn()::text");
        await using var follower = NpgsqlDataSource.Create(standby.ConnectionString());
        for (var end = DateTime.UtcNow + TimeSpan.FromMinutes(2); ; await Task.Delay(50))
        {
            await using var command = follower.CreateCommand($"SELECT coalesce(pg_last_wal_replay_lsn() >= '{written}', false)");
            if (await command.ExecuteScalarAsync() is true)
            {
                return;
            }

            Assert.True(DateTime.UtcNow < end, "The standby did not catch up.");
        }
    }
}
