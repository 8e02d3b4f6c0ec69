using Tenancy.Model;

namespace Tenancy.Benchmarks;

/// <summary>A run over 2,000 tenants that have all they are to have, in a process that has run before: beside Alembic's loop. There is no floor: it would be one query.</summary>
internal static class NothingBenchmark
{
    // One run takes as long as some noise does; and the runtime compiles with care only what has run some thirty times.
    private const int RunsPerRound = 20;

    /// <summary>Runs it.</summary>
    public static async Task RunAsync(BenchmarkRun run)
    {
        var tenants = run.Scale(2_000);
        await using var server = await TenantServer.StartAsync();
        Console.WriteLine($"Nothing to do, PostgreSQL {server.Version}");
        var workload = Workload.Small;
        await workload.PrepareAsync(server, "small", tenants);
        await Engine.RunAsync(workload.Project, server.Settings("small"), tenants, new() { ThrottleLimit = 4 });
        using var loop = await AlembicLoop.CreateAsync(workload.Revisions);
        await server.ForEachAsync("small", tenants, "UPDATE tenant_schema.alembic_version SET version_num = '0011'");
        await server.AnalyzeAsync("small");
        var ours = (await Series.TakeInTurnAsync(run.Rounds * RunsPerRound, () => Engine.RunAsync(workload.Project, server.Settings("small"), tenants, new(), MigrationStatus.UpToDate)))[0];
        var peer = loop is null ? null : (await Series.TakeInTurnAsync(run.LoopRounds, () => loop.UpgradeAsync(server.Url("small"), tenants)))[0];
        run.Add(new(
            $"nothing to do, {tenants:N0} tenants, a warm process", ours.ToString(), "", peer?.ToString() ?? "not installed", BenchmarkRun.Faster(peer, ours), "100 x faster than the loop"));
    }
}
