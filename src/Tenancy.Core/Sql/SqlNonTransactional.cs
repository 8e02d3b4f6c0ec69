namespace Tenancy.Core.Sql;

/// <summary>
/// The statements that PostgreSQL refuses inside a transaction block: those that its source guards with <c>PreventInTransactionBlock</c> and that the text of a statement shows.
/// (REINDEX and CLUSTER of a partitioned table are refused too; only the catalog knows those.)
/// </summary>
internal static class SqlNonTransactional
{
    /// <summary>True when the statement must run outside a transaction block.</summary>
    public static bool Is(SqlCode code) => code.Keyword(0) switch
    {
        "VACUUM" => true,
        "CREATE" => code.IsAny(1, "DATABASE", "TABLESPACE") || IsConcurrentCreate(code) || (code.Is(1, "SUBSCRIPTION") && !IsOff(code, "create_slot") && !IsOff(code, "connect")),
        "DROP" => code.IsAny(1, "DATABASE", "TABLESPACE", "SUBSCRIPTION") || code.Follows(1, "INDEX CONCURRENTLY"),
        "REINDEX" => IsReindex(code),
        "CLUSTER" => IsClusterAll(code),
        "ALTER" => code.Is(1, "SYSTEM")
            || (code.Is(1, "DATABASE") && SqlClassifier.HasAtTop(code, 2, "SET TABLESPACE"))
            || (code.Is(1, "SUBSCRIPTION") && IsSubscriptionChange(code))
            || (code.Is(1, "TABLE") && IsDetach(code)),
        _ => false,
    };

    /// <summary>
    /// For a statement outside a transaction that fails, or does harm, when it is repeated after an unknown outcome: a query that tells whether its work is done, as an example
    /// for a message. Null for what may be repeated, and for concurrent index statements, whose outcome is looked up.
    /// </summary>
    public static string? ExampleOfDoneWhen(SqlCode code)
    {
        var isDrop = code.Is(0, "DROP");
        return (code.Keyword(0), code.Keyword(1)) switch
        {
            ("DROP", _) when code.Follows(2, "IF EXISTS") => null,
            ("CREATE" or "DROP", "DATABASE") => Exists(isDrop, "pg_database WHERE datname = 'the_name'"),
            ("CREATE" or "DROP", "TABLESPACE") => Exists(isDrop, "pg_tablespace WHERE spcname = 'the_name'"),
            ("CREATE" or "DROP", "SUBSCRIPTION") => Exists(isDrop, "pg_subscription WHERE subname = 'the_name'"),
            ("ALTER", "SUBSCRIPTION") => "SELECT subpublications @> '{the_publication}' FROM pg_subscription WHERE subname = 'the_name'",
            ("ALTER", "TABLE") when IsDetach(code) => Exists(true, "pg_inherits WHERE inhrelid = to_regclass('the_partition')"),
            _ => null,
        };

        static string Exists(bool isGone, string where) => $"SELECT {(isGone ? "NOT " : "")}EXISTS (SELECT FROM {where})";
    }

    /// <summary>True for CREATE [UNIQUE] INDEX CONCURRENTLY.</summary>
    public static bool IsConcurrentCreate(SqlCode code) => code.Follows(1, "INDEX CONCURRENTLY") || code.Follows(1, "UNIQUE INDEX CONCURRENTLY");

    /// <summary>The index of the object kind of a REINDEX (INDEX, TABLE, …), and whether it is concurrent.</summary>
    public static (int Kind, bool IsConcurrent) Reindex(SqlCode code)
    {
        var kind = code.Kind(1) == SqlTokenKind.OpenParenthesis ? code.AfterParentheses(1, code.Count) : 1;
        return (kind, code.Is(kind + 1, "CONCURRENTLY") || (kind > 1 && IsOn(code, 2, kind - 1, "CONCURRENTLY")));
    }

    private static bool IsReindex(SqlCode code)
    {
        var (kind, isConcurrent) = Reindex(code);
        return isConcurrent || code.IsAny(kind, "SCHEMA", "DATABASE", "SYSTEM");
    }

    private static bool IsClusterAll(SqlCode code)
    {
        var table = code.Kind(1) == SqlTokenKind.OpenParenthesis ? code.AfterParentheses(1, code.Count) : code.Is(1, "VERBOSE") ? 2 : 1;
        return table >= code.Count;
    }

    /// <summary>ALTER TABLE … DETACH PARTITION p CONCURRENTLY.</summary>
    private static bool IsDetach(SqlCode code) => code.Is(code.Count - 1, "CONCURRENTLY") && SqlClassifier.HasAtTop(code, 2, "DETACH PARTITION");

    /// <summary>Refreshing (REFRESH, and SET, ADD or DROP PUBLICATION unless refresh is off) and changing the slot (failover, two_phase).</summary>
    private static bool IsSubscriptionChange(SqlCode code) =>
        (code.Follows(3, "REFRESH PUBLICATION") || code.Follows(3, "REFRESH SEQUENCES"))
        || (code.IsAny(3, "SET", "ADD", "DROP") && code.Is(4, "PUBLICATION") && !IsOff(code, "refresh"))
        || (code.Is(3, "SET") && code.Kind(4) == SqlTokenKind.OpenParenthesis && (Option(code, 5, code.Count, "failover") >= 0 || Option(code, 5, code.Count, "two_phase") >= 0));

    private static bool IsOff(SqlCode code, string option)
    {
        var index = Option(code, 2, code.Count, option);
        var value = code.Kind(index + 1) == SqlTokenKind.Operator ? index + 2 : index + 1;
        return index >= 0 && (code.Span(value).Trim('\'').ToString().ToUpperInvariant() is "FALSE" or "OFF" or "NO" or "0");
    }

    /// <summary>True when the option is there and not switched off; an option without a value is on.</summary>
    private static bool IsOn(SqlCode code, int start, int end, string option)
    {
        var index = Option(code, start, end, option);
        return index >= 0 && !(code.Span(index + 1).Trim('\'').ToString().ToUpperInvariant() is "FALSE" or "OFF" or "0");
    }

    /// <summary>The index of an option within parentheses: a word after the opening one or a comma; -1 when it is not there.</summary>
    private static int Option(SqlCode code, int start, int end, string option)
    {
        for (var index = start; index < end; index++)
        {
            if (code.Is(index, option) && code.Kind(index - 1) is SqlTokenKind.OpenParenthesis or SqlTokenKind.Comma)
            {
                return index;
            }
        }

        return -1;
    }
}
