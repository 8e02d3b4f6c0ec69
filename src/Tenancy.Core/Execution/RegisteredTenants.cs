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
    private readonly RevisionGraph graph;
    private readonly List<(IReadOnlySet<string> Applied, string HeadSet, string[] Names, long Count, string[] Unknown, string[] Begun)> groups = [];

    private RegisteredTenants(RevisionGraph graph) => this.graph = graph;

    /// <summary>What the shared schema's plans need to know of them: what all have on the way up, what any has on the way down.</summary>
    /// <param name="direction">Which way the shared schema goes.</param>
    public OtherScopeState State(RevisionDirection direction) => new(
        direction == RevisionDirection.Up ? OfAll() : groups.SelectMany(static group => group.Applied).ToImmutableHashSet(),
        [.. groups.Select(static group => group.HeadSet)])
    {
        Begun = [.. groups.SelectMany(static group => group.Begun).Distinct()],
        Unknown = [.. groups.Where(static group => group.Unknown.Length > 0).Select(static group => $"tenant '{group.Names[0]}' is at {string.Join(", ", group.Unknown)}")],
    };

    /// <summary>True where there are none.</summary>
    public bool IsEmpty => groups.Count == 0;

    /// <summary>No tenants: nothing need be waited for, and nothing stands in the way.</summary>
    /// <param name="graph">The revisions.</param>
    public static RegisteredTenants None(RevisionGraph graph) => new(graph);

    /// <summary>Takes a tenant from one set of heads to another, as its migration would.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="before">The heads before; null for one that is not among them yet.</param>
    /// <param name="after">The heads after.</param>
    public void Move(string name, IReadOnlyCollection<string>? before, IReadOnlyCollection<string> after)
    {
        if (before is not null && groups.FindIndex(group => group.HeadSet == OtherScopeState.HeadSet(before)) is >= 0 and var from)
        {
            groups[from] = groups[from] with { Count = groups[from].Count - 1 };
            groups.RemoveAll(static group => group.Count == 0);
        }

        var to = groups.FindIndex(group => group.HeadSet == OtherScopeState.HeadSet(after));
        if (to >= 0)
        {
            groups[to] = groups[to] with { Count = groups[to].Count + 1 };
        }
        else
        {
            Add(after, [name], 1, []);
        }
    }

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
        Add(batch, history, project, schemas, except);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        return await ReadAsync(reader, graph, cancellation);
    }

    /// <summary>Adds the query to a message.</summary>
    /// <param name="batch">The message.</param>
    /// <param name="history">The history schema's SQL.</param>
    /// <param name="project">The project.</param>
    /// <param name="schemas">Schemas of tenants that a run is about to register.</param>
    /// <param name="except">Schemas of tenants that are left out; null for none.</param>
    public static void Add(NpgsqlBatch batch, HistorySql history, TenancyProject project, string[] schemas, string[]? except = null) =>
        batch.Add(history.File("read_registered"), project.Fleet, schemas, except ?? []);

    /// <summary>Reads what it gives.</summary>
    /// <param name="reader">At the result.</param>
    /// <param name="graph">The revisions.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<RegisteredTenants> ReadAsync(NpgsqlDataReader reader, RevisionGraph graph, CancellationToken cancellation)
    {
        var tenants = None(graph);
        while (await reader.ReadAsync(cancellation))
        {
            tenants.Add(reader.GetFieldValue<string[]>(0), reader.GetFieldValue<string[]>(1), reader.GetInt64(2), reader.GetFieldValue<string[]>(3));
        }

        return tenants;
    }

    /// <summary>These, and schemas that stand where a transaction has brought them so far.</summary>
    /// <param name="others">The schemas.</param>
    public RegisteredTenants With(IEnumerable<SchemaProgress> others)
    {
        var all = None(graph);
        all.groups.AddRange(groups);
        foreach (var group in others.GroupBy(static other => OtherScopeState.HeadSet(other.State.Heads)))
        {
            all.Add(group.First().State.Heads, [.. group.Take(3).Select(static other => other.Target.Name)], group.LongCount(), [.. group.SelectMany(static other => other.State.Stages).Select(static mark => mark.Revision).Distinct()]);
        }

        return all;
    }

    // A revision that no manifest has can be no dependency either, but may have some.
    private void Add(IReadOnlyCollection<string> heads, string[] names, long count, string[] begun) =>
        groups.Add((graph.Applied(MigrationScope.Tenant, [.. heads.Where(head => graph.Find(head) is not null)]), OtherScopeState.HeadSet(heads), names, count, [.. heads.Concat(begun).Where(head => graph.Find(head) is null)], begun));

    private ImmutableHashSet<string> OfAll()
    {
        ImmutableHashSet<string> all = [.. graph.All.Where(static node => node.Scope == MigrationScope.Tenant).Select(static node => node.Id)];
        return groups.Aggregate(all, static (applied, group) => applied.Intersect(group.Applied));
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
