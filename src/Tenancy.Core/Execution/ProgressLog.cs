using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Tenants;

namespace Tenancy.Core.Execution;

/// <summary>Adds up how far a run is: what each database says of itself becomes what its server and the whole run have done.</summary>
internal sealed class ProgressLog : ForwardingLog
{
    private readonly object gate = new();
    private readonly Dictionary<string, ServerAddress> servers;
    private readonly Dictionary<string, int> done = new(StringComparer.Ordinal);
    private readonly Dictionary<ServerAddress, ProgressCount> counts;
    private ProgressCount run;

    /// <summary>A log in front of another.</summary>
    /// <param name="log">The other.</param>
    /// <param name="databases">All databases of the run.</param>
    public ProgressLog(IRunLog log, IReadOnlyList<DatabaseTenants> databases)
        : base(log)
    {
        servers = databases.ToDictionary(static database => database.Address.ToString(), static database => database.Address.Server, StringComparer.Ordinal);
        counts = databases.GroupBy(static database => database.Address.Server)
            .ToDictionary(static server => server.Key, static server => new ProgressCount(server.Key.ToString(), 0, server.Sum(static database => database.Tenants.Count)));
        run = new("", 0, databases.Sum(static database => database.Tenants.Count));
    }

    /// <inheritdoc/>
    public override void Progress(MigrationProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        lock (gate)
        {
            var more = Math.Max(0, progress.Done - done.GetValueOrDefault(progress.Database));
            done[progress.Database] = done.GetValueOrDefault(progress.Database) + more;
            var server = servers[progress.Database];
            counts[server] = counts[server] with { Done = counts[server].Done + more };
            run = run with { Done = run.Done + more };
            progress = progress with { Server = counts[server], Run = run };
        }

        Next.Progress(progress);
    }
}
