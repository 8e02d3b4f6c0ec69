using Npgsql;
using Tenancy.Core.Execution.Waiting;
using Tenancy.Core.History;
using Tenancy.Core.Planning;
using Tenancy.Core.Provisioning;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Execution;

/// <summary>Turns what went wrong on a schema into what a person reads: what happened, where, what to do. Secrets are masked.</summary>
internal sealed class FailureDescriber
{
    private const string NothingKept = "nothing of the revision was kept";
    private const string RolledBack = "what was not done was rolled back";
    private const string StandbyAction = "The server is a standby by now, which takes no changes. Run again, connected to the primary: what is done stays done.";

    private readonly RunContext context;

    /// <summary>A describer for one run.</summary>
    /// <param name="context">The run.</param>
    public FailureDescriber(RunContext context) => this.context = context;

    /// <summary>Describes an error.</summary>
    /// <param name="error">The error.</param>
    /// <param name="target">The schema.</param>
    public MigrationFailure Describe(Exception error, SchemaTarget target) => error switch
    {
        BlockedException blocked => blocked.Blockers.Explain(Describe(blocked.InnerException!, target), BlockerWatch.ActionOnce),
        StatementException failed => DescribeStatement(failed, target),
        CheckFailedException { Error: { } cause } failed => At(failed.Check.Stage) with
        {
            ErrorId = Classify(cause.SqlState).Id,
            Message = context.Mask($"{target}, {failed.Check.Stage.Revision.Manifest.Title}: the server could not answer what the revision {(failed.Check.ErrorId == "VerificationFailed" ? "verifies" : "requires")}: {cause.MessageText} ({cause.SqlState})."),
            RecommendedAction = Classify(cause.SqlState).Action,
            SqlState = cause.SqlState,
        },
        CheckFailedException failed => At(failed.Check.Stage) with
        {
            ErrorId = failed.Check.ErrorId,
            Message = context.Mask($"{target}, {failed.Check.Stage.Revision.Manifest.Title}: {failed.Message}"),
            RecommendedAction = $"Bring the data into the state that the revision expects and run again; {Kept(failed.Check.Stage, failed.Check.ErrorId == "VerificationFailed")}.",
        },
        PlacementException failed => At(failed.Stage) with
        {
            ErrorId = "PlacementViolation",
            Message = $"{target}, {failed.Stage.Revision.Manifest.Title} {failed.Message}.",
            RecommendedAction = "Correct the manifest, or declare under 'touches' what it changes or locks there on purpose.",
        },
        PostgresException { SqlState: PostgresErrorCodes.DuplicateSchema } failed => new()
        {
            ErrorId = "SchemaExists",
            Message = $"{target}: schema {target.Schema} exists already.",
            RecommendedAction = "Migrate it with Invoke-TenantMigration, which registers it, or choose another schema.",
            SqlState = failed.SqlState,
        },
        PostgresException { SqlState: TakenNames.SqlState } failed => new()
        {
            ErrorId = "NameTaken",
            Message = $"{target}: {failed.MessageText}.",
            RecommendedAction = "Choose another name.",
            SqlState = failed.SqlState,
        },
        TenancyException failed => new() { ErrorId = failed.ErrorId, Message = context.Mask($"{target}: {failed.Message}"), RecommendedAction = failed.RecommendedAction },
        PostgresException failed when DamagedHistory.Is(failed, context.History) => new()
        {
            ErrorId = "HistoryFailed",
            Message = $"{target}: the history schema {context.Project.HistorySchema} could not be used: {failed.MessageText} ({failed.SqlState}).",
            RecommendedAction = DamagedHistory.Action,
            SqlState = failed.SqlState,
        },
        PostgresException failed => DescribeServer(failed, target),
        OutcomeUnknownException => new()
        {
            ErrorId = "OutcomeUnknown",
            Message = $"{target}: the connection was lost while a transaction was being committed, and whether it was could not be found out since.",
            RecommendedAction = "Run again when the server is there: history says then what was done.",
        },
        NpgsqlException or System.IO.IOException or TimeoutException or System.Net.Sockets.SocketException => new()
        {
            ErrorId = "ConnectionLost",
            Message = context.Mask($"{target}: the connection was lost: {error.Message}"),
            RecommendedAction = "Run again: what is done stays done.",
        },
        _ => new() { ErrorId = "Unexpected", Message = context.Mask($"{target}: {error.GetType().Name}: {error.Message}"), RecommendedAction = "Report it, with the output of -Debug." },
    };

    private MigrationFailure DescribeStatement(StatementException failed, SchemaTarget target)
    {
        var error = failed.Error;
        var manifest = failed.Stage.Revision.Manifest;
        var place = At(failed.Stage);
        var where = manifest.Path;
        if (failed.Statement is { } planned)
        {
            var line = Line(planned, failed.Sql, error.Position);
            where = $"{planned.Statement.Position.File}:{line}, {planned.Operation.Name}";
            place = place with { Manifest = planned.Statement.Position.File, Line = line, Operation = planned.Operation.Name, Statement = planned.Statement.Template.Source };
        }

        var (id, action) = Classify(error.SqlState, Kept(failed.Stage, isDone: false), failed.Stage.IsTransactional ? "" : "concurrent_");
        if (error.SqlState == PostgresErrorCodes.InsufficientPrivilege && context.Project.Mode == Manifests.SchemaMode.Token && error.MessageText.Contains("pg_catalog", StringComparison.Ordinal))
        {
            // Without a schema of its own in the path, a bare name is meant for pg_catalog, which refuses it.
            (id, action) = ("NameWithoutToken", $"Write the token before the name, as in {context.Project.Tokens.Tenant}.name: in token mode a bare name belongs nowhere.");
        }

        var what = failed.Statement is null ? "a deferred constraint or trigger failed: " : "";
        return place with
        {
            ErrorId = id,
            Message = context.Mask($"{target}, {manifest.Title} ({where}): {what}{error.MessageText} ({error.SqlState}).{(error.Hint is { Length: > 0 } hint ? " " + hint : "")}"),
            RecommendedAction = action,
            SqlState = error.SqlState,
        };
    }

