using System.Collections.Immutable;
using Npgsql;
using Tenancy.Core.Catalog.Scratch;
using Tenancy.Core.Execution;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.Tenants;

namespace Tenancy.Core.Catalog.Drift;

/// <summary>Where a tenant is, as far as it says what its schema is to be like.</summary>
/// <param name="State">Its state.</param>
/// <param name="IsKnown">False where history does not know it.</param>
/// <param name="Ran">Of revisions that may be recorded without being run: which of them it ran.</param>
internal sealed record DriftState(SchemaState State, bool IsKnown, ImmutableSortedDictionary<string, bool> Ran)
{
    /// <summary>Where a replay is to lead for it.</summary>
    public ReplayTarget Target => new(State.Heads, Ran);

    /// <summary>True where nothing was migrated between two looks.</summary>
    /// <param name="other">Its state at another time.</param>
    public bool IsSame(DriftState other) => State.Oid == other.State.Oid && State.Changed == other.State.Changed && State.PlanKey == other.State.PlanKey && State.Stages.SequenceEqual(other.State.Stages);
}

/// <summary>Reads where tenants of one database are.</summary>
/// <param name="project">The project.</param>
/// <param name="connector">Opens connections.</param>
/// <param name="session">The database.</param>
internal sealed class DriftStates(TenancyProject project, DatabaseConnector connector, DatabaseSession session)
{
    /// <summary>Where the database's extensions are; after the first reading.</summary>
    public IReadOnlyList<string> ExtensionSchemas { get; private set; } = [];

    /// <summary>Reads them, in a fixed number of queries.</summary>
    /// <param name="targets">The tenants.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<Dictionary<string, DriftState>> ReadAsync(IReadOnlyCollection<SchemaTarget> targets, CancellationToken cancellation)
    {
        string[] schemas = [.. targets.Select(static target => target.Schema)];
        var fleet = await session.ReadAsync(schemas, cancellation);
        ExtensionSchemas = fleet.ExtensionSchemas;
        string[] unsaid = [.. schemas.Where(schema => fleet[schema].Heads.IsEmpty)];
        var known = unsaid.Length == 0 ? [] : await session.ReadKnownAsync(unsaid, cancellation);
        var ran = await ReadRanAsync([.. schemas.Except(unsaid)], cancellation);
        return schemas.ToDictionary(
            static schema => schema,
            schema => new DriftState(
                fleet[schema],
                !fleet[schema].Heads.IsEmpty || known.GetValueOrDefault(schema) is not null,
                Applied(fleet[schema], ran.GetValueOrDefault(schema) ?? [])),
            StringComparer.Ordinal);
    }

    // What it had before it was made anew, or undone, says nothing.
    private ImmutableSortedDictionary<string, bool> Applied(SchemaState state, List<(string Revision, bool Ran)> ran)
    {
        if (ran.Count == 0)
        {
            return ImmutableSortedDictionary<string, bool>.Empty;
        }

        var applied = session.Graph.Applied(MigrationScope.Tenant, state.KnownHeads(session.Graph));
        return ran.Where(pair => applied.Contains(pair.Revision)).ToImmutableSortedDictionary(static pair => pair.Revision, static pair => pair.Ran, StringComparer.Ordinal);
    }

    private async Task<Dictionary<string, List<(string Revision, bool Ran)>>> ReadRanAsync(string[] schemas, CancellationToken cancellation)
    {
        string[] revisions = [.. session.Graph.All.Where(MayBeMarked).Select(static node => node.Id)];
        return revisions.Length == 0 || schemas.Length == 0
            ? []
            : await HistoryTransaction.RunAsync(connector, session.Address, project, connection => ReadRanAsync(connection, revisions, schemas, cancellation), cancellation);
    }

    private async Task<Dictionary<string, List<(string Revision, bool Ran)>>> ReadRanAsync(NpgsqlConnection connection, string[] revisions, string[] schemas, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(session.History.File("read_ran"), project.Fleet, revisions, schemas);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        Dictionary<string, List<(string, bool)>> found = new(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation))
        {
            var schema = reader.GetString(0);
            if (!found.TryGetValue(schema, out var ran))
            {
                found[schema] = ran = [];
            }

            ran.Add((reader.GetString(1), reader.GetBoolean(2)));
        }

        return found;
    }

    private static bool MayBeMarked(RevisionNode node) => node.Scope == MigrationScope.Tenant && node.Manifest.Requires.Any(static requirement => requirement.OnFail == OnFail.MarkApplied);
}
