using System.Diagnostics;
using System.Globalization;
using Tenancy.Core.Tests.Execution;
using Tenancy.Core.Tests.Faults;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Provisioning;

/// <summary>Processes that make, copy, rename and remove a tenant, killed at random moments: all of it or nothing is there, or its name says what is left, and the next one finishes it.</summary>
public sealed class KilledProvisioningTests
{
    private const int Kills = 5;

    private const string Tables = """
        revision: aaaa0001
        data: true
        up:
          - sql: |
              CREATE TABLE tenant_schema.hub (id int PRIMARY KEY);
              DO $$ BEGIN FOR i IN 1 .. 60 LOOP
                EXECUTE format('CREATE TABLE many%s (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, hub int REFERENCES hub, note text DEFAULT %L)', i, 'x');
                EXECUTE format('INSERT INTO many%s (note) SELECT i::text FROM generate_series(1, 200) i', i);
              END LOOP; END $$;
        down: {irreversible: not of interest}
        """;

    [Theory]
    [InlineData("new")]
    [InlineData("copy")]
    [InlineData("rename")]
    [InlineData("remove")]
    public Task Whenever_it_is_killed_the_next_one_finishes(string work) => Randomly.RunAsync(async random =>
    {
        await using var server = await LocalPostgres.LocalPostgresServer.StartAsync(new() { Settings = new Dictionary<string, string> { ["max_locks_per_transaction"] = "30", ["max_connections"] = "20" } });
        var database = await OwnServer.CreateDatabaseAsync(server, "killed");
        await using var source = database.DataSource;
        using var project = new FleetProject(database).With("1", Tables);
        var whole = TimeSpan.FromSeconds(3);
        for (var killed = 0; killed < Kills;)
        {
            Outcome.AssertMigrated(await project.CreateAsync(FleetProject.Tenants("t1")));
            var before = await ShapeAsync(database, "t1");
            for (var isDone = false; !isDone && killed < Kills;)
            {
                using var runner = await Runner.StartAsync(project, work, "t1", "t2");
                var end = runner.Process.WaitForExitAsync();
                var clock = Stopwatch.StartNew();
                runner.Go();
                await Task.WhenAny(end, Task.Delay(whole * random.NextDouble()));
                isDone = runner.Process.HasExited;
                runner.Process.Kill();
                await end;
                if (isDone)
                {
                    Assert.Equal(0, runner.Process.ExitCode);
                    whole = clock.Elapsed;
                    break;
                }

                killed++;
                await database.AssertNobodyLeftAsync();
                await AssertWholeOrNamedAsync(database, project, work, before);
                isDone = work != "remove" && await ExistsAsync(database, "t2");
            }

            await FinishAsync(database, project, work, before);
        }
    });

    // Each schema is there with everything, its registration and its heads, or not at all; a removal may be half way, and says so.
    private static async Task AssertWholeOrNamedAsync(TestDatabase database, FleetProject project, string work, string before)
    {
        var schemas = new List<string>();
        foreach (var schema in new[] { "t1", "t2" })
        {
            if (await ExistsAsync(database, schema))
            {
                schemas.Add(schema);
            }
        }

        Assert.Equal(schemas, (await database.QueryAsync("SELECT schema FROM tenancy.tenant ORDER BY 1")).Select(static row => (string)row[0]!));
        Assert.True(work switch { "rename" => schemas.Count == 1, "remove" => !schemas.Contains("t2"), _ => schemas.Contains("t1") }, string.Join(", ", schemas));
        foreach (var schema in schemas)
        {
            await using var fleet = project.Open();
            var standing = (await fleet.GetTenantRevisionsAsync(FleetProject.Tenants(schema)).ToListAsync()).Single();
            if (work == "remove" && standing.Status == TenantRevisionStatus.InProgress)
            {
                Assert.StartsWith("removal, begun ", standing.Step, StringComparison.Ordinal);
            }
            else
            {
                Assert.Equal(TenantRevisionStatus.AtHead, standing.Status);
                Assert.Equal(before, await ShapeAsync(database, schema));
            }
        }

        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'tenancy\\_scratch\\_%'"));
    }

    private static async Task FinishAsync(TestDatabase database, FleetProject project, string work, string before)
    {
        await using var fleet = project.Open();
        var isMade = await ExistsAsync(database, "t2");
        if (work == "remove" ? await ExistsAsync(database, "t1") : !isMade)
        {
            await ProvisioningWork.RunAsync(fleet, work, "t1", "t2", project.Log);
        }

        if (work == "remove")
        {
            Assert.Equal(0L, await database.ScalarAsync<long>("SELECT (SELECT count(*) FROM pg_namespace WHERE nspname = 't1') + (SELECT count(*) FROM tenancy.tenant)"));
            return;
        }

        Assert.Equal(before, await ShapeAsync(database, "t2"));
        Assert.Equal(MigrationStatus.UpToDate, Assert.Single(await project.MigrateAsync(FleetProject.Tenants("t2"))).Status);
        foreach (var schema in work == "rename" ? ["t2"] : new[] { "t1", "t2" })
        {
            await fleet.RemoveTenantAsync(FleetProject.Tenants(schema)[0], keepsSchema: false, project.Log);
        }
    }

    private static Task<bool> ExistsAsync(TestDatabase database, string schema) => database.ScalarAsync<bool>($"SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = '{schema}')");

    // Relations, keys, rows.
    private static async Task<string> ShapeAsync(TestDatabase database, string schema)
    {
        var rows = string.Join(" + ", Enumerable.Range(1, 60).Select(number => string.Create(CultureInfo.InvariantCulture, $"(SELECT count(*) FROM {schema}.many{number})")));
        return string.Join(' ', (await database.QueryAsync($"""
            SELECT (SELECT count(*) FROM pg_class WHERE relnamespace = '{schema}'::regnamespace), (SELECT count(*) FROM pg_constraint WHERE connamespace = '{schema}'::regnamespace), {rows}
            """))[0]);
    }
}
