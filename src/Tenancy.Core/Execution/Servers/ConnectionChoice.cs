using System.Collections.Immutable;
using Tenancy.Core.Planning;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Execution.Servers;

/// <summary>Decides how many connections a run uses on one server: what the user says, and where nothing is said, what the server can take. <c>docs/fleets.md</c> has the rule.</summary>
internal sealed class ConnectionChoice
{
    // The cores of a server elsewhere cannot be asked for in SQL. A small revision takes it 1 to 2 ms and as many round trips: eight keep two to four cores busy.
    private const int Elsewhere = 8;

    // A pooler has 20 connections to the server for all its clients (PgBouncer, default_pool_size).
    private const int BehindPooler = 4;

    private const int MostHere = 16;

    private readonly MigrationRequest request;
    private readonly IRunLog log;
    private readonly ImmutableArray<DatabaseTenants> databases;
    private readonly TaskCompletionSource<ConnectionLimits> limits = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A choice for one server.</summary>
    /// <param name="request">What the user says; a limit of 0 is not said.</param>
    /// <param name="log">Is told what is chosen, and why.</param>
    /// <param name="databases">The server's databases, one or more.</param>
    public ConnectionChoice(MigrationRequest request, IRunLog log, ImmutableArray<DatabaseTenants> databases)
    {
        this.request = request;
        this.log = log;
        this.databases = databases;
        var (database, all) = (request.ThrottleLimit, request.ServerThrottleLimit);
        if (databases.Sum(static database => Math.Max(1, database.Tenants.Count)) == 1 || (database > 0 && (all > 0 || databases.Length == 1)))
        {
            // Nothing is left to choose, or nothing depends on it.
            all = all > 0 ? all : Math.Max(1, database);
            limits.SetResult(new(database > 0 ? Math.Min(database, all) : all, all));
        }
    }

    /// <summary>False while somebody has to ask the server, and to <see cref="Decide"/>.</summary>
    public bool IsDecided => limits.Task.IsCompleted;

    /// <summary>The limits, once they are decided.</summary>
    public Task<ConnectionLimits> Limits => limits.Task;

    /// <summary>Decides, unless that is done.</summary>
    /// <param name="load">What the server told; null where it did not answer. What is the matter is told where the work is done, of each database.</param>
    public void Decide(ServerLoad? load)
    {
        if (IsDecided)
        {
            return;
        }

        var (chosen, because) = load is null ? (BehindPooler, $"{databases[0].Address} could not be asked what the server can take") : Choose(load);
        var (database, all) = (request.ThrottleLimit, request.ServerThrottleLimit);
        all = all > 0 ? all : Math.Max(database, chosen);
        log.Verbose($"{databases[0].Address.Server}: {chosen} connection{(chosen == 1 ? "" : "s")} at once ({because}).");
        limits.SetResult(new(Math.Min(database > 0 ? database : chosen, all), all));
    }

    private (int Chosen, string Because) Choose(ServerLoad load)
    {
        var (wanted, because) = load.IsBehindPooler ? (BehindPooler, "behind a connection pooler")
            : databases[0].Address.Server.IsLocal ? (Math.Clamp(2 * Environment.ProcessorCount, 2, MostHere), $"two for each of the {Environment.ProcessorCount} cores of this machine, but {MostHere} at the most")
            : (Elsewhere, "a server elsewhere does not tell its cores");

        // Half of what is free is left to everybody else.
        var chosen = Math.Clamp(load.Free / 2, 1, wanted);
        return (chosen, chosen < wanted ? $"half of the {load.Free} that are free" : $"{because}; {load.Free} are free");
    }
}
