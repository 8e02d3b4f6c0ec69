using Tenancy.Core.Tests.Execution;
using Tenancy.LocalPostgres;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Faults;

/// <summary>Disks that fill up in the middle of a run: a tablespace's, which the server survives, and the write-ahead log's, which it does not.</summary>
public sealed class FullDiskTests
{
    private const int Tenants = 20;

    // Two megabytes a tenant.
    private const string Large = """
        revision: fa000006
        parent: fa000005
        down: {irreversible: not of interest}
        up:
          - sql: INSERT INTO ledger VALUES ('6.1')
          - sql: CREATE TABLE large AS SELECT repeat(i::text, 500) AS text FROM generate_series(1000, 1999) i
        """;

    [SkippableFact]
    public async Task Tenants_for_whose_tables_there_is_no_room_fail_with_what_to_do()
    {
        await using var disk = await SmallDisk.MountAsync(20);
        await using var server = await LocalPostgresServer.StartAsync();
        var database = await server.CreateDatabaseAsync("small_disk");
        await using var source = database.DataSource;
        await database.CreateSchemasAsync(Tenants);
        using var project = new FleetProject(database, FaultFleet.Patient).WithEveryKind().With("6", Large);
        Outcome.AssertNoError(await project.MigrateAsync(FaultFleet.Tenants(Tenants), FaultFleet.Four with { To = FaultFleet.Id(1) }));
        await database.ExecuteAsync($"CREATE TABLESPACE small LOCATION '{disk.Folder}'");
        await database.ExecuteAsync("ALTER DATABASE small_disk SET default_tablespace = small");
        var start = await database.ScalarAsync<DateTime>("SELECT pg_postmaster_start_time()");

        var results = await project.MigrateAsync(FaultFleet.Tenants(Tenants), FaultFleet.Four);

        FaultCheck.AssertExplained(results);
        var failed = results.Where(static result => result.Failure is not null).ToList();
        Assert.InRange(failed.Count, 5, Tenants - 2);
        Assert.All(failed, static result => Assert.Equal(("DiskFull", "53100"), (result.Failure!.ErrorId, result.Failure.SqlState)));
        Assert.All(failed, static result => Assert.DoesNotContain("Tried", result.Error, StringComparison.Ordinal));
        Assert.Equal(start, await database.ScalarAsync<DateTime>("SELECT pg_postmaster_start_time()"));
        await database.AssertQuietAsync();
        var standings = await database.AssertStandingAsync(project, FaultFleet.Schemas(Tenants));
        Assert.Equal(failed.Count, standings.Count(static standing => !standing.IsAtHead));

        await disk.GrowAsync(200);
        await database.AssertFinishesAsync(project, Tenants);
    }

    [SkippableFact]
    public async Task A_server_without_room_for_its_log_crashes_and_the_next_run_finishes_when_there_is_some()
    {
        await using var disk = await SmallDisk.MountAsync(56);
        await using var server = await LocalPostgresServer.StartAsync(new() { Settings = new Dictionary<string, string> { ["min_wal_size"] = "32MB", ["max_wal_size"] = "64MB", ["checkpoint_timeout"] = "1h" } });
        await server.StopAsync();
        var log = Path.Combine(server.DataDirectory, "pg_wal");
        await SmallDisk.RunAsync("mv", log, disk.Folder);
        await SmallDisk.RunAsync("ln", "-s", Path.Combine(disk.Folder, "pg_wal"), log);
        await server.StartAgainAsync();
        var database = await server.CreateDatabaseAsync("small_log");
        await using var source = database.DataSource;
        await database.CreateSchemasAsync(Tenants);
        using var project = new FleetProject(database, "fleet: test\nretries: {max: 2, pause: 100ms}").WithEveryKind().With("6", Large.Replace("1999", "9999", StringComparison.Ordinal));

        List<MigrationResult> results = [];
        var error = await Record.ExceptionAsync(async () =>
        {
            await using var fleet = project.Open();
            await foreach (var result in fleet.MigrateAsync(FaultFleet.Tenants(Tenants), FaultFleet.Four, project.Log))
            {
                results.Add(result);
            }
        });

        Assert.Contains("No space left on device", await File.ReadAllTextAsync(server.LogFile), StringComparison.Ordinal);
        Assert.True(error is TenancyException, error?.ToString());
        FaultCheck.AssertExplained(results);
        await disk.GrowAsync(400);
        await Record.ExceptionAsync(() => server.StopAsync(StopMode.Immediate));
        await server.StartAgainAsync();
        source.Clear();
        await database.AssertQuietAsync();
        await database.AssertStandingAsync(project, FaultFleet.Schemas(Tenants));
        await database.AssertFinishesAsync(project, Tenants);
    }
}
