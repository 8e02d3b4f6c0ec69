using System.Collections.Concurrent;
using Tenancy.Core.Execution;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Policies;

/// <summary>
/// How long plans take, at the most: the longest that the same plan has taken on any schema in this run; before the first has ended, the longest that each of its
/// revisions ever took in the database's history, added up. What neither knows is expected to take no time: somebody has to be the first.
/// </summary>
/// <param name="project">The project.</param>
/// <param name="connector">Opens connections.</param>
/// <param name="log">Told where history cannot be read.</param>
internal sealed class PlanDurations(TenancyProject project, DatabaseConnector connector, IRunLog log)
{
    private readonly ConcurrentDictionary<string, double> measured = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(DatabaseAddress, string), Lazy<Task<double>>> earlier = new();

    /// <summary>Seconds that the work is expected to take.</summary>
    /// <param name="work">The work; its plan is known.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<double> EstimateAsync(StartQuestion work, CancellationToken cancellation)
    {
        var key = Key(work.Plan!);
        if (measured.TryGetValue(key, out var seconds))
        {
            return seconds;
        }

        try
        {
            return await earlier.GetOrAdd((work.Target.Address, key), _ => new(() => ReadAsync(work))).Value.WaitAsync(cancellation);
        }
        catch (TenancyException error)
        {
            // The work itself is tried again where that helps, and says so where it does not. The next who asks reads anew.
            earlier.TryRemove((work.Target.Address, key), out _);
            log.Verbose($"{work.Target}: how long it took in earlier runs is not known: {error.Message}");
            return 0;
        }
    }

    /// <summary>Takes note of how long a plan took; not where it was not carried out.</summary>
    /// <param name="work">The work.</param>
    /// <param name="result">What it ended with.</param>
    public void Add(StartQuestion work, MigrationResult result)
    {
        if (work.Plan is { } plan && result.Status == MigrationStatus.Migrated)
        {
            measured.AddOrUpdate(Key(plan), result.Seconds, (_, longest) => Math.Max(longest, result.Seconds));
        }
    }

    private static string Key(Plan plan) =>
        $"{plan.Scope} {string.Join(' ', plan.Transactions.SelectMany(static transaction => transaction.Stages).Select(static stage => $"{stage.Revision.Manifest.Revision}:{stage.Number}"))}";

    // Shared by all who ask, so nobody's cancellation ends it; its statement has the project's limit of time.
    private Task<double> ReadAsync(StartQuestion work) => HistoryTransaction.RunAsync(
        connector,
        work.Target.Address,
        project,
        async connection =>
        {
            await using var batch = new Npgsql.NpgsqlBatch(connection);
            batch.Add(
                new HistorySql(project.HistorySchema).File("read_durations"),
                project.Fleet,
                work.Target.ScopeName,
                work.Plan!.Direction == RevisionDirection.Up ? "up" : "down",
                work.Plan.Revisions.Select(static step => step.Manifest.Revision).ToArray());
            return await batch.ExecuteScalarAsync() is double seconds ? seconds : 0;
        },
        CancellationToken.None);
}
