using System.Collections.Immutable;
using Tenancy.Core.Execution;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Revisions;

namespace Tenancy.Core.Scripts;

/// <summary>
/// Writes what a run does to one schema: the run's own commands, in its order. Where a revision's requirements decide whether it runs, psql decides, and what remains is written for each answer.
/// </summary>
internal sealed class SchemaScript
{
    private readonly RunContext context;
    private readonly SchemaTarget target;
    private readonly Planner? planner;
    private readonly ScriptBuilder text;
    private readonly CommandScript script;
    private readonly TransactionCommands build;
    private readonly StepScript step;
    private PlanTransaction? after;
    private ResolvedTarget? goal;

    /// <summary>A writer for one schema.</summary>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    /// <param name="planner">Makes the plan of what is left when a revision is left out; null for hooks, which leave none out.</param>
    /// <param name="text">Takes the script.</param>
    /// <param name="script">How commands are written.</param>
    public SchemaScript(RunContext context, SchemaTarget target, Planner? planner, ScriptBuilder text, CommandScript script)
    {
        this.context = context;
        this.target = target;
        this.planner = planner;
        this.text = text;
        this.script = script;
        build = new(context, target);
        step = new(context, target, text, script);
    }

    /// <summary>Writes a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="state">The state that it was made for.</param>
    public void Write(Plan plan, SchemaState state)
    {
        goal = plan.Goal;
        after = plan.Waiting.IsEmpty ? plan.After : null;
        WriteHook(plan.Before, state);
        WriteAll(plan.Transactions, state, []);
    }

    /// <summary>Writes a hook; null for none.</summary>
    /// <param name="hook">Its transaction.</param>
    /// <param name="state">Where the schema is.</param>
    /// <param name="locks">False for what changes no state, and is no other run's concern.</param>
    public void WriteHook(PlanTransaction? hook, SchemaState state, bool locks = true)
    {
        if (hook is null)
        {
            return;
        }

        text.Title($"{target}: {hook.Stages[0].Revision.Manifest.Title}");
        CommandList commands = [];
        build.AddBegin(commands, hook, state, locks);
        foreach (var stage in hook.Stages)
        {
            build.AddStage(commands, stage);
        }

        build.AddProof(commands, hook, state);
        TransactionCommands.AddCleanUp(commands, context);
        commands.Add("COMMIT");
        text.Add(script, commands);
    }

    /// <summary>What a transaction does, for a person.</summary>
    public static string Describe(RunContext context, PlanTransaction transaction) =>
        $"{context.Direction} {string.Join(", ", transaction.Stages.Select(static stage => $"{stage.Revision.Manifest.Revision}{(stage.Number > 1 || !stage.IsLast ? $" (step {stage.Number})" : "")} {stage.Revision.Manifest.Description}".TrimEnd()))}";

    private void WriteAll(ImmutableArray<PlanTransaction> transactions, SchemaState state, ImmutableArray<string> skipped)
    {
        for (var index = 0; index < transactions.Length; index++)
        {
            var work = new Work(transactions[index], transactions[(index + 1)..], state, skipped);
            text.Title($"{target}: {Describe(context, work.Transaction)}");
            if (!work.Transaction.IsTransactional)
            {
                if (WriteStep(work))
                {
                    return;
                }
            }
            else
            {
                CommandList commands = [];
                build.AddBegin(commands, work.Transaction, state);
                text.Add(script, commands);
                if (WriteStages(work, 0, []))
                {
                    return;
                }
            }

            state = state.After(work.Transaction.Stages);
        }

        WriteHook(after, state);
    }

    // True where what follows is written already, once for each way of getting there.
    private bool WriteStages(Work work, int index, ImmutableArray<StageScript> done)
    {
        for (; index < work.Transaction.Stages.Length; index++)
        {
            var stage = work.Transaction.Stages[index];
            CommandList commands = [];
            build.AddRequirements(commands, stage);
            var decisions = text.Add(script, commands);
            var skips = decisions.RemoveAll(static decision => decision.Check.OnFail != OnFail.Skip);
            var entry = new StageScript(stage, decisions.RemoveAll(static decision => decision.Check.OnFail == OnFail.Skip));
            if (!skips.IsEmpty)
            {
                Choose(skips, skip => LeaveOut(work, done, skip), () =>
                {
                    WriteStage(entry);
                    if (!WriteStages(work, index + 1, done.Add(entry)))
                    {
                        WriteAll(work.Rest, work.State.After(work.Transaction.Stages), work.Skipped);
                    }
                });
                return true;
            }

            WriteStage(entry);
            done = done.Add(entry);
        }

        Finish(work, done);
        return done is [.., { Stage.IsLast: false, Marks.IsEmpty: false } unfinished] && WriteBoth(work, done, unfinished);
    }

