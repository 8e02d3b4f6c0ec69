using Tenancy.Core.History;
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
    /// <param name="stages">Its marks of a revision in progress.</param>
    public static OtherScopeState State(RevisionGraph graph, IReadOnlyCollection<string> heads, IEnumerable<StageMark> stages) => new(
        graph.Applied(MigrationScope.Shared, [.. heads.Where(head => graph.Find(head) is not null)]),
        [OtherScopeState.HeadSet(heads)])
    {
        Begun = [.. stages.Select(static mark => mark.Revision).Distinct()],
        Unknown = [.. heads.Where(head => graph.Find(head) is null).Select(static head => $"the shared schema is at {head}")],
    };
}
