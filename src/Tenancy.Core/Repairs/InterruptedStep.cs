using System.Globalization;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Steps;
using Tenancy.Core.History;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;
using Tenancy.Model;

namespace Tenancy.Core.Repairs;

/// <summary>A step outside a transaction that was started, and whose run is gone: what it has come to, and its end.</summary>
internal sealed class InterruptedStep
{
    private readonly NonTransactionalWork work;
    private readonly RunContext context;
    private readonly SchemaTarget target;
    private readonly SchemaState state;
    private readonly PlanStage stage;

    private InterruptedStep(RunContext context, SchemaTarget target, SchemaState state, PlanStage stage)
    {
        this.context = context;
        this.target = target;
        this.state = state;
        this.stage = stage;
        work = new(context, target, new(context, target));
    }

    /// <summary>The step that the last mark of a state says is started; null where it commits in batches, so that its place says how it ended, and the next run goes on there.</summary>
    /// <param name="context">The run, in the direction of the mark.</param>
    /// <param name="target">The schema.</param>
    /// <param name="state">Its state.</param>
    /// <param name="graph">The revisions.</param>
    /// <exception cref="TenancyException"><c>NotNext</c>, <c>OverlappingHeads</c>: it cannot be told what the revision does to the heads. <c>StepUnknown</c>: the manifest has no such step.</exception>
    public static InterruptedStep? Of(RunContext context, SchemaTarget target, SchemaState state, RevisionGraph graph)
    {
        var mark = state.Stages[^1];
        var stages = StageSplitter.Split(RevisionPaths.One(graph, state.Scope, state.Heads, graph[mark.Revision], mark.Direction), context.Project.Timeouts);
        return stages.ElementAtOrDefault(mark.Number - 1) switch
        {
            { Batch: not null } => null,
            { IsTransactional: false } found => new(context, target, state, found),
            _ => throw new TenancyException("StepUnknown", $"revision {mark.Revision} has no step {mark.Number} outside a transaction", "Do by hand what is left of the revision, and record that with Set-TenantRevision."),
        };
    }

    /// <summary>Completes its defect with what it has come to, and what a repair does about that.</summary>
    /// <param name="defect">The defect.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<Defect> LookAsync(Defect defect, CancellationToken cancellation) => await work.FindOutcomeAsync(stage, state, cancellation) switch
    {
        StepOutcome.Done => defect with { Action = $"Mark it as done: its work is there.{(stage.IsLast ? $" With it the revision is {(context.Request.Direction == RevisionDirection.Up ? "applied" : "undone")}." : "")}" },
        StepOutcome.HalfDone => defect with { Action = "Finish it, and mark it as done." },
        _ => defect with { Action = "Clear its mark, and what it left; the next run does it again." },
    };

    /// <summary>Ends it.</summary>
    /// <param name="defect">The defect.</param>
    /// <param name="cancellation">Cancels the running statement.</param>
    public Task SettleAsync(Defect defect, CancellationToken cancellation) => work.SettleAsync(
        stage,
        state,
        commands => commands.AddRepair(context, target, defect, string.Create(CultureInfo.InvariantCulture, $"{stage.Number}: {stage.Description}")),
        cancellation);
}
