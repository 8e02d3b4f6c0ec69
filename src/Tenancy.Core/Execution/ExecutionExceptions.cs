using System.Collections.Immutable;
using Npgsql;
using Tenancy.Core.Planning;
using Tenancy.Core.Policies;

namespace Tenancy.Core.Execution;

/// <summary>A statement failed in the server.</summary>
/// <param name="stage">Its stage.</param>
/// <param name="statement">The statement; null for a deferred constraint, which no one statement broke.</param>
/// <param name="sql">The SQL sent.</param>
/// <param name="error">The server's error.</param>
internal sealed class StatementException(PlanStage stage, PlannedStatement? statement, string sql, PostgresException error) : Exception(error.MessageText, error)
{
    /// <summary>Its stage.</summary>
    public PlanStage Stage { get; } = stage;

    /// <summary>The statement, or null.</summary>
    public PlannedStatement? Statement { get; } = statement;

    /// <summary>The SQL sent.</summary>
    public string Sql { get; } = sql;

    /// <summary>The server's error.</summary>
    public PostgresException Error { get; } = error;

    /// <summary>True where the statement was not sent: the lock that it begins with could not be had.</summary>
    public bool IsNotSent { get; init; }
}

/// <summary>A <c>requires</c> or <c>verify</c> does not hold, or could not be asked.</summary>
/// <param name="check">Which.</param>
/// <param name="error">What the server said.</param>
internal sealed class CheckFailedException(RevisionCheck check, PostgresException error) : Exception(check.Message, error)
{
    /// <summary>Which.</summary>
    public RevisionCheck Check { get; } = check;

    /// <summary>Why it could not be asked; null when it does not hold.</summary>
    public PostgresException? Error { get; } = RevisionCheck.IsUnmet(error) ? null : error;
}

/// <summary>A change landed outside the schema.</summary>
/// <param name="stage">The last stage of the transaction.</param>
/// <param name="error">What the proof says.</param>
internal sealed class PlacementException(PlanStage stage, PostgresException error) : Exception(error.MessageText, error)
{
    /// <summary>The last stage of the transaction.</summary>
    public PlanStage Stage { get; } = stage;
}

/// <summary>The connection was lost at COMMIT: it may have happened or not. History, read under the schema's lock, says which.</summary>
/// <param name="error">How it was lost.</param>
internal sealed class OutcomeUnknownException(Exception error) : Exception("The connection was lost while the transaction was being committed.", error);

/// <summary>A schema that had to wait must not be tried again in this run.</summary>
/// <param name="refusal">Why.</param>
internal sealed class StartRefusedException(StartRefusal refusal) : Exception(refusal.Reason)
{
    /// <summary>Why.</summary>
    public StartRefusal Refusal { get; } = refusal;
}

/// <summary>In a transaction of many schemas, something landed where it does not belong; whose part did it is not known.</summary>
/// <param name="message">What was touched, as the proof says it.</param>
internal sealed class ForeignChangeException(string message) : Exception(message)
{
    /// <summary>What the proof of one schema would say of these objects.</summary>
    /// <param name="objects">The objects.</param>
    public static string Describe(IEnumerable<string> objects) => $"changed what lies outside its schema and was rolled back: {string.Join(", ", objects)}";
}

/// <summary>In a transaction of many schemas, the part of one failed.</summary>
/// <param name="target">Its schema.</param>
/// <param name="error">What went wrong.</param>
internal sealed class PartFailedException(SchemaTarget target, Exception error) : Exception(error.Message, error)
{
    /// <summary>Its schema.</summary>
    public SchemaTarget Target { get; } = target;
}
