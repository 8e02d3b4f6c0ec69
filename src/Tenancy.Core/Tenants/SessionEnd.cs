using Npgsql;

namespace Tenancy.Core.Tenants;

/// <summary>Errors that come instead of an answer because the session has ended: what it was doing may have happened or not.</summary>
internal static class SessionEnd
{
    /// <summary>True for one that an administrator, a shutdown or a crash ended (57P01 and following), and one that a pooler has lost: PgBouncer says so with 08P01 (manual, appendix A).</summary>
    /// <param name="error">What the server, or the pooler before it, said.</param>
    public static bool Is(PostgresException error) => error.SqlState.StartsWith("57P", StringComparison.Ordinal) || error.SqlState.StartsWith("08", StringComparison.Ordinal);

    /// <summary>
    /// True for one of a server that takes no changes any more: in the middle of a run that is a primary which has become a standby. 25006 says it to whatever writes, a failed check of a setting to
    /// <c>BEGIN … READ WRITE</c> (<c>check_transaction_read_only</c>; its text is translated).
    /// </summary>
    /// <param name="error">What the server said.</param>
    public static bool IsStandby(PostgresException error) =>
        error.SqlState == PostgresErrorCodes.ReadOnlySqlTransaction || error is { SqlState: PostgresErrorCodes.FeatureNotSupported, Routine: "call_bool_check_hook" };
}
