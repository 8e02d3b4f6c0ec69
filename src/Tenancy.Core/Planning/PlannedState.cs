using System.Collections.Immutable;
using Tenancy.Core.History;

namespace Tenancy.Core.Planning;

/// <summary>Where a schema is after what was planned, without asking the database.</summary>
internal static class PlannedState
{
    /// <summary>The state after these stages are done.</summary>
    /// <param name="state">The state before.</param>
    /// <param name="done">The stages, in order; a hook's leave it as it is.</param>
    public static SchemaState After(this SchemaState state, ImmutableArray<PlanStage> done)
    {
        done = done.RemoveAll(static stage => stage.Revision.Manifest.IsHook);
        if (done.IsEmpty)
        {
            return state;
        }

        var stages = state.Stages;
        foreach (var stage in done)
        {
            stages = stage.IsLast ? [] : [.. stages.Where(other => other.Number != stage.Number), stage.Mark(isDone: true)];
        }

        return state with { Heads = new PlanTransaction(done).HeadsAfter(state.Heads), Stages = stages, RecordedOid = state.Oid };
    }
}
