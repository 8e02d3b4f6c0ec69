using Tenancy.Core.Manifests;
using Tenancy.Core.Revisions;

namespace Tenancy.Core.Planning;

/// <summary>Hooks as transactions of a plan.</summary>
internal static class Hooks
{
    /// <summary>The one transaction of a hook.</summary>
    /// <param name="hook">The hook.</param>
    /// <param name="timeouts">The project's limits of time.</param>
    public static PlanTransaction Plan(Manifest hook, MigrationTimeouts timeouts) => new(StageSplitter.Split(
        new RevisionStep { Manifest = hook, Direction = RevisionDirection.Up, Heads = HeadChange.Of([], []) },
        timeouts));
}
