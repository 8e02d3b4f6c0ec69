using System.Collections.Immutable;
using Npgsql;
using Tenancy.Core.Planning;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Execution.Servers;

/// <summary>Decides how many connections a run uses on one server: what the user says, and where nothing is said, what the server can take. <c>docs/fleets.md</c> has the rule.</summary>
/// <param name="connector">Opens connections.</param>
/// <param name="request">What the user says; a limit of 0 is not said.</param>
/// <param name="log">Is told what is chosen, and why.</param>
/// <param name="server">The server.</param>
internal sealed class ConnectionChoice(DatabaseConnector connector, MigrationRequest request, IRunLog log, ServerAddress server)
{
    // The cores of a server elsewhere cannot be asked for in SQL. A small revision takes it 1 to 2 ms and as many round trips: eight keep two to four cores busy.
    private const int Elsewhere = 8;

    // A pooler has 20 connections to the server for all its clients (PgBouncer, default_pool_size).
    private const int BehindPooler = 4;

    private const int MostHere = 16;

    /// <summary>Decides.</summary>
    /// <param name="databases">The server's databases.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException">The only one of them cannot be connected to.</exception>
    public async Task<ConnectionLimits> DecideAsync(ImmutableArray<DatabaseTenants> databases, CancellationToken cancellation)
    {
        var (database, all) = (request.ThrottleLimit, request.ServerThrottleLimit);
        var most = databases.Sum(static database => Math.Max(1, database.Tenants.Count));
        if (most == 1 || (database > 0 && (all > 0 || databases.Length == 1)))
        {
            // Nothing is left to choose, or nothing depends on it.
            all = all > 0 ? all : Math.Max(1, database);
            return new(database > 0 ? Math.Min(database, all) : all, all);
        }

        var chosen = await ChooseAsync(databases, cancellation);
        all = all > 0 ? all : Math.Max(database, chosen);
        return new(Math.Min(database > 0 ? database : chosen, all), all);
    }

    private async Task<int> ChooseAsync(ImmutableArray<DatabaseTenants> databases, CancellationToken cancellation)
    {
        ServerLoad load;
        try
        {
            await using var connection = await connector.OpenAsync(databases[0].Address, cancellation);
            load = await ServerLoad.ReadAsync(connection, cancellation);
        }
        catch (Exception error) when ((error is NpgsqlException || (error is TenancyException && databases.Length > 1)) && !cancellation.IsCancellationRequested)
        {
            // What is the matter is told where the work is done, of each database.
            connector.GetDataSource(databases[0].Address).Clear();
            log.Verbose($"{server}: {BehindPooler} connections at once: {databases[0].Address} could not be asked what the server can take.");
            return BehindPooler;
        }

        var (wanted, because) = load.IsBehindPooler ? (BehindPooler, "behind a connection pooler")
            : server.IsLocal ? (Math.Clamp(2 * Environment.ProcessorCount, 2, MostHere), $"two for each of the {Environment.ProcessorCount} cores of this machine, but {MostHere} at the most")
            : (Elsewhere, "a server elsewhere does not tell its cores");

        // Half of what is free is left to everybody else.
        var chosen = Math.Clamp(load.Free / 2, 1, wanted);
        var limit = chosen < wanted ? $"half of the {load.Free} that are free" : $"{because}; {load.Free} are free";
        log.Verbose($"{server}: {chosen} connection{(chosen == 1 ? "" : "s")} at once ({limit}).");
        return chosen;
    }
}
