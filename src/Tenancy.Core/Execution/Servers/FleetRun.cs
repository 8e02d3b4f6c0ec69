using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Policies;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Execution.Servers;

/// <summary>A run over the servers of a fleet, side by side. Gives one result a tenant, as each ends; what a server or a database does not allow is in the results of its tenants.</summary>
/// <param name="project">The project.</param>
/// <param name="graph">Its revisions.</param>
/// <param name="connector">Opens connections.</param>
/// <param name="request">What to do.</param>
/// <param name="log">Takes what the run says.</param>
/// <param name="gate">Stands before every start of work.</param>
/// <param name="durability">Makes what is committed durable when a server's work is over.</param>
internal sealed class FleetRun(TenancyProject project, RevisionGraph graph, DatabaseConnector connector, MigrationRequest request, IRunLog log, StartGate gate, RunDurability durability)
{
    // With eight connections each it is half of what a sandbox of Azure Automation has sockets for (1,000).
    private const int MostServers = 64;

    /// <summary>True where the run has no other database than the one: what is wrong with it is wrong with the run.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Runs.</summary>
    /// <param name="databases">The databases; those of a server are begun in their order.</param>
    /// <param name="cancellation">Cancels what is running; what is not committed is rolled back.</param>
    /// <exception cref="TenancyException">The only database cannot be worked on, and no result was given.</exception>
    public IAsyncEnumerable<MigrationResult> RunAsync(IReadOnlyList<DatabaseTenants> databases, CancellationToken cancellation)
    {
        var servers = databases.GroupBy(static database => database.Address.Server).ToList();
        log.Verbose($"Run {request.RunId}: tenants: {databases.Sum(static database => database.Tenants.Count)}, databases: {databases.Count}, servers: {servers.Count}.");
        return MergedWork.RunAsync<IGrouping<ServerAddress, DatabaseTenants>, MigrationResult>(
            servers,
            MostServers,
            (server, give, token) => new ServerRun(project, graph, connector, request, log, gate, durability, server.Key, [.. server]) { IsWhole = IsWhole }.RunAsync(give, token),
            cancellation);
    }
}
