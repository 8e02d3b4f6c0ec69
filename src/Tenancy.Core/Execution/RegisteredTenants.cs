using System.Collections.Immutable;
using Npgsql;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;

namespace Tenancy.Core.Execution;

/// <summary>Which tenant revisions the registered tenants of a database have, read in one query: one row for each distinct set of heads.</summary>
internal sealed class RegisteredTenants
{
    private readonly List<(IReadOnlySet<string> Applied, string HeadSet, string[] Names, long Count)> groups = [];
    private ImmutableHashSet<string> ofAll;

    private RegisteredTenants(ImmutableHashSet<string> ofAll) => this.ofAll = ofAll;

    /// <summary>What the shared schema's plans need to know of them: what all have on the way up, what any has on the way down.</summary>
    /// <param name="direction">Which way the shared schema goes.</param>
    public OtherScopeState State(RevisionDirection direction) => new(
        direction == RevisionDirection.Up ? ofAll : groups.SelectMany(static group => group.Applied).ToImmutableHashSet(),
        [.. groups.Select(static group => group.HeadSet)]);

    /// <summary>No tenants: nothing need be waited for, and nothing stands in the way.</summary>
    /// <param name="graph">The revisions.</param>
    public static RegisteredTenants None(RevisionGraph graph) => new([.. graph.All.Where(static node => node.Scope == MigrationScope.Tenant).Select(static node => node.Id)]);

    /// <summary>Reads them.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="history">The history schema's SQL.</param>
    /// <param name="project">The project.</param>
    /// <param name="graph">Its revisions.</param>
    /// <param name="schemas">Schemas of tenants that a run is about to register.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="except">Schemas of tenants that are left out; null for none.</param>
    public static async Task<RegisteredTenants> ReadAsync(
        NpgsqlConnection connection, HistorySql history, TenancyProject project, RevisionGraph graph, string[] schemas, CancellationToken cancellation, string[]? except = null)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(history.File("read_registered"), project.Fleet, schemas, except ?? []);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        var tenants = None(graph);
        while (await reader.ReadAsync(cancellation))
        {
            tenants.Add(graph, reader.GetFieldValue<string[]>(0), reader.GetFieldValue<string[]>(1), reader.GetInt64(2));
        }

        return tenants;
    }

    /// <summary>These, and schemas that stand where a transaction has brought them so far.</summary>
    /// <param name="graph">The revisions.</param>
    /// <param name="others">The schemas.</param>
    public RegisteredTenants With(RevisionGraph graph, IEnumerable<SchemaProgress> others)
    {
        var all = None(graph);
        all.groups.AddRange(groups);
        all.ofAll = ofAll;
        foreach (var group in others.GroupBy(static other => OtherScopeState.HeadSet(other.State.Heads)))
        {
            all.Add(graph, group.First().State.Heads, [.. group.Take(3).Select(static other => other.Target.Name)], group.LongCount());
        }

        return all;
    }

    // A revision that no manifest has can be no dependency either.
    private void Add(RevisionGraph graph, IReadOnlyCollection<string> heads, string[] names, long count)
    {
        var applied = graph.Applied(MigrationScope.Tenant, [.. heads.Where(head => graph.Find(head) is not null)]);
        groups.Add((applied, OtherScopeState.HeadSet(heads), names, count));
        ofAll = ofAll.Intersect(applied);
    }

    /// <summary>Who lacks revisions that are waited for, as text: some names, and how many more.</summary>
    /// <param name="needed">The revisions.</param>
    public string DescribeLacking(IEnumerable<string> needed)
    {
        var lacking = groups.FindAll(group => !needed.All(group.Applied.Contains));
        var names = lacking.SelectMany(static group => group.Names).Take(3).ToList();
        var more = lacking.Sum(static group => group.Count) - names.Count;
        return string.Join(", ", names) + (more > 0 ? $" and {more} more" : "");
    }
}
