using Tenancy.Core.Tests.Execution;
using Tenancy.LocalPostgres;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Faults;

/// <summary>A server that crashes at a random moment of a run and comes back: what was committed without waiting for the disk may be lost, and nothing is half.</summary>
public sealed class CrashedServerTests
{
    private const int Tenants = 20;

    // What was not waited for is lost for certain: nothing writes it before the crash.
    private static readonly Dictionary<string, string> Settings = new() { ["wal_writer_delay"] = "10s", ["wal_writer_flush_after"] = "1GB", ["autovacuum"] = "off" };

    [SkippableTheory]
    [InlineData(6, false)]
    [InlineData(3, true)]
    public Task A_server_that_crashes_loses_no_more_than_whole_transactions(int crashes, bool isPooled) => Randomly.RunAsync(async random =>
    {
        await using var server = await LocalPostgresServer.StartAsync(new() { Settings = Settings });
        await using var pooler = isPooled ? await PgBouncerServer.StartAsync(server, poolSize: 4) : null;
        for (var crash = 0; crash < crashes; crash++)
        {
            var database = await server.CreateDatabaseAsync($"crash{crash}");
            await using var source = database.DataSource;
            await database.CreateSchemasAsync(Tenants);
            using var project = new FleetProject(database, FaultFleet.Patient).WithEveryKind();
            project.Connection = pooler is null ? project.Connection : database.Through(pooler.Port, server.Port);

            var run = RunAsync(project);
            await Task.WhenAny(run, Task.Delay(random.Next(1500)));
            await server.StopAsync(StopMode.Immediate);
            await Task.Delay(random.Next(500));
            await server.StartAgainAsync();
            var results = await run;

            source.Clear();
            await database.AssertQuietAsync();
            var standings = await database.AssertStandingAsync(project, FaultFleet.Schemas(Tenants));
            FaultCheck.AssertExplained(results);
            Assert.All(results.Where(static result => result is { Durable: true, Scope: "tenant", Status: MigrationStatus.Migrated }), result => Assert.True(standings.Single(one => one.Schema == result.Schema).IsAtHead));
            await database.AssertFinishesAsync(project, Tenants);
        }
    });

    private static async Task<List<MigrationResult>> RunAsync(FleetProject project)
    {
        List<MigrationResult> results = [];
        try
        {
            await using var fleet = project.Open();
            await foreach (var result in fleet.MigrateAsync(FaultFleet.Tenants(Tenants), FaultFleet.Four, project.Log))
            {
                results.Add(result);
            }
        }
        catch (TenancyException error)
        {
            // Before the first tenant, or after the last.
            Assert.Contains(error.ErrorId, (string[])["NotDurable", "ConnectionLost", "ConnectionFailed"]);
        }

        return results;
    }
}
