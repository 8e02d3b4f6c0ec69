using Tenancy.Core.Manifests;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Scratch;

/// <summary>
/// The settings of a dump. They are psql's session's, so none is set; but two of them say where and how tables are stored, and these become settings of the scratch transaction, before what they are for.
/// </summary>
internal sealed class DumpSettings
{
    /// <summary>The settings that are part of a shape, which end with the load.</summary>
    public static readonly string[] OfShape = ["default_tablespace", "default_table_access_method"];

    private static readonly string[] Known =
    [
        "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "transaction_timeout", "client_encoding", "standard_conforming_strings", "check_function_bodies", "xmloption", "client_min_messages",
        "row_security", "escape_string_warning", "synchronize_seqscans",
    ];

    private readonly Dictionary<string, (string Value, SourcePosition Position)> values = [];
    private readonly Dictionary<string, string> taken = [];

    /// <summary>Reads a SET.</summary>
    /// <param name="code">The statement.</param>
    /// <param name="found">Takes errors.</param>
    /// <returns>False for any other statement.</returns>
    public bool Read(SqlCode code, SqlErrors found)
    {
        if (!code.Is(0, "SET"))
        {
            return false;
        }

        var value = code[code.Count - 1];
        var text = value.IsString ? SqlStringContent.Of(code.Text, value).Text : code.Name(code.Count - 1) ?? code.Span(code.Count - 1).ToString();
        var name = code.Keyword(1).ToLowerInvariant();
        if (OfShape.Contains(name))
        {
            values[name] = (text, found.PositionAt(code[0].Start));
        }
        else if (name == "search_path" ? code.Count > 4 || !(text is "" or "pg_catalog") : name == "default_with_oids" && !IsOff(text))
        {
            found.Add(code[0].Start, "The dump is of a pg_dump older than 10.3, whose names mean what this setting says. Write it with a newer one, which reads older servers too.");
        }
        else if (name is "role" or "session")
        {
            found.Add(code[0].Start, "The dump says by SET who owns what. Write it without --use-set-session-authorization, so that ALTER … OWNER TO says it.");
        }
        else if (name == "client_encoding" && !text.Replace("-", "", StringComparison.Ordinal).Equals("UTF8", StringComparison.OrdinalIgnoreCase))
        {
            found.Add(code[0].Start, $"The dump says that it is in {text}; only UTF-8 is read. Write it with pg_dump --encoding=UTF8.");
        }
        else if (name == "standard_conforming_strings" && IsOff(text))
        {
            found.Add(code[0].Start, "The dump's strings have backslashes as escapes (standard_conforming_strings is off), which would be read as something else. Write it with PGOPTIONS='-c standard_conforming_strings=on'.");
        }
        else if (!Known.Contains(name) && name is not ("search_path" or "default_with_oids"))
        {
            found.Add(code[0].Start, $"pg_dump sets no {(name.Length == 0 ? "such setting" : name)}, and it is not known whether it says how the schema is to be. Take it out, if it is a dump otherwise.");
        }

        return true;
    }

    /// <summary>Adds why a call of set_config is refused: names would mean something else than what they say.</summary>
    /// <param name="code">The SELECT.</param>
    /// <param name="found">Takes errors.</param>
    public static void CheckPath(SqlCode code, SqlErrors found)
    {
        var strings = Enumerable.Range(0, code.Count).Where(index => code[index].IsString).Select(index => SqlStringContent.Of(code.Text, code[index]).Text).ToList();
        if (strings is not ["search_path", ""])
        {
            found.Add(code[0].Start, "pg_dump empties the search_path with set_config, and sets nothing else with it. Write the dump anew with a pg_dump of 10.3 or later.");
        }
    }

    /// <summary>What is to be set for a statement, and is not yet.</summary>
    /// <param name="code">The statement.</param>
    public IEnumerable<DesiredStatement> Take(SqlCode code)
    {
        if (!code.IsAny(0, "CREATE", "ALTER"))
        {
            yield break;
        }

        foreach (var (name, (value, position)) in values)
        {
            if (taken.GetValueOrDefault(name) != value)
            {
                taken[name] = value;
                var sql = $"SELECT pg_catalog.set_config('{name}', {SqlLiteral.Quote(value)}, true)";
                yield return new(new([new(SqlSegmentKind.Text, sql, [], [])], sql), position, $"SET {name}", IsOwner: false);
            }
        }
    }

    private static bool IsOff(string text) => text.Equals("off", StringComparison.OrdinalIgnoreCase) || text.Equals("false", StringComparison.OrdinalIgnoreCase);
}
