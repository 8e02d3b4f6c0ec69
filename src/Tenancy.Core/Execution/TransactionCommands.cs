using System.Collections.Immutable;
using System.Text.Json;
using Npgsql;
using Tenancy.Core.Execution.Steps;
using Tenancy.Core.History;
using Tenancy.Core.Manifests;
using Tenancy.Core.Planning;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Execution;

/// <summary>
/// The commands of one transaction of a plan on one schema, as data, in the order that makes it safe: settings, locks and state; path and role; statements; deferred constraints;
/// proof of placement; history.
/// </summary>
/// <param name="context">The run.</param>
/// <param name="target">The schema.</param>
internal sealed class TransactionCommands(RunContext context, SchemaTarget target)
{
    /// <summary>Frees what a function that was called locked for the session; not where the engine itself holds such a lock.</summary>
    public const string FreeSessionLocks = "SELECT pg_catalog.pg_advisory_unlock_all()";

    // Not to be guessed: a result of the manifest's own SQL must not be taken for it.
    private static readonly string TimeColumn = $"tenancy_seconds_{Guid.NewGuid():N}";

    private readonly SqlValues values = target.Values(context.Project, context.Arguments);

    /// <summary>Adds all that comes before the first stage.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="transaction">The transaction.</param>
    /// <param name="state">The state that it was planned for.</param>
    /// <param name="locks">False for what changes no state, and is no other run's concern.</param>
    public void AddBegin(CommandList commands, PlanTransaction transaction, SchemaState state, bool locks = true)
    {
        commands.AddBeginWork(context, target, state, locks);
        AddOtherScope(commands, transaction);
        AddBatchKey(commands, transaction.Stages[0]);
        AddRole(commands);
    }

    /// <summary>Adds a transaction from its BEGIN to its rows of history, where nothing in it waits for an answer.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="transaction">The transaction.</param>
    /// <param name="state">The state that it was planned for.</param>
    public void AddWork(CommandList commands, PlanTransaction transaction, SchemaState state)
    {
        AddBegin(commands, transaction, state);
        foreach (var stage in transaction.Stages)
        {
            AddRequirements(commands, stage);
            AddStage(commands, stage);
        }

        AddProof(commands, transaction, state);
        commands.AddRecords(context, target, state.Oid!.Value, transaction.Stages);
    }

    /// <summary>Adds the search path with its assertion, and the role.</summary>
    /// <param name="commands">The commands.</param>
    public void AddPath(CommandList commands)
    {
        commands.Add($"SELECT {context.History.Quoted}.use_path($1, $2)", context.SearchPath(target), context.CurrentSchema(target));
        AddRole(commands);
    }

    private void AddRole(CommandList commands)
    {
        if (context.Project.Owner is { } owner)
        {
            commands.Add("SET LOCAL ROLE " + SqlIdentifier.Quote(owner));
        }
    }

    /// <summary>Adds what a stage's revision requires.</summary>
    public void AddRequirements(CommandList commands, PlanStage stage) => RevisionCheck.AddBefore(commands, stage, values);

    /// <summary>Adds a stage's statements and what its revision verifies.</summary>
    public void AddStage(CommandList commands, PlanStage stage)
    {
        foreach (var planned in stage.Statements)
        {
            AddStatement(commands, stage, planned);
        }

        AddVerifications(commands, stage);
    }

    /// <summary>Adds what a stage's revision verifies.</summary>
    public void AddVerifications(CommandList commands, PlanStage stage) => RevisionCheck.AddAfter(commands, stage, values);

    /// <summary>Adds what comes between the last statement and history: deferred constraints, grants, the proof.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="transaction">The transaction.</param>
    /// <param name="state">The state that it was planned for.</param>
    public void AddProof(CommandList commands, PlanTransaction transaction, SchemaState state)
    {
        AddEndOfStatements(commands, transaction, state, "SET CONSTRAINTS ALL IMMEDIATE");
        PlacementProof.AddProof(commands, context, target, transaction, state);
    }

    /// <summary>Adds what comes between the last statement and the proof: deferred constraints, grants.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="transaction">The transaction.</param>
    /// <param name="state">The state that it was planned for.</param>
    /// <param name="constraints">The command that checks what is deferred: deferred triggers would run after the proof otherwise.</param>
    public void AddEndOfStatements(CommandList commands, PlanTransaction transaction, SchemaState state, string constraints)
    {
        commands.Add(new SessionCommand(constraints, []) { Stage = transaction.Stages[^1] });
        // What ran, and what it called, may have become somebody else.
        commands.Add("RESET SESSION AUTHORIZATION");
        commands.Add("RESET ROLE");
        if (!context.Project.Grants.IsEmpty)
        {
            commands.Add(
                $"SELECT {context.History.Quoted}.grant_new($1::pg_catalog.text::pg_catalog.oid, $2, $3::pg_catalog.jsonb)",
                target.Oid(state.Oid!.Value),
                context.Project.Owner,
                JsonSerializer.Serialize(context.Project.Grants.Where(static grant => grant.On != "schema").Select(static grant => new { to = grant.To, on = grant.On, privileges = string.Join(", ", grant.Privileges) })));
        }
    }

    /// <summary>Begins a transaction of marks around a non-transactional step, whose session has the owner's role: the owner need not be allowed to write history.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="state">The state that the step was planned for.</param>
    /// <param name="proves">True to note where the proof of placement starts.</param>
    public void AddMarkBegin(CommandList commands, SchemaState state, bool proves)
    {
        commands.AddBegin(context, target);
        AddNoRole(commands);
        commands.AddEnter(context, target, state, proves);
    }