    private void WriteStage(StageScript entry) => Choose(entry.Marks, static _ => { }, () =>
    {
        CommandList commands = [];
        build.AddStage(commands, entry.Stage);
        text.Add(script, commands);
    });

    private void Finish(Work work, ImmutableArray<StageScript> done)
    {
        CommandList proof = [];
        build.AddProof(proof, work.Transaction, work.State);
        text.Add(script, proof);
        foreach (var entry in done)
        {
            Choose(entry.Marks, mark => Record(work.State, entry.Stage.MarkedAsApplied(mark.Check.Message)), () => Record(work.State, entry.Stage));
        }

        CommandList end = [];
        TransactionCommands.AddCleanUp(end, context);
        end.Add("COMMIT");
        text.Add(script, end);
    }

    private void Record(SchemaState state, PlanStage stage)
    {
        CommandList commands = [];
        commands.AddRecord(context, target, state.Oid!.Value, stage, isDone: true);
        text.Add(script, commands);
    }

    // What was done so far is kept; the rest is planned anew without the revision, as the run does.
    private void LeaveOut(Work work, ImmutableArray<StageScript> done, ScriptDecision skip)
    {
        if (done.IsEmpty)
        {
            text.Statement("ROLLBACK");
        }
        else
        {
            Finish(work, done);
        }

        text.Add(script, OutcomeRecord.Skip(context, target, skip.Check));
        Replan(work, work.State.After([.. done.Select(static entry => entry.Stage)]), skip);
    }

    private void Replan(Work work, SchemaState state, ScriptDecision skip)
    {
        var skipped = work.Skipped.Add(skip.Check.Stage.Revision.Manifest.Revision);
        WriteAll(planner!.PlanFor(state, skipped, goal).Transactions, state, skipped);
    }

    // The first stage of a revision of several may have stood for all of it.
    private bool WriteBoth(Work work, ImmutableArray<StageScript> done, StageScript unfinished)
    {
        var before = work.State.After([.. done.RemoveAt(done.Length - 1).Select(static entry => entry.Stage)]);
        Choose(
            unfinished.Marks,
            mark => WriteMarked(work, before, unfinished.Stage.MarkedAsApplied(mark.Check.Message)),
            () => WriteAll(work.Rest, before.After([unfinished.Stage]), work.Skipped));
        return true;
    }

    private void WriteMarked(Work work, SchemaState before, PlanStage marked)
    {
        var rest = work.Rest
            .Select(transaction => transaction with { Stages = transaction.Stages.RemoveAll(stage => stage.Revision.Manifest == marked.Revision.Manifest) })
            .Where(static transaction => !transaction.Stages.IsEmpty);
        WriteAll([.. rest], before.After([marked]), work.Skipped);
    }

    private bool WriteStep(Work work)
    {
        var stage = work.Transaction.Stages[0];
        var decisions = step.Begin(work.Transaction, work.State);
        void Run() => step.Run(work.Transaction, work.State);
        if (decisions.IsEmpty)
        {
            Run();
            return false;
        }

        Choose(
            decisions,
            decision =>
            {
                if (decision.Check.OnFail == OnFail.Skip)
                {
                    text.Statement("ROLLBACK");
                    step.End();
                    text.Add(script, OutcomeRecord.Skip(context, target, decision.Check));
                    Replan(work, work.State, decision);
                    return;
                }

                var marked = stage.MarkedAsApplied(decision.Check.Message);
                Record(work.State, marked);
                text.Statement("COMMIT");
                step.End();
                WriteMarked(work, work.State, marked);
            },
            () =>
            {
                Run();
                WriteAll(work.Rest, work.State.After([stage]), work.Skipped);
            });
        return true;
    }

    private void Choose(ImmutableArray<ScriptDecision> decisions, Action<ScriptDecision> unmet, Action otherwise)
    {
        if (decisions.IsEmpty)
        {
            otherwise();
        }
        else
        {
            text.If(decisions[0].Variable, () => unmet(decisions[0]), () => Choose(decisions[1..], unmet, otherwise));
        }
    }

    /// <summary>A transaction, and what is around it.</summary>
    /// <param name="Transaction">The transaction.</param>
    /// <param name="Rest">The transactions after it.</param>
    /// <param name="State">The state before it.</param>
    /// <param name="Skipped">Revisions that were left out before.</param>
    private sealed record Work(PlanTransaction Transaction, ImmutableArray<PlanTransaction> Rest, SchemaState State, ImmutableArray<string> Skipped);

    /// <summary>A stage, and what marks its revision as applied instead.</summary>
    private sealed record StageScript(PlanStage Stage, ImmutableArray<ScriptDecision> Marks);
}
