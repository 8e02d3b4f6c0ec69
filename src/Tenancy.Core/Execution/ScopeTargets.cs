using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Model;

namespace Tenancy.Core.Execution;

/// <summary>Which scopes a run works on, and how far the shared one goes.</summary>
/// <param name="Shared">True when the shared schema is worked on.</param>
/// <param name="Tenants">True when tenants are.</param>
/// <param name="SharedTargets">The shared revisions to go up to, where only those that a tenant revision needs are wanted; null for what the request says.</param>
internal sealed record ScopeTargets(bool Shared, bool Tenants, IReadOnlyCollection<string>? SharedTargets)
{
    /// <summary>Decides from the request: both scopes up to their heads; with a revision of one scope, that scope and what it needs of the other.</summary>
    /// <param name="request">The request.</param>
    /// <param name="graph">The revisions.</param>
    /// <exception cref="TenancyException">The target means nothing.</exception>
    public static ScopeTargets Of(MigrationRequest request, RevisionGraph graph)
    {
        if (request.Scope is { } scope)
        {
            return new(scope == MigrationScope.Shared, scope == MigrationScope.Tenant, null);
        }

        if (request.Direction == RevisionDirection.Down)
        {
            return new(false, true, null);
        }

        if (request.To is null or "head" or "heads" && request.Steps is null)
        {
            return new(true, true, null);
        }

        // Counted from each tenant's own heads: what it needs of the shared schema differs from tenant to tenant.
        if (request.Steps is not null || request.To!.StartsWith('+') || request.To.Contains("@+", StringComparison.Ordinal))
        {
            return new(false, true, null);
        }

        if (graph.Find(request.To) is { Scope: MigrationScope.Shared })
        {
            return new(true, false, null);
        }

        var targets = graph.Resolve(request.To, MigrationScope.Tenant, [], RevisionDirection.Up).Revisions;
        return new(true, true, NeededOfShared(targets, graph));
    }

    /// <summary>True where a shared schema is there to be worked on.</summary>
    /// <param name="graph">The revisions.</param>
    /// <param name="shared">Its state.</param>
    public static bool HasShared(RevisionGraph graph, SchemaState shared) => !shared.Heads.IsEmpty || !graph.Bases(MigrationScope.Shared).IsEmpty;

    private static HashSet<string> NeededOfShared(IEnumerable<RevisionNode> targets, RevisionGraph graph)
    {
        HashSet<RevisionNode> needed = [];
        HashSet<RevisionNode> seen = [];
        var open = new Stack<RevisionNode>(targets);
        while (open.TryPop(out var node))
        {
            if (seen.Add(node))
            {
                foreach (var below in node.Parents.Concat(node.Dependencies))
                {
                    open.Push(below);
                }

                needed.UnionWith(node.OtherScopeDependencies);
            }
        }

        // The last of them alone: they need the others.
        return [.. needed.Where(node => !needed.Any(other => !ReferenceEquals(other, node) && graph.Ancestry.Includes(other, node))).Select(static node => node.Id)];
    }
}
