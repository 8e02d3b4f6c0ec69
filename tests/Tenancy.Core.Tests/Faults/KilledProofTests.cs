using Tenancy.Core.Authoring.Autogenerate;
using Tenancy.Core.Tests.Authoring;
using Tenancy.Core.Tests.Catalog.Drift;
using Tenancy.Core.Tests.Execution;
using Tenancy.Model;
using Xunit;

namespace Tenancy.Core.Tests.Faults;

/// <summary>A process that is killed while it proves a generated migration in a schema that is committed.</summary>
public sealed class KilledProofTests
{
    private const string Scratch = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'tenancy\\_scratch\\_%'";

    [SkippableFact]
    public async Task What_it_left_the_next_run_sweeps()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        Skip.If(database.Server.MajorVersion >= 17, "A new value of an enum may be used at once there, so nothing need be committed.");
        await database.ExecuteAsync("CREATE SCHEMA acme; CREATE TYPE acme.state AS ENUM ('open'); CREATE TABLE acme.t (state acme.state)");
        using var project = new FleetProject(database);
        var desired = Path.Combine(project.Folder, "desired.sql");
        // The view is made by the migration, so it is time to kill when the copy is there.
        await File.WriteAllTextAsync(desired, "CREATE TYPE state AS ENUM ('open', 'done'); CREATE TABLE t (state state DEFAULT 'done'); CREATE MATERIALIZED VIEW slow AS SELECT pg_sleep(4)::text AS slept, state FROM (VALUES ('done'::state)) v (state)");

        using (var runner = await Runner.StartAutogenerateAsync(project, desired))
        {
            runner.Go();
            await WaitAsync(async () => await database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname = 't' AND relnamespace::regnamespace::text LIKE 'tenancy\\_scratch\\_%'") == 1);
            runner.Process.Kill();
            await runner.Process.WaitForExitAsync();
            Assert.NotEqual(0, runner.Process.ExitCode);
        }

        Assert.Equal(1, await database.ScalarAsync<long>(Scratch));
        await WaitAsync(async () => await database.ScalarAsync<long>(Sessions) == 0);

        Assert.Equal(GeneratedMigrationStatus.Different, (await AutogenerateTests.GenerateAsync(project, "CREATE TYPE state AS ENUM ('open', 'done'); CREATE TABLE t (state state)", static request => request with { OnlyChecks = true })).Status);

        Assert.Equal(0, await database.ScalarAsync<long>(Scratch));
        Assert.Contains("was left by a run that died, and is dropped", project.Log.Text, StringComparison.Ordinal);
        Assert.Equal("{open}", await database.ScalarAsync<string>("SELECT enum_range(NULL::acme.state)::text"));
        Assert.EndsWith("tenancy.yaml", Assert.Single(Directory.GetFiles(project.Folder, "*.yaml", SearchOption.AllDirectories)), StringComparison.Ordinal);
    }

