using System.Globalization;
using System.Runtime.CompilerServices;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Execution.Reports;

/// <summary>Says where the schemas of one database are, and what is pending. Reads only, in a fixed number of queries.</summary>
internal sealed class RevisionReport
{
    private readonly TenancyProject project;
    private readonly RevisionGraph graph;
    private readonly DatabaseSession session;
    private readonly Dictionary<string, string[]> pending = new(StringComparer.Ordinal);

    /// <summary>A report of one database.</summary>
    public RevisionReport(TenancyProject project, RevisionGraph graph, DatabaseConnector connector, DatabaseAddress address)
    {
        this.project = project;
        this.graph = graph;
        session = new(project, graph, connector, address);
    }

    /// <summary>The tenants, and after them the shared schema where the project has shared revisions.</summary>
    /// <param name="tenants">The tenants.</param>
    /// <param name="cancellation">Gives up.</param>
    public async IAsyncEnumerable<TenantRevision> ReadAsync(IReadOnlyCollection<Tenant> tenants, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var fleet = await session.ReadAsync([.. tenants.Select(static tenant => tenant.Schema)], cancellation);
        foreach (var tenant in tenants)
        {
            yield return Describe(SchemaTarget.Of(tenant, session.Address), fleet[tenant.Schema]);
        }

        if (!graph.Bases(MigrationScope.Shared).IsEmpty || !fleet.Shared.Heads.IsEmpty)
        {
            yield return Describe(SchemaTarget.Shared(project.SharedSchema, session.Address), fleet.Shared);
        }
    }

    private TenantRevision Describe(SchemaTarget target, SchemaState state)
    {
        string[] unknown = [.. state.UnknownRevisions(graph)];
        var isOverlapping = unknown.Length == 0 && !state.OverlappedHeads(graph).IsEmpty;
        var revisions = unknown.Length > 0 || isOverlapping ? [] : Pending(state);
        return new()
        {
            Name = target.Name,
            Schema = target.Schema,
            Database = target.Address.Database,
            Server = target.Address.Server.ToString(),
            Scope = target.ScopeName,
            Status = state switch
            {
                { Oid: null } => TenantRevisionStatus.Missing,
                { IsRecreated: true } => TenantRevisionStatus.Recreated,
                { RemovalBegun: not null } => TenantRevisionStatus.InProgress,
                _ when unknown.Length > 0 => TenantRevisionStatus.UnknownRevision,
                _ when isOverlapping => TenantRevisionStatus.OverlappingHeads,
                { Mismatched.IsEmpty: false } => TenantRevisionStatus.ChecksumMismatch,
                { Stages.IsEmpty: false } => TenantRevisionStatus.InProgress,
                _ => revisions.Length == 0 ? TenantRevisionStatus.AtHead : TenantRevisionStatus.Behind,
            },
            Heads = [.. state.Heads],
            Pending = revisions,
            Unknown = unknown,
            Step = state.RemovalBegun is { } removal ? string.Create(CultureInfo.InvariantCulture, $"removal, begun {removal:yyyy-MM-dd HH:mm:ss} UTC") : state.Stages is [.., { } mark] ? mark.Step : null,
            Changed = state.Changed,
            Labels = target.Labels,
        };
    }

    // Tenants at the same heads share one list.
    private string[] Pending(SchemaState state)
    {
        if (!pending.TryGetValue(state.PlanKey, out var revisions))
        {
            var heads = graph.RealHeads(state.Scope).Select(static node => node.Id).ToList();
            revisions = heads.Count == 0 ? [] : [.. graph.UpgradePath(state.Scope, state.Heads, heads).Select(static step => step.Manifest.Revision)];
            pending[state.PlanKey] = revisions;
        }

        return revisions;
    }
}
