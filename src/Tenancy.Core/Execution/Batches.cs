using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Tenancy.Core.History;
using Tenancy.Core.Planning;

namespace Tenancy.Core.Execution;

/// <summary>The commands that surround a manifest's statements.</summary>
internal static class Batches
{
    /// <summary>Adds a command with positional parameters.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="text">The SQL, sent as it is.</param>
    /// <param name="values">The parameters, null included.</param>
    public static NpgsqlBatchCommand Add(this NpgsqlBatch batch, string text, params object?[] values)
    {
        var command = new NpgsqlBatchCommand(text);
        foreach (var value in values.Select(static value => value is LookedUp known ? known.Value : value))
        {
            command.Parameters.Add(value switch
            {
                null or string => new NpgsqlParameter { Value = value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                UntypedText untyped => new NpgsqlParameter { Value = untyped.Text, NpgsqlDbType = NpgsqlDbType.Unknown },
                _ => new NpgsqlParameter { Value = value },
            });
        }

        batch.BatchCommands.Add(command);
        return command;
    }

    /// <summary>Adds a parameter whose value may be missing: then its type is not to be seen by it.</summary>
    /// <param name="command">The command.</param>
    /// <param name="value">The value, or null.</param>
    /// <param name="type">Its type.</param>
    public static NpgsqlBatchCommand With(this NpgsqlBatchCommand command, object? value, NpgsqlDbType type)
    {
        command.Parameters.Add(new() { Value = value ?? DBNull.Value, NpgsqlDbType = type });
        return command;
    }

    /// <summary>Begins a transaction with every setting that keeps it from waiting without a limit, or from meaning something else than the manifest says.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    public static void AddBegin(this CommandList commands, RunContext context, SchemaTarget target)
    {
        commands.Add(HistoryTransaction.BeginWriting);
        commands.AddSettings(context, target, context.Project.Timeouts.Lock, context.Project.Timeouts.Statement, isLocal: true);
    }

    /// <summary>The same for what is not one schema's.</summary>
    public static void AddBegin(this CommandList commands, RunContext context, string applicationName)
    {
        commands.Add(HistoryTransaction.BeginWriting);
        commands.AddSettings(context, context.Project.Timeouts.Lock, context.Project.Timeouts.Statement, applicationName, isLocal: true);
    }

    /// <summary>Begins a transaction of a plan: settings, locks and state, the start of the proof, the path (<c>session.sql</c>).</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    /// <param name="state">The state that was planned for.</param>
    /// <param name="locks">False for what changes no state.</param>
    public static void AddBeginWork(this CommandList commands, RunContext context, SchemaTarget target, SchemaState state, bool locks)
    {
        commands.Add(HistoryTransaction.BeginWriting);
        commands.Add(
            $"SELECT {context.History.Quoted}.begin_work($1, $2, $3, $4, $5, $6, $7, $8, $9::pg_catalog.text::pg_catalog.oid, $10, $11, $12, $13)",
            [
                Milliseconds(context.Project.Timeouts.Lock),
                Milliseconds(context.Project.Timeouts.Statement),
                Milliseconds(context.Project.Timeouts.Idle),
                context.ApplicationName(target),
                locks,
                .. locks ? StateValues(context, target, state) : [context.Project.Fleet, target.ScopeName, target.Schema, null, Array.Empty<string>(), Array.Empty<string>()],
                context.SearchPath(target),
                context.CurrentSchema(target),
            ]);
    }

    /// <summary>Sets what a transaction, or a session of non-transactional steps, runs under.</summary>
    public static void AddSettings(this CommandList commands, RunContext context, SchemaTarget target, TimeSpan lockTimeout, TimeSpan statementTimeout, bool isLocal) =>
        commands.AddSettings(context, lockTimeout, statementTimeout, context.ApplicationName(target), isLocal);

    /// <summary>The same for what is not one schema's.</summary>
    public static void AddSettings(this CommandList commands, RunContext context, TimeSpan lockTimeout, TimeSpan statementTimeout, string applicationName, bool isLocal)
    {
        // The connection check ends a statement whose runner was killed; only Linux servers have it (manual, 20.3.2). What is committed so is waited for, whatever the server's default.
        commands.Add(
            """
            SELECT pg_catalog.set_config('lock_timeout', $1, $6), pg_catalog.set_config('statement_timeout', $2, $6),
              pg_catalog.set_config('idle_in_transaction_session_timeout', $3, $6), pg_catalog.set_config('application_name', $4, $6),
              pg_catalog.set_config('standard_conforming_strings', 'on', $6), pg_catalog.set_config('row_security', 'off', $6),
              CASE WHEN pg_catalog.version() LIKE '%linux%' THEN pg_catalog.set_config('client_connection_check_interval', $5, $6) END,
              CASE WHEN pg_catalog.current_setting('synchronous_commit') = 'off' THEN pg_catalog.set_config('synchronous_commit', 'on', $6) END,
              CASE WHEN pg_catalog.current_setting('transaction_timeout', true) IS NOT NULL THEN pg_catalog.set_config('transaction_timeout', '0', $6) END
            """,
            Milliseconds(lockTimeout),
            Milliseconds(statementTimeout),
            Milliseconds(context.Project.Timeouts.Idle),
            applicationName,
            "2s",
            isLocal);
    }

    /// <summary>Takes the locks and asserts the state that was planned for.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    /// <param name="state">The state that was planned for.</param>
    /// <param name="proves">True to note where the proof of placement starts.</param>
    public static void AddEnter(this CommandList commands, RunContext context, SchemaTarget target, SchemaState state, bool proves) => commands.Add(
        $"SELECT {context.History.Quoted}.enter($1, $2, $3, $4::pg_catalog.text::pg_catalog.oid, $5, $6, $7)",
        [.. StateValues(context, target, state), proves]);

    /// <summary>Asserts the state that was planned for, where the locks are taken already.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    /// <param name="state">The state that was planned for.</param>
    public static void AddState(this CommandList commands, RunContext context, SchemaTarget target, SchemaState state) => commands.Add(
        $"SELECT {context.History.Quoted}.assert_state($1, $2, $3, $4::pg_catalog.text::pg_catalog.oid, $5, $6)",
        StateValues(context, target, state));

    /// <summary>Records stages that are done; a hook leaves no record.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="context">The run.</param>
    /// <param name="target">The schema.</param>
    /// <param name="oid">Its OID.</param>
    /// <param name="done">The stages, in order.</param>
    public static void AddRecords(this CommandList commands, RunContext context, SchemaTarget target, uint oid, IEnumerable<PlanStage> done)
    {
        foreach (var stage in done.Where(static stage => !stage.Revision.Manifest.IsHook))
        {
            commands.AddRecord(context, target, oid, stage, isDone: true);
        }
    }

    /// <summary>Marks that a stage is started or done, or, with a revision's last stage, moves its head.</summary>
    public static void AddRecord(this CommandList commands, RunContext context, SchemaTarget target, uint oid, PlanStage stage, bool isDone)
    {
        var manifest = stage.Revision.Manifest;
        var schemaOid = target.Oid(oid);
        if (isDone && stage.IsLast)
        {
            commands.Add(
                $"SELECT {context.History.Quoted}.record_revision($1, $2, $3, $4, $5::pg_catalog.text::pg_catalog.oid, $6, $7, $8, $9, $10, $11, $12, $13)",
                context.Request.RunId,
                context.Project.Fleet,
                target.ScopeName,
                target.Schema,
                schemaOid,
                target.Name,
                manifest.Revision,
                context.Direction,
                manifest.Checksum,
                ToolVersion.Text,
                stage.Revision.Heads.Remove.ToArray(),
                stage.Revision.Heads.Add.ToArray(),
                stage.MarkedBecause is { } reason ? PlanStage.MarkedMessage(reason) : null);
        }
        else
        {
            commands.Add(
                $"SELECT {context.History.Quoted}.record_stage($1, $2, $3, $4, $5::pg_catalog.text::pg_catalog.oid, $6, $7, $8, $9, $10, $11, $12, $13)",
                context.Request.RunId,
                context.Project.Fleet,
                target.ScopeName,
                target.Schema,
                schemaOid,
                target.Name,
                manifest.Revision,
                context.Direction,
                manifest.Checksum,
                ToolVersion.Text,
                stage.Number,
                stage.Description,
                isDone ? "done" : "started");
        }
    }

    /// <summary>Notes how far a stage has come that commits in batches.</summary>
    public static void AddPosition(this CommandList commands, RunContext context, SchemaTarget target, StageMark mark) => commands.Add(
        $"SELECT {context.History.Quoted}.record_position($1, $2, $3, $4, $5, $6)",
        context.Project.Fleet,
        target.ScopeName,
        target.Schema,
        mark.Revision,
        mark.Number,
        mark.Position);

    private static object?[] StateValues(RunContext context, SchemaTarget target, SchemaState state) =>
    [
        context.Project.Fleet,
        target.ScopeName,
        target.Schema,
        target.Oid(state.Oid!.Value),
        state.Heads.ToArray(),
        state.Stages.Select(static mark => mark.ToString()).ToArray(),
    ];

    /// <summary>A time as PostgreSQL reads it; at least one millisecond, because 0 would mean no limit.</summary>
    public static string Milliseconds(TimeSpan time) => Math.Max(1, (long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture) + "ms";
}
