namespace Tenancy.Benchmarks;

/// <summary>One of those who do the same work, each time on a copy of a database of its own, which stays (<see cref="TenantServer.CopyAsync"/>).</summary>
/// <param name="server">The server.</param>
/// <param name="workload">The work.</param>
/// <param name="template">The database; nobody may be connected to it.</param>
/// <param name="work">Does it on a copy, by its name, and gives what it measures.</param>
internal sealed class Side(TenantServer server, Workload workload, string template, Func<string, Task<double>> work)
{
    private readonly List<ProcessorTime> times = [];

    /// <summary>Does it once.</summary>
    public async Task<double> RunAsync()
    {
        var copy = await server.CopyAsync(template);
        await Engine.RestoreAsync(workload.Project, server.Settings(copy));
        var (measured, time) = await ProcessorTime.OfAsync(server, copy, () => work(copy));
        times.Add(time);
        return measured;
    }

    /// <summary>The processor time of each time, a tenant, beside another side's.</summary>
    /// <param name="floor">The other.</param>
    /// <param name="tenants">How many tenants.</param>
    public BenchmarkRow Beside(Side floor, int tenants) => new(
        "the same: processor time a tenant, the server's and the client's",
        Text(times, tenants),
        Text(floor.times, tenants),
        "",
        new Series([.. times.Select(static time => time.All)]).To(new([.. floor.times.Select(static time => time.All)])).Text("0.0", " x the floor"),
        "");

    private static string Text(IReadOnlyList<ProcessorTime> times, int tenants)
    {
        string Part(Func<ProcessorTime, double> seconds) => new Series([.. times.Select(time => seconds(time) / tenants * 1000)]).Text("0.00");
        return $"{Part(static time => time.Server)} and {Part(static time => time.Client)} ms";
    }
}