    /// <summary>The same of a repair: nothing of a tenant changed, no manifest, not a part of one; the next one sweeps it, and one that is at work is left alone.</summary>
    [SkippableFact]
    public async Task A_killed_repair_changes_nothing_and_the_next_one_sweeps_it()
    {
        await using var database = await PostgresFixture.CreateDatabaseAsync();
        Skip.If(database.Server.MajorVersion >= 17, "A new value of an enum may be used at once there, so nothing need be committed.");
        // Waits at the gate in a scratch schema that is committed, and nowhere else.
        await database.ExecuteAsync("""
            CREATE SCHEMA shared; CREATE TABLE shared.gate ();
            CREATE FUNCTION shared.wait() RETURNS integer LANGUAGE plpgsql AS $$BEGIN
                WHILE EXISTS (SELECT FROM shared.gate) AND EXISTS (SELECT FROM pg_namespace WHERE nspname = current_schema() AND nspname LIKE 'tenancy\_scratch\_%' AND xmin <> pg_current_xact_id()::xid) LOOP
                    PERFORM pg_sleep(0.05);
                END LOOP;
                RETURN 1;
            END$$
            """);
        using var project = new FleetProject(database, "fleet: test\ntimeouts: {statement: 3min}").With("1", """
            revision: aaaa0001
            up:
              - sql: |
                  CREATE TYPE tenant_schema.state AS ENUM ('open', 'done');
                  CREATE TABLE tenant_schema.t (state tenant_schema.state DEFAULT 'done');
                  CREATE MATERIALIZED VIEW tenant_schema.slow AS SELECT shared.wait() AS waited, 'done'::tenant_schema.state AS state;
            down: {irreversible: not of interest}
            """);
        await project.MigrateAsync("head", "acme");
        await database.ExecuteAsync("DROP MATERIALIZED VIEW acme.slow; DROP TABLE acme.t; DROP TYPE acme.state; CREATE TYPE acme.state AS ENUM ('open'); CREATE TABLE acme.t (state acme.state); INSERT INTO shared.gate DEFAULT VALUES");
        var before = await DatabaseDump.ReadAsync(database, "acme");

        using (var killed = await Runner.StartRepairAsync(project))
        {
            killed.Go();
            await WaitAsync(() => AtGateAsync(database, killed));
            killed.Process.Kill();
            await killed.Process.WaitForExitAsync();
        }

        var left = await ScratchAsync(database);
        await AssertNothingAsync(database, project, before);
        await WaitAsync(async () => await database.ScalarAsync<long>(Sessions) == 0);

        using (var next = await Runner.StartRepairAsync(project))
        {
            next.Go();
            await WaitAsync(() => AtGateAsync(database, next));
            var its = await ScratchAsync(database);
            Assert.NotEqual(left, its);
            await using (var scratch = new Catalog.Scratch.ScratchProject(database))
            {
                await (await Tenancy.Core.Catalog.Scratch.ScratchTransaction.BeginAsync(await scratch.RunAsync(), scratch.Address, default)).DisposeAsync();
            }

            Assert.Equal(its, await ScratchAsync(database));
            await AssertNothingAsync(database, project, before);
            await database.ExecuteAsync("DELETE FROM shared.gate");
            await next.Process.WaitForExitAsync();
            Assert.Equal(0, next.Process.ExitCode);
        }

        Assert.Equal(0, await database.ScalarAsync<long>(Scratch));
        Assert.Equal(before, await DatabaseDump.ReadAsync(database, "acme"));
        Assert.Equal(3, Files(project).Length);
        Outcome.AssertMigrated(await project.MigrateAsync(FleetProject.Tenants("acme")));
        Assert.Equal(["acme Equal"], (await project.CompareAsync("acme")).Select(DriftProject.Describe));
    }

    private const string Sessions = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'tenancy %'";

    private static async Task<bool> AtGateAsync(TestDatabase database, Runner runner)
    {
        Assert.False(runner.Process.HasExited);
        return await database.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'") == 1;
    }

    private static Task<string?> ScratchAsync(TestDatabase database) => database.ScalarAsync<string>("SELECT string_agg(nspname, ' ') FROM pg_namespace WHERE nspname LIKE 'tenancy\\_scratch\\_%'");

    private static string[] Files(FleetProject project) => Directory.GetFiles(project.Folder, "*", SearchOption.AllDirectories);

    private static async Task AssertNothingAsync(TestDatabase database, FleetProject project, string before)
    {
        Assert.Equal(before, await DatabaseDump.ReadAsync(database, "acme"));
        Assert.Equal(2, Files(project).Length);
    }

    private static async Task WaitAsync(Func<Task<bool>> condition)
    {
        for (var end = DateTime.UtcNow + TimeSpan.FromMinutes(3); !await condition();)
        {
            Assert.True(DateTime.UtcNow < end, "It took too long.");
            await Task.Delay(50);
        }
    }
}
