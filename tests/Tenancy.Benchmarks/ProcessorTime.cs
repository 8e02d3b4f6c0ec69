using System.Diagnostics;

namespace Tenancy.Benchmarks;

/// <summary>Processor time of work on a server, which what the machine does besides lengthens little.</summary>
/// <param name="Client">That of this process, seconds.</param>
/// <param name="Server">That of the server's sessions, seconds; 0 where it cannot be read.</param>
internal sealed record ProcessorTime(double Client, double Server)
{
    /// <summary>Both, seconds.</summary>
    public double All => Client + Server;

    /// <summary>Does work on a database that nobody else uses.</summary>
    /// <param name="server">The server.</param>
    /// <param name="database">The database.</param>
    /// <param name="work">The work, which gives what it measures itself.</param>
    public static async Task<(T Result, ProcessorTime Time)> OfAsync<T>(TenantServer server, string database, Func<Task<T>> work)
    {
        using var process = Process.GetCurrentProcess();
        var (client, sessions) = (process.TotalProcessorTime.TotalSeconds, await server.ReadProcessorSecondsAsync());
        var result = await work();
        await server.WaitUntilLeftAsync(database);
        process.Refresh();
        return (result, new(process.TotalProcessorTime.TotalSeconds - client, await server.ReadProcessorSecondsAsync() - sessions));
    }
}
