using System.Globalization;
using Tenancy.Core.Planning;
using Tenancy.Core.Tenants;

namespace Tenancy.Benchmarks;

/// <summary>Ten revisions on 20 empty tenants of a server that is 10 ms away, and how often a tenant waits for it.</summary>
internal static class RemoteBenchmark
{
    private const int Connections = 4;
    private const int Tenants = 20;

    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(10);

    /// <summary>Runs it.</summary>
    public static async Task RunAsync(BenchmarkRun run)
    {
        await using var server = await TenantServer.StartAsync();
        await using var proxy = new DelayProxy(server.EndPoint, RoundTrip);
        Console.WriteLine($"Whole workload over {RoundTrip.TotalMilliseconds} ms, PostgreSQL {server.Version}");
        var workload = Workload.Whole;
        await workload.PrepareAsync(server, "whole", Tenants);
        var sides = await Series.TakeInTurnAsync(
            run.Rounds,
            () => OursAsync(TransactionMode.PerTenant, Tenants),
            () => server.WithCopyAsync("whole", copy => Floor.RunAsync(proxy.EndPoint, copy, Tenants, Connections, workload.FloorSql)),
            () => OursAsync(TransactionMode.PerRevision, Tenants));
        using var loop = await AlembicLoop.CreateAsync(workload.Revisions);
        var peer = loop is null ? null : (await Series.TakeInTurnAsync(run.LoopRounds, () => server.WithCopyAsync("whole", copy => loop.UpgradeAsync(
            string.Create(CultureInfo.InvariantCulture, $"postgresql+psycopg2://postgres@{proxy.EndPoint}/{copy}?sslmode=disable&gssencmode=disable"), Tenants))))[0];
        await AddAsync("a transaction a tenant", TransactionMode.PerTenant, sides[0], "20 x faster than the loop; 2 round trips a tenant");
        await AddAsync("a transaction a revision", TransactionMode.PerRevision, sides[2], "");

        Task<double> OursAsync(TransactionMode mode, int tenants) =>
            Engine.RunOnCopyAsync(server, "whole", workload.Project, tenants, new() { ThrottleLimit = Connections, Transaction = mode }, Remote);

        ConnectionSettings Remote(string database) =>
            server.Settings(database) with { Host = proxy.EndPoint.Address.ToString(), Port = proxy.EndPoint.Port, SslMode = ConnectionSslMode.Disable };

        async Task<(int Flights, int Connections)> CountAsync(TransactionMode mode, int tenants)
        {
            proxy.Reset();
            await OursAsync(mode, tenants);
            return (proxy.Flights, proxy.Connections);
        }

        // What a run costs by itself is in both counts, and not in their difference.
        async Task AddAsync(string name, TransactionMode mode, Series ours, string toReach)
        {
            var half = await CountAsync(mode, Tenants / 2);
            var whole = await CountAsync(mode, Tenants);
            var each = (whole.Flights - half.Flights) / (Tenants / 2.0);
            run.Add(new(
                $"whole workload, {Tenants} tenants, {Connections} connections, {RoundTrip.TotalMilliseconds} ms round trip, {name}",
                ours.ToString(),
                sides[1].ToString(),
                peer?.ToString() ?? "not installed",
                string.Create(CultureInfo.InvariantCulture, $"{ours.To(sides[1]).Text("0.00", " x the floor")}{BenchmarkRun.Faster(peer, ours, "; ")}; {each:0.0} round trips a tenant and {whole.Flights - (each * Tenants):0} a run, {whole.Connections} connections opened"),
                toReach));
        }
    }
}
