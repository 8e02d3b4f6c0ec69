using System.Collections.Immutable;
using Tenancy.Core.Execution;
using Tenancy.Core.Execution.Steps;
using Tenancy.Core.History;
using Tenancy.Core.Operations;
using Tenancy.Core.Planning;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Scripts;

/// <summary>Writes a step that cannot run in a transaction: the session's lock and settings, the marks around the statement, and the checks of <see cref="NonTransactionalWork"/> as far as a script can ask them.</summary>
/// <param name="context">The run.</param>
/// <param name="target">The schema.</param>
/// <param name="text">Takes the script.</param>
/// <param name="script">How commands are written.</param>
internal sealed class StepScript(RunContext context, SchemaTarget target, ScriptBuilder text, CommandScript script)
{
    private readonly TransactionCommands build = new(context, target);
    private readonly SqlValues values = target.Values(context.Project, context.Arguments);

    /// <summary>Writes all up to what decides whether the statement runs.</summary>
    /// <param name="transaction">The one stage with its one statement.</param>
    /// <param name="state">The state that it was planned for.</param>
    /// <returns>The requirements that decide; none for a step that a run has begun.</returns>
    public ImmutableArray<ScriptDecision> Begin(PlanTransaction transaction, SchemaState state)
    {
        var planned = transaction.Stages[0].Statements[0];
        CommandList session = [];
        session.AddSettings(context, target, planned.LockTimeout, planned.StatementTimeout, isLocal: false);
        text.Add(script, session);
        text.RaiseIf(
            $"NOT {ScriptLiteral.Fill(new($"{context.History.Quoted}.try_lock_session($1, $2, $3)", [context.Project.Fleet, target.ScopeName, target.Schema]))}",
            "TN001",
            SqlLiteral.Quote($"{target} is in use by another run"));
        CommandList path = [];
        path.Add("SELECT pg_catalog.set_config('search_path', $1, false)", planned.Operation is SqlOperation ? context.UnprovedSearchPath(target) : context.SearchPath(target));
        text.Add(script, path);
        if (context.CurrentSchema(target) is { } expected)
        {
            text.RaiseIf($"pg_catalog.current_schema() IS DISTINCT FROM {SqlLiteral.Quote(expected)}", "TN004", SqlLiteral.Quote($"names would not land in schema {expected}: the role may lack USAGE on it"));
        }

        if (context.Project.Owner is { } owner)
        {
            text.Statement("SET ROLE " + SqlIdentifier.Quote(owner));
        }

        CommandList mark = [];
        if (IsRepeated(state))
        {
            build.AddMarkBegin(mark, state, proves: false);
            mark.Add("COMMIT");
        }
        else
        {
            build.AddMark(mark, transaction, state, isDone: false);
        }

        return text.Add(script, mark);
    }

    /// <summary>Writes the rest: the marks, and the statement between them.</summary>
    /// <param name="transaction">The one stage with its one statement.</param>
    /// <param name="state">The state that it was planned for.</param>
    public void Run(PlanTransaction transaction, SchemaState state)
    {
        var stage = transaction.Stages[0];
        var planned = stage.Statements[0];
        var isRepeated = IsRepeated(state);
        var index = planned.Statement.ConcurrentIndex is { } concurrent ? new IndexScript(context, target, concurrent, text, script) : null;
        if (!isRepeated)
        {
            index?.EnsureNotThere();
            Record(state, stage, isDone: false);
            state = state with { Stages = state.Stages.Add(stage.Mark(isDone: false)) };
        }

        void Statement() => text.Add(script, new SessionCommand(planned.Statement.Template.Render(values), []) { Stage = stage, Statement = planned });
        void Check()
        {
            if (index is null)
            {
                Statement();
            }
            else
            {
                index.Write(isRepeated, Statement);
            }
        }

        if (isRepeated && planned.Statement.DoneWhen is { } doneWhen)
        {
            text.Ask($"SELECT coalesce((\n{PsqlText.WithoutVariables(script.Query(doneWhen))}\n)::pg_catalog.bool, false) AS tenancy_is_done");
            text.If("tenancy_is_done", static () => { }, Check);
        }
        else
        {
            Check();
        }

        index?.EnsureValid();
        CommandList mark = [];
        build.AddMark(mark, transaction, state, isDone: true);
        text.Add(script, mark);
        Record(state, stage, isDone: true);
        End();
    }

    /// <summary>Leaves nothing behind in the session.</summary>
    public void End()
    {
        text.Statement("DISCARD ALL");
        text.Statement("SET client_encoding TO 'UTF8'");
    }

    private static bool IsRepeated(SchemaState state) => state.Stages.LastOrDefault() is { IsDone: false };

    private void Record(SchemaState state, PlanStage stage, bool isDone)
    {
        CommandList commands = [];
        commands.AddRecord(context, target, state.Oid!.Value, stage, isDone);
        commands.Add("COMMIT");
        text.Add(script, commands);
    }
}
