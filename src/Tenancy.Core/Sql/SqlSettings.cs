namespace Tenancy.Core.Sql;

/// <summary>Refuses settings that outlive the transaction, or that would move the ground under the tenant.</summary>
internal static class SqlSettings
{
    /// <summary>Settings that the engine relies on: where names are found, who runs, how strings are read.</summary>
    private static readonly string[] Kept = ["search_path", "role", "session_authorization", "standard_conforming_strings", "client_encoding"];

    /// <summary>Settings that the proof of where changes land, the transaction and the guards of other sessions rest on.</summary>
    private static readonly string[] Guards =
    [
        "row_security", "track_counts", "transaction_isolation", "transaction_read_only", "transaction_deferrable", "session_replication_role", "client_connection_check_interval",
    ];

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

        if (code.Follows(name, "TIME ZONE") || code.Follows(name, "XML OPTION"))
        {
            return isLocal ? null : "A session-level SET outlives the transaction. Write SET LOCAL.";
        }

        if (code.Is(name, "NAMES") && !IsAssigned(code, name + 1) && code.Kind(name + 1) != SqlTokenKind.Dot)
        {
            return Forbidden("client_encoding");
        }

        if (SettingName(code, ref name) is not { } setting)
        {
            return "The name of this setting cannot be read here. Write it plainly, as in SET LOCAL work_mem = '64MB', without U& and ${…}.";
        }

        return Forbidden(setting)
            ?? (isLocal ? SqlTimeLimit.Refusal(setting, code, name + 2, isAlone: true) : $"SET {setting} outlives the transaction. Write SET LOCAL {setting}.");
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

        var first = code[arguments[0].Start];
        var setting = first.Kind == SqlTokenKind.String && IsAlone(arguments[0]) ? SqlStringContent.Of(code.Text, first).Text : "${";
        if (setting.Contains("${", StringComparison.Ordinal))
        {
            return "set_config with a name that cannot be read here could change any setting. Write the name as a plain string, such as 'work_mem', or write SET LOCAL.";
        }

        return Forbidden(setting)
            ?? SqlTimeLimit.Refusal(setting, code, arguments[1].Start, IsAlone(arguments[1]))
            ?? (code.Is(arguments[2].Start, "TRUE") && IsAlone(arguments[2]) ? null : "set_config without a third argument of true outlives the transaction. Write true.");
    }

    /// <summary>Why an UPDATE is refused, or null: that of the view <c>pg_settings</c> is a SET of the session (manual, 54.24).</summary>
    /// <param name="code">The tokens.</param>
    /// <param name="table">Index after UPDATE.</param>
    public static string? ViewRefusal(SqlCode code, int table)
    {
        table += code.Is(table, "ONLY") ? 1 : 0;
        table += code.Is(table, "pg_catalog") && code.Kind(table + 1) == SqlTokenKind.Dot ? 2 : 0;
        return code.Name(table) == "pg_settings" && code.Kind(table + 1) != SqlTokenKind.Dot ? "UPDATE of pg_settings is a SET that outlives the transaction. Write SET LOCAL."
            : code.Kind(table) == SqlTokenKind.UnicodeIdentifier ? "A name with U& after UPDATE could be pg_settings, which is refused. Write it without U&."
            : null;
    }

    private static bool IsAlone((int Start, int End) argument) => argument.End == argument.Start + 1;

    private static bool IsAssigned(SqlCode code, int index) => code.Is(index, "TO") || (code.Kind(index) == SqlTokenKind.Operator && code.Span(index) is "=");

    private static string? Forbidden(string setting) =>
        Contains(Kept, setting) ? $"{setting} is the engine's: another value would send what follows elsewhere. Leave it out, and write the schema (or the owner) where it is needed."
        : Contains(Guards, setting) ? $"{setting} is the engine's: the transaction and the proof of where changes land rest on it. Leave it out."
        : setting.StartsWith("tenancy.", StringComparison.OrdinalIgnoreCase) ? $"Settings that begin with 'tenancy.' are the engine's. Use another name than {setting}."
        : null;

    /// <summary>The name of the setting at <paramref name="index"/>, which moves to its last token; null for what does not stand there as it is: <c>U&amp;""</c>, placeholders.</summary>
    private static string? SettingName(SqlCode code, ref int index)
    {
        if (code.Name(index) is not { } name)
        {
            return null;
        }

        while (code.Kind(index + 1) == SqlTokenKind.Dot && code.Name(index + 2) is { } part)
        {
            name += "." + part;
            index += 2;
        }

        return code.Kind(index + 1) == SqlTokenKind.Dot || name.Contains("${", StringComparison.Ordinal) ? null : name;
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
                case SqlTokenKind.Other when code.Span(index) is "[":
                    depth++;
                    break;
                case SqlTokenKind.Other when code.Span(index) is "]":
                    depth--;
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
