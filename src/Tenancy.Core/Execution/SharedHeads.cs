using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;

namespace Tenancy.Core.Execution;

/// <summary>What tenants' plans need to know of the shared schema.</summary>
internal static class SharedHeads
{
    /// <summary>The revisions that its heads stand for. One that no manifest has can be no dependency either, but may have some.</summary>
    /// <param name="graph">The revisions.</param>
    /// <param name="heads">The shared schema's heads.</param>
    public static OtherScopeState State(RevisionGraph graph, IReadOnlyCollection<string> heads) => new(
        graph.Applied(MigrationScope.Shared, [.. heads.Where(head => graph.Find(head) is not null)]),
        [OtherScopeState.HeadSet(heads)])
    {
        Unknown = [.. heads.Where(head => graph.Find(head) is null).Select(static head => $"the shared schema is at {head}")],
    };
}
