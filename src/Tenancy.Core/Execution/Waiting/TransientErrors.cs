using System.Security.Authentication;
using Npgsql;
using Tenancy.Core.Tenants;
using Tenancy.Model;

namespace Tenancy.Core.Execution.Waiting;

/// <summary>Which errors pass by themselves, so that the same may succeed when it is tried again (SQLSTATEs: manual, appendix A).</summary>
internal static class TransientErrors
{
    /// <summary>True for a lock that was waited for too long, a deadlock, a serialization failure, a full lock table, too many connections, a lost connection.</summary>
    /// <param name="error">What a transaction, or a step outside one, failed with.</param>
    public static bool Is(Exception error) => error switch
    {
        // The lock limit of a step outside a transaction is long already.
        StatementException { Stage.IsTransactional: false, Error.SqlState: PostgresErrorCodes.LockNotAvailable } => false,
        StatementException failed => Is(failed.Error),
        CheckFailedException { Error: { } answer } => Is(answer),
        TenancyException { InnerException: PostgresException answer, ErrorId: "HistoryFailed" } => Is(answer),
        // The lock table is one for all: who finds it full need not be who filled it.
        PostgresException { SqlState: PostgresErrorCodes.OutOfMemory or PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.TooManyConnections } => true,
        _ => IsLostConnection(error) || IsServerMissing(error),
    };

    /// <summary>True where a connection ended in the middle of its work, or its server is a standby by now: after a failover the same address may lead to the new primary.</summary>
    /// <param name="error">The error.</param>
    public static bool IsLostConnection(Exception error) => error switch
    {
        StatementException failed => IsLostConnection(failed.Error),
        CheckFailedException { Error: { } answer } => IsLostConnection(answer),
        TenancyException failed => failed.ErrorId == "ConnectionLost",
        PostgresException answer => IsEnd(answer.SqlState) || SessionEnd.IsStandby(answer),
        OutcomeUnknownException => false,
        _ => error is NpgsqlException or IOException or System.Net.Sockets.SocketException or TimeoutException,
    };

    /// <summary>True where no connection could be opened, and a server that is there would have taken it: not for a wrong password or database.</summary>
    /// <param name="error">What opening one threw.</param>
    public static bool IsServerMissing(Exception error) => error is TenancyException { ErrorId: "ConnectionFailed" } && Causes(error).All(static cause => cause switch
    {
        PostgresException answer => answer.SqlState is PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.OutOfMemory || IsEnd(answer.SqlState),
        AuthenticationException => false,
        _ => true,
    });

    /// <summary>True where nothing answered at all, neither a server nor a pooler: whoever tries again waits once more as long.</summary>
    /// <param name="error">What opening a connection threw.</param>
    public static bool IsServerSilent(Exception error) => IsServerMissing(error) && error.InnerException is not PostgresException;

    // 57P01 to 57P03 and 57P05: shut down, crashed, starting, idle for too long; not 57P04, a dropped database. 25P03: a frozen client's transaction. Class 08, a pooler's words too.
    private static bool IsEnd(string state) => state is "57P01" or "57P02" or "57P03" or "57P05" or "25P03" || state.StartsWith("08", StringComparison.Ordinal);

    private static IEnumerable<Exception> Causes(Exception error)
    {
        for (var cause = error.InnerException; cause is not null; cause = cause.InnerException)
        {
            yield return cause;
        }
    }
}
