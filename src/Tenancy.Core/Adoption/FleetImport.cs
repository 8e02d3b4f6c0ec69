using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Tenancy.Core.Execution;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Adoption;

/// <summary>Stamps the schemas of one database by what another tool's tables say of them. These tables are only read.</summary>
internal sealed class FleetImport
{
    private readonly ImportRequest request;
    private readonly VersionTableReader reader;
    private readonly Stamping stamping;

    /// <summary>An import in one database.</summary>
    public FleetImport(TenancyProject project, RevisionGraph graph, DatabaseConnector connector, DatabaseAddress address, ImportRequest request, IRunLog log)
    {
        this.request = request;
        reader = new(connector, address, request.Source, request.Table);
        stamping = new(project, graph, connector, address, log);
    }

    /// <summary>Imports them; one result a schema.</summary>
    /// <param name="targets">The schemas.</param>
    /// <param name="cancellation">Cancels and rolls back.</param>
    public async IAsyncEnumerable<TenantImport> ImportAsync(IEnumerable<SchemaTarget> targets, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (!request.PlansOnly)
        {
            await stamping.PrepareAsync(cancellation);
        }

        foreach (var chunk in targets.Chunk(VersionTableReader.ChunkSize))
        {
            var versions = await reader.ReadAsync([.. chunk.Select(static target => target.Schema)], cancellation);
            var outcomes = await stamping.PlanAsync(chunk, (target, state) => Locate(state, versions[target.Schema]), cancellation);
            foreach (var (target, planned) in chunk.Zip(outcomes))
            {
                // Only what is to be written needs the schema's lock, and is looked at again under it.
                var outcome = request.PlansOnly || planned.IsThere || planned.Failure is not null
                    ? planned
                    : await stamping.StampAsync(target, state => Locate(state, versions[target.Schema]), cancellation);
                yield return Describe(target, versions[target.Schema].Version, outcome);
            }
        }
    }

    // The history goes before: whoever is in it already is not to be moved by what another tool says.
    private ImmutableArray<string> Locate(SchemaState state, (ForeignVersion? Version, TenancyException? Error) read)
    {
        var version = read.Version ?? throw read.Error!;
        var heads = request.Mapping.Locate(version);
        return (state.Heads.IsEmpty && state.Stages.IsEmpty) || (state.Heads.SequenceEqual(heads) && state.Stages.IsEmpty && !state.IsRecreated)
            ? heads
            : throw new TenancyException(
                "HistoryExists",
                $"history has it at {(state.Heads.IsEmpty ? "base, and in the middle of a revision" : string.Join(", ", state.Heads))} already; {request.Source} says {string.Join(", ", version.Current)}.",
                "If history is wrong, say where it is with Set-TenantRevision.");
    }

    private TenantImport Describe(SchemaTarget target, ForeignVersion? version, StampOutcome outcome) => new()
    {
        Name = target.Name,
        Schema = target.Schema,
        Database = target.Address.Database,
        Server = target.Address.Server.ToString(),
        Scope = target.ScopeName,
        Source = request.Source.ToString(),
        Table = reader.Table,
        Versions = [.. version?.Current ?? []],
        To = [.. outcome.Failure is null ? outcome.Heads : []],
        Status = outcome.Failure is not null ? ImportStatus.Failed : outcome.IsThere ? ImportStatus.UpToDate : request.PlansOnly ? ImportStatus.Planned : ImportStatus.Imported,
        Failure = outcome.Failure,
        RunId = stamping.RunId,
        Labels = target.Labels,
    };
}
