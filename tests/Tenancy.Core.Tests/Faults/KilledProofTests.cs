using Tenancy.Core.Authoring.Autogenerate;
using Tenancy.Core.Tests.Authoring;
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
        await WaitAsync(async () => await database.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'tenancy %'") == 0);

        Assert.Equal(GeneratedMigrationStatus.Different, (await AutogenerateTests.GenerateAsync(project, "CREATE TYPE state AS ENUM ('open', 'done'); CREATE TABLE t (state state)", static request => request with { OnlyChecks = true })).Status);

        Assert.Equal(0, await database.ScalarAsync<long>(Scratch));
        Assert.Contains("was left by a run that died, and is dropped", project.Log.Text, StringComparison.Ordinal);
        Assert.Equal("{open}", await database.ScalarAsync<string>("SELECT enum_range(NULL::acme.state)::text"));
        Assert.EndsWith("tenancy.yaml", Assert.Single(Directory.GetFiles(project.Folder, "*.yaml", SearchOption.AllDirectories)), StringComparison.Ordinal);
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
