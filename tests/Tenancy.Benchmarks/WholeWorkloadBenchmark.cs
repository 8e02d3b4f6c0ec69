using Tenancy.Core.Planning;

namespace Tenancy.Benchmarks;

/// <summary>Ten revisions on 200 empty tenants, all of a tenant's in one transaction as the floor has them, and each in its own.</summary>
internal static class WholeWorkloadBenchmark
{
    private const int Connections = 4;

    /// <summary>Runs it.</summary>
    public static async Task RunAsync(BenchmarkRun run)
    {
        var tenants = run.Scale(200);
        await using var server = await TenantServer.StartAsync();
        Console.WriteLine($"Whole workload (ten revisions, 36 statements), PostgreSQL {server.Version}");
        var workload = Workload.Whole;
        await workload.PrepareAsync(server, "whole", tenants);
        await CompareAsync(server, workload);
        Side Ours(TransactionMode mode) => new(server, workload, "whole", copy => Engine.RunAsync(workload.Project, server.Settings(copy), tenants, new() { ThrottleLimit = Connections, Transaction = mode }));
        var (ours, each) = (Ours(TransactionMode.PerTenant), Ours(TransactionMode.PerRevision));
        var floor = new Side(server, workload, "whole", copy => Floor.RunAsync(server.EndPoint, copy, tenants, Connections, workload.FloorSql));
        var sides = await Series.TakeInTurnAsync(run.LoopRounds, ours.RunAsync, floor.RunAsync, each.RunAsync);
        using var loop = await AlembicLoop.CreateAsync(workload.Revisions);
        var peer = loop is null ? null : (await Series.TakeInTurnAsync(1, () => server.WithCopyAsync("whole", copy => loop.UpgradeAsync(server.Url(copy), tenants))))[0];
        Add("a transaction a tenant", sides[0], "1.1 x the floor");
        run.Add(ours.Beside(floor, tenants));
        Add("a transaction a revision", sides[2], "");
        run.Add(each.Beside(floor, tenants));
        void Add(string mode, Series ours, string toReach) => run.Add(new(
            $"whole workload, {tenants:N0} tenants, {Connections} connections, {mode}",
            ours.ToString(),
            sides[1].ToString(),
            peer?.ToString() ?? "not installed",
            ours.To(sides[1]).Text("0.00", " x the floor") + BenchmarkRun.Faster(peer, ours, "; "),
            toReach));
    }

    // The two sides are compared only where they do the same.
    private static async Task CompareAsync(TenantServer server, Workload workload)
    {
        var ours = await server.WithCopyAsync("whole", async copy =>
        {
            await Engine.RunAsync(workload.Project, server.Settings(copy), 1, new());
            return await FingerprintAsync(copy);
        });
        var floor = await server.WithCopyAsync("whole", async copy =>
        {
            await Floor.RunAsync(server.EndPoint, copy, 1, 1, workload.FloorSql);
            return await FingerprintAsync(copy);
        });
        if (ours.Except(floor).Concat(floor.Except(ours)).ToList() is { Count: > 0 } differences)
        {
            throw new InvalidOperationException($"The manifests and the SQL of {workload.Project} give different schemas:\n{string.Join('\n', differences)}");
        }

        Console.WriteLine($"  the same schema from manifests and from SQL: {ours.Count} properties compared");

        async Task<IReadOnlyList<string>> FingerprintAsync(string database)
        {
            using var sql = new StreamReader(typeof(WholeWorkloadBenchmark).Assembly.GetManifestResourceStream("Fingerprint.sql")!);
            return await server.QueryAsync(database, await sql.ReadToEndAsync(), TenantServer.Schema(0));
        }
    }
}
