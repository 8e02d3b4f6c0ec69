using System.Collections.Immutable;
using Tenancy.Core.History;

namespace Tenancy.Core.Planning;

/// <summary>Where a schema is after what was planned, without asking the database.</summary>
internal static class PlannedState
{
    /// <summary>The state after these stages are done.</summary>
    /// <param name="state">The state before.</param>
    /// <param name="done">The stages, in order.</param>
    public static SchemaState After(this SchemaState state, ImmutableArray<PlanStage> done)
    {
        var stages = state.Stages;
        foreach (var stage in done)
        {
            stages = stage.IsLast ? [] : [.. stages.Where(other => other.Number != stage.Number), stage.Mark(isDone: true)];
        }

        return state with { Heads = new PlanTransaction(done).HeadsAfter(state.Heads), Stages = stages, RecordedOid = state.Oid };
    }
}
