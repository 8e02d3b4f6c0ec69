using System.Collections.Immutable;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Servers;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Scripts;

/// <summary>A schema and where it is.</summary>
/// <param name="Target">The schema.</param>
/// <param name="State">Where it is.</param>
internal sealed record PlacedState(SchemaTarget Target, SchemaState State);

/// <summary>Where the schemas of a database are when a script begins.</summary>
/// <param name="Shared">The shared schema.</param>
/// <param name="Tenants">The tenants.</param>
/// <param name="Registered">What all registered tenants have; moved along while the script is planned.</param>
/// <param name="ExtensionSchemas">Where the database's extensions are; null where the script has to look.</param>
internal sealed record StartingStates(PlacedState Shared, IReadOnlyList<PlacedState> Tenants, RegisteredTenants Registered, IReadOnlyList<string>? ExtensionSchemas)
{
    // The OID is looked up by the schema's name when the script runs.
    private const uint NotKnown = 0;

    /// <summary>Reads them; on the way down the session's graph has afterwards what only history knows.</summary>
    /// <param name="session">The database.</param>
    /// <param name="project">The project.</param>
    /// <param name="request">What the script is for.</param>
    /// <param name="targets">The tenants.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ManifestException">A text in history cannot be read, or does not fit the graph.</exception>
    public static async Task<StartingStates> ReadAsync(
        DatabaseSession session, TenancyProject project, MigrationRequest request, IReadOnlyList<SchemaTarget> targets, CancellationToken cancellation)
    {
        string[] schemas = [.. targets.Select(static target => target.Schema)];
        var fleet = await session.ReadAsync(request.Direction, request.Scope, schemas, cancellation);
        List<PlacedState> tenants = [.. targets.Select(target => new PlacedState(target, fleet[target.Schema]))];
        var registered = await session.ReadRegisteredAsync(schemas, cancellation);
        if (registered.IsEmpty)
        {
            // Without a history schema none are read; the script makes it before it goes on.
            tenants.FindAll(static tenant => tenant.State.Oid is not null).ForEach(tenant => registered.Move(tenant.Target.Name, null, tenant.State.Heads));
        }

        return new(
            new(SchemaTarget.Shared(project.SharedSchema, session.Address), fleet.Shared),
            tenants,
            registered,
            project.ExtensionSchemas is { } named ? named : fleet.ExtensionSchemas);
    }

    /// <summary>Takes them from what the user says, without a connection.</summary>
    /// <param name="project">The project.</param>
    /// <param name="graph">Its revisions.</param>
    /// <param name="from">Identifiers: <c>base</c>, <c>head</c> and <c>heads</c> mean both scopes where no revision of a scope is named.</param>
    /// <param name="targets">The tenants.</param>
    /// <param name="address">The database.</param>
    /// <exception cref="TenancyException"><c>FromUnknown</c>: it does not say where the shared schema is, or where the tenants are; or an identifier means nothing.</exception>
    public static StartingStates Of(TenancyProject project, RevisionGraph graph, IReadOnlyList<string> from, IReadOnlyList<SchemaTarget> targets, DatabaseAddress address)
    {
        var shared = HeadsOf(graph, from, MigrationScope.Shared);
        var tenants = HeadsOf(graph, from, MigrationScope.Tenant);
        var registered = RegisteredTenants.None(graph);
        foreach (var target in targets)
        {
            registered.Move(target.Name, null, tenants);
        }

        if (targets.Count == 0 && !tenants.IsEmpty)
        {
            registered.Move("the tenants", null, tenants);
        }

        return new(
            Place(SchemaTarget.Shared(project.SharedSchema, address), shared),
            [.. targets.Select(target => Place(target, tenants))],
            registered,
            project.ExtensionSchemas is { } named ? named : null);
    }

    private static PlacedState Place(SchemaTarget target, ImmutableArray<string> heads) =>
        new(target, new() { Scope = target.Scope, Schema = target.Schema, Oid = NotKnown, RecordedOid = NotKnown, Heads = heads });

    private static ImmutableArray<string> HeadsOf(RevisionGraph graph, IReadOnlyList<string> from, MigrationScope scope)
    {
        if (graph.Bases(scope).IsEmpty)
        {
            return [];
        }

        var named = from.Where(identifier => !IsGeneral(identifier) && Resolve(graph, identifier, scope) is not null).ToList();
        var meant = named.Count > 0 ? named : [.. from.Where(IsGeneral)];
        if (meant.Count == 0)
        {
            throw new TenancyException(
                "FromUnknown",
                $"-From says nothing of the {(scope == MigrationScope.Shared ? "shared schema" : "tenants")}: {string.Join(", ", from)} {(from.Count == 1 ? "is a revision" : "are revisions")} of the other scope.",
                "Name where both scopes are, as in -From 7c1e04b2, base; or leave -From out, so that it is looked up.");
        }

        ImmutableArray<string> heads = [];
        foreach (var identifier in meant)
        {
            foreach (var change in graph.StampPath(heads, graph.Resolve(identifier, scope, heads, RevisionDirection.Up)))
            {
                heads = [.. heads.Except(change.Remove).Concat(change.Add).Order(StringComparer.Ordinal)];
            }
        }

        return heads;
    }

    private static bool IsGeneral(string identifier) => identifier is "base" or "head" or "heads";

    // Null for what only the other scope knows; what neither knows is an error.
    private static ResolvedTarget? Resolve(RevisionGraph graph, string identifier, MigrationScope scope)
    {
        try
        {
            return graph.Resolve(identifier, scope, [], RevisionDirection.Up);
        }
        catch (TenancyException) when (IsKnown(graph, identifier, scope == MigrationScope.Shared ? MigrationScope.Tenant : MigrationScope.Shared))
        {
            return null;
        }
    }

    private static bool IsKnown(RevisionGraph graph, string identifier, MigrationScope scope)
    {
        try
        {
            graph.Resolve(identifier, scope, [], RevisionDirection.Up);
            return true;
        }
        catch (TenancyException)
        {
            return false;
        }
    }
}