    private MigrationFailure DescribeServer(PostgresException error, SchemaTarget target)
    {
        var (id, action) = SessionEnd.IsStandby(error) ? ("ServerIsStandby", StandbyAction) : Classify(error.SqlState, RolledBack);
        return new()
        {
            ErrorId = id,
            Message = context.Mask($"{target}: {error.MessageText} ({error.SqlState}).{RaisedBy(error)}"),
            // No manifest's statement: the engine's own, which something in the database refuses.
            RecommendedAction = id == "StatementFailed" ? $"Look for what refuses it in the database, an event trigger for one; change that, and run again: {RolledBack}." : action,
            SqlState = error.SqlState,
        };
    }

    // The first line is the function that raised it; of other errors it may show rows.
    private static string RaisedBy(PostgresException error) =>
        error is { SqlState: PostgresErrorCodes.RaiseException, Where: { Length: > 0 } where } ? $" It was raised in {where.Split('\n')[0]}." : "";

    // A stage before this one is committed, and what is outside a transaction cannot be rolled back.
    private static string Kept(PlanStage stage, bool isDone) => stage.Batch is not null ? "the batches before it stay, and the revision goes on behind them"
        : stage.IsTransactional && stage.Number == 1 ? NothingKept
        : isDone || stage.Number > 1 ? "the revision goes on at this step"
        : "the revision is not begun, though what the statement did before it failed may stay";

    private static MigrationFailure At(PlanStage stage) => new()
    {
        Revision = stage.Revision.Manifest.IsHook ? null : stage.Revision.Manifest.Revision,
        Manifest = stage.Revision.Manifest.Path,
        Line = stage.Revision.Manifest.Position.Line is > 0 and var line ? line : null,
    };

    // The server counts characters from 1 in what was sent; typed operations stand on one line of the manifest.
    private static int Line(PlannedStatement planned, string sql, int position)
    {
        var line = planned.Statement.Position.Line;
        return planned.Operation.Name is "sql" or "sql_file" && position > 1 && position <= sql.Length
            ? line + sql.AsSpan(0, position - 1).Count('\n')
            : line;
    }

    /// <summary>The id of a failure that the server answered with a SQLSTATE.</summary>
    /// <param name="sqlState">The SQLSTATE.</param>
    public static string IdOf(string sqlState) => Classify(sqlState).Id;

    // limits: what the names of the limits of time begin with, for a step outside a transaction.
    private static (string Id, string Action) Classify(string sqlState, string kept = NothingKept, string limits = "") => sqlState switch
    {
        PostgresErrorCodes.LockNotAvailable => ("LockTimeout", $"Another session holds a lock on what the statement needs. Run again when it is gone, or raise timeouts.{limits}lock."),
        PostgresErrorCodes.QueryCanceled => ("StatementTimeout", $"The statement ran longer than its limit, or was cancelled. Raise timeouts.{limits}statement, or the operation's statement_timeout."),
        PostgresErrorCodes.DeadlockDetected => ("Deadlock", $"Run again: {kept}."),
        PostgresErrorCodes.InsufficientPrivilege => ("PermissionDenied", "Grant the role what the statement needs, or set 'owner' in the project file to a role that has it."),
        PostgresErrorCodes.ReadOnlySqlTransaction => ("ServerIsStandby", StandbyAction),
        "53100" => ("DiskFull", $"Make room on the server's disk, or in the tablespace, and run again: {kept}."),
        "53200" => ("OutOfSharedMemory", "Raise max_locks_per_transaction and restart the server; or divide the revision, use -Transaction PerRevision, lower -ThrottleLimit."),
        "TN002" or "TN008" => ("StateChanged", "Another run works on the same tenant, or on what it depends on. Run again when it has ended; what is done stays done."),
        "TN003" => ("Recreated", "Run again: the schema is looked at anew."),
        "TN004" => ("WrongSchema", "Grant the role USAGE and CREATE on the schema; a statement must not change search_path."),
        "TN006" => ("ProofImpossible", "Set track_counts = on for the role or the database."),
        "TN007" => ("TransactionEnded", "Take transaction control out of the manifest's SQL and of what it calls."),
        "TN009" => ("BatchKey", "Name under 'batch' the columns of a primary key, or of a unique index whose columns are NOT NULL."),
        _ when sqlState.StartsWith("53", StringComparison.Ordinal) => ("ResourceUnavailable", "The server is short of a resource. Run again when it has it."),
        _ when sqlState.StartsWith("57P", StringComparison.Ordinal) || sqlState.StartsWith("08", StringComparison.Ordinal) => ("ConnectionLost", "The server ended the connection. Run again: what is done stays done."),
        // Integrity constraints (manual, appendix A, class 23).
        _ when sqlState.StartsWith("23", StringComparison.Ordinal) => ("ConstraintViolated", $"Rows break the constraint; the server's log has their values. Correct them, or the manifest, and run again: {kept}."),
        _ => ("StatementFailed", $"Correct the manifest or the data and run again: {kept}."),
    };
}
