namespace Tenancy.Core.Sql;

/// <summary>Refuses settings that outlive the transaction, or that would move the ground under the tenant.</summary>
internal static class SqlSettings
{
    /// <summary>Settings that the engine relies on: where names are found, who runs, how strings are read.</summary>
    private static readonly string[] Kept = ["search_path", "role", "session_authorization", "standard_conforming_strings", "client_encoding"];

    /// <summary>Settings whose zero means to wait without a limit.</summary>
    private static readonly string[] Limits = ["lock_timeout", "idle_in_transaction_session_timeout"];

    private static readonly string[] SessionLocks =
    [
        "pg_advisory_lock", "pg_advisory_lock_shared", "pg_try_advisory_lock", "pg_try_advisory_lock_shared",
        "pg_advisory_unlock", "pg_advisory_unlock_shared", "pg_advisory_unlock_all",
    ];

    /// <summary>Why a SET statement is refused, or null.</summary>
    /// <param name="code">The tokens.</param>
    /// <param name="start">Index of SET.</param>
    public static string? Refusal(SqlCode code, int start)
    {
        var isLocal = code.Is(start + 1, "LOCAL");
        var name = code.IsAny(start + 1, "LOCAL", "SESSION") && !code.IsAny(start + 2, "AUTHORIZATION", "CHARACTERISTICS") ? start + 2 : start + 1;
        switch (code.Keyword(name))
        {
            case "CONSTRAINTS":
                return null;
            case "TRANSACTION" or "SESSION" when code.IsAny(name + 1, "CHARACTERISTICS", "ISOLATION", "READ", "SNAPSHOT", "DEFERRABLE", "NOT"):
                return "The engine sets the properties of its transactions. Leave it out.";
            case "SESSION" when code.Is(name + 1, "AUTHORIZATION"):
            case "ROLE":
                return "The role of a run is the project's (owner in tenancy.yaml). Leave it out; to give an object to somebody, write ALTER … OWNER TO.";
            case "SCHEMA":
                return "SET SCHEMA would send what follows to another schema. Leave it out, and write the schema before each name.";
        }

        var setting = SettingName(code, ref name);
        if (setting is null)
        {
            return isLocal ? null : "A session-level SET outlives the transaction. Write SET LOCAL.";
        }

        if (Forbidden(setting) is { } message)
        {
            return message;
        }

        if (!isLocal)
        {
            return $"SET {setting} outlives the transaction. Write SET LOCAL {setting}.";
        }

        var value = name + 2;
        return Contains(Limits, setting) && (code.Is(value, "DEFAULT") || code.Span(value).Trim('\'').TrimStart('0') is "" or "ms" or "s" or "min")
            ? $"{setting} without a limit could stop every other session. Write a time, such as SET LOCAL {setting} = '30s'."
            : null;
    }

    /// <summary>Why a function call is refused, or null.</summary>
    /// <param name="code">The tokens.</param>
    /// <param name="function">Index of the function's name, before its parenthesis.</param>
    /// <param name="end">Index after the statement.</param>
    public static string? CallRefusal(SqlCode code, int function, int end)
    {
        var name = code.Name(function)!;
        if (code.Kind(function - 1) == SqlTokenKind.Dot && !code.Is(function - 2, "pg_catalog"))
        {
            return null;
        }

        if (Contains(SessionLocks, name))
        {
            return $"{name} takes or frees a lock of the session, which outlives the transaction. Write pg_try_advisory_xact_lock or pg_advisory_xact_lock.";
        }

        if (name != "set_config")
        {
            return null;
        }

        var arguments = Arguments(code, function + 1, end);
        if (arguments.Count != 3)
        {
            return null;
        }

        var setting = code[arguments[0].Start].IsString && arguments[0].End == arguments[0].Start + 1
            ? SqlStringContent.Of(code.Text, code[arguments[0].Start]).Text
            : null;
        return (setting is null ? null : Forbidden(setting))
            ?? (code.Is(arguments[2].Start, "TRUE") && arguments[2].End == arguments[2].Start + 1 ? null : "set_config without a third argument of true outlives the transaction. Write true.");
    }

    private static string? Forbidden(string setting) =>
        Contains(Kept, setting) ? $"{setting} is the engine's: another value would send what follows elsewhere. Leave it out, and write the schema (or the owner) where it is needed."
        : setting.StartsWith("tenancy.", StringComparison.OrdinalIgnoreCase) ? $"Settings that begin with 'tenancy.' are the engine's. Use another name than {setting}."
        : null;

    /// <summary>The name of the setting at <paramref name="index"/>, which moves to its last token; null for the forms without one (TIME ZONE, NAMES, XML OPTION).</summary>
    private static string? SettingName(SqlCode code, ref int index)
    {
        if (code.Name(index) is not { } name || code.Follows(index, "TIME ZONE") || code.Follows(index, "XML OPTION") || (code.Is(index, "NAMES") && !code.Is(index + 1, "TO")))
        {
            return null;
        }

        while (code.Kind(index + 1) == SqlTokenKind.Dot && code.Name(index + 2) is { } part)
        {
            name += "." + part;
            index += 2;
        }

        return name;
    }

    private static bool Contains(string[] names, string name) => Array.Exists(names, candidate => candidate.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The arguments of a call as ranges of tokens; at most four, so that the cost does not grow with what is no such call.</summary>
    private static List<(int Start, int End)> Arguments(SqlCode code, int open, int end)
    {
        var arguments = new List<(int, int)>();
        var depth = 0;
        var start = open + 1;
        for (var index = open; index < end && arguments.Count < 4; index++)
        {
            switch (code.Kind(index))
            {
                case SqlTokenKind.OpenParenthesis:
                    depth++;
                    break;
                case SqlTokenKind.CloseParenthesis when --depth == 0:
                    arguments.Add((start, index));
                    return arguments;
                case SqlTokenKind.Comma when depth == 1:
                    arguments.Add((start, index));
                    start = index + 1;
                    break;
            }
        }

        return arguments;
    }
}