    /// <summary>Adds all that comes before the mark: what the revision requires or verifies, asked as the owner, and the proof that the question changed nothing elsewhere.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="transaction">The one stage with its one statement.</param>
    /// <param name="state">The state that it was planned for.</param>
    /// <param name="isDone">True after the statement.</param>
    public void AddMark(CommandList commands, PlanTransaction transaction, SchemaState state, bool isDone)
    {
        AddMarkBegin(commands, state, proves: true);
        AddOtherScope(commands, transaction);
        PlacementProof.AddBefore(commands, context);
        AddPath(commands);
        if (isDone)
        {
            AddVerifications(commands, transaction.Stages[0]);
        }
        else
        {
            AddRequirements(commands, transaction.Stages[0]);
        }

        AddMarkProof(commands, transaction, state);
    }

    private void AddMarkProof(CommandList commands, PlanTransaction transaction, SchemaState state)
    {
        AddNoRole(commands);
        PlacementProof.AddProof(commands, context, target, transaction, state);
    }

    private void AddNoRole(CommandList commands)
    {
        if (context.Project.Owner is not null)
        {
            commands.Add("SET LOCAL ROLE NONE");
        }
    }

    /// <summary>Adds what leaves nothing behind in the session, cursors included, and says whether the COMMIT that follows waits for the disk.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="context">The run.</param>
    /// <param name="flushes">True where it waits though the run's commits do not.</param>
    /// <param name="isTimed">True to ask for the seconds since BEGIN too: among transactions of one message only the server knows them.</param>
    public static void AddCleanUp(CommandList commands, RunContext context, bool flushes = false, bool isTimed = false) => commands.Add(
        $"SELECT {context.History.Quoted}.clean_session($1){(isTimed ? $", pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) pg_catalog.transaction_timestamp()) AS {TimeColumn}" : "")}",
        flushes || context.Durability is null);

    /// <summary>True where a reader stands at the seconds of a transaction, its second column.</summary>
    /// <param name="reader">The reader.</param>
    public static bool IsTime(NpgsqlDataReader reader) => reader.FieldCount == 2 && reader.GetName(1) == TimeColumn;

    /// <summary>The same without cursors (<c>session.sql</c>).</summary>
    /// <param name="commands">The commands.</param>
    public static void AddSessionReset(CommandList commands)
    {
        commands.Add(FreeSessionLocks);
        commands.Add("DISCARD TEMP");
        commands.Add("RESET ALL");
        // What the client asked for when it connected.
        commands.Add("SET client_encoding TO 'UTF8'");
    }

    /// <summary>Adds the assertion that the other scope still has what the plan was made for, which was seen before the lock was taken; only where the plan depends on it.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="transaction">The transaction.</param>
    public void AddOtherScope(CommandList commands, PlanTransaction transaction)
    {
        if (transaction.OtherScope is { } other && transaction.Stages.Any(static stage => !stage.Revision.OtherScope.IsEmpty))
        {
            commands.Add(
                $"SELECT {context.History.Quoted}.assert_other_scope($1, $2, $3, $4)",
                context.Project.Fleet,
                target.ScopeName,
                context.Project.SharedSchema,
                other.HeadSets.ToArray());
        }
    }

    /// <summary>Adds one batch of a stage that commits in batches.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="position">Where the batch before ended; null for the first.</param>
    public void AddBatch(CommandList commands, PlanStage stage, string? position)
    {
        var planned = stage.Statements[0];
        AddStatement(commands, planned, position is null
            ? new(planned.Statement.Template.Render(values), [])
            : new(stage.Batch!.Next.Render(values), [.. BatchPlace.Values(position)]), stage);
    }

    /// <summary>Adds the assertion that a stage that commits in batches can; before the role is set, which need not be allowed to use history.</summary>
    public void AddBatchKey(CommandList commands, PlanStage stage)
    {
        if (stage.Batch is { } batch)
        {
            var tokens = context.Project.Tokens;
            var schema = batch.Schema == tokens.Tenant ? target.Schema : batch.Schema == tokens.Shared ? context.Project.SharedSchema : batch.Schema;
            commands.Add(new SessionCommand($"SELECT {context.History.Quoted}.assert_batch_key($1, $2, $3)", [schema, batch.Table, batch.Key.ToArray()]) { Stage = stage, Statement = stage.Statements[0] });
        }
    }

    /// <summary>Adds one statement of a stage, under its own limits of time.</summary>
    public void AddStatement(CommandList commands, PlanStage stage, PlannedStatement planned) =>
        AddStatement(commands, planned, new(planned.Statement.Template.Render(values), []), stage);

    /// <summary>Adds a command that stands for a statement, under the statement's own limits of time.</summary>
    public void AddStatement(CommandList commands, PlannedStatement planned, SessionCommand command, PlanStage stage)
    {
        var timeouts = context.Project.Timeouts;
        var hasOwnLimits = planned.LockTimeout != timeouts.Lock || planned.StatementTimeout != timeouts.Statement;
        if (hasOwnLimits)
        {
            AddLimits(planned.LockTimeout, planned.StatementTimeout);
        }

        commands.Add(command with { Stage = stage, Statement = planned });
        if (hasOwnLimits)
        {
            AddLimits(timeouts.Lock, timeouts.Statement);
        }

        void AddLimits(TimeSpan lockTimeout, TimeSpan statementTimeout) => commands.Add(
            "SELECT pg_catalog.set_config('lock_timeout', $1, true), pg_catalog.set_config('statement_timeout', $2, true)",
            Batches.Milliseconds(lockTimeout),
            Batches.Milliseconds(statementTimeout));
    }
}
