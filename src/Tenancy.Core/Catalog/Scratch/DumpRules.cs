using System.Globalization;
using Tenancy.Core.Manifests;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Scratch;

/// <summary>
/// Which statements of a dump, or of SQL files, say how a schema is to be. The others are understood and left out: settings of psql's session, rows, what lies in no schema or in another one. What was left out and
/// would matter is said.
/// </summary>
internal sealed class DumpRules
{
    private static readonly string[] KnownCalls = ["lo_create", "lo_open", "lowrite", "lo_close", "lo_unlink", "pg_restore_relation_stats", "pg_restore_attribute_stats", "pg_restore_extended_stats"];

    private readonly SortedDictionary<string, int> others = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> outside = new(StringComparer.Ordinal);
    private int tables;
    private int rows;
    private int positions;
    private int labels;

    /// <summary>Extensions that are asked for.</summary>
    public List<(string Name, SourcePosition Position)> Extensions { get; } = [];

    /// <summary>True where privileges are given or taken.</summary>
    public bool SaysGrants { get; private set; }

    /// <summary>True where owners are named.</summary>
    public bool SaysOwners { get; private set; }

    /// <summary>What was left out, each in a sentence.</summary>
    public IEnumerable<string> LeftOut
    {
        get
        {
            if (tables + rows > 0)
            {
                yield return tables > 0 ? $"The rows of {Count(tables, "table")} are left out: a migration changes the structure." : $"{Count(rows, "statement")} on rows (INSERT and the like) {Are(rows)} left out: a migration changes the structure.";
            }

            if (positions > 0)
            {
                yield return $"The positions of {Count(positions, "sequence")} are left out.";
            }

            if (labels > 0)
            {
                yield return $"{Count(labels, "security label")} {Are(labels)} left out.";
            }

            foreach (var (kind, count) in outside)
            {
                yield return $"{Count(count, "statement")} on a {kind} {Are(count)} left out: it lies in no schema.";
            }

            foreach (var (schema, count) in others)
            {
                yield return $"{Count(count, "statement")} on the schema {schema} {Are(count)} left out.";
            }
        }
    }

    /// <summary>True for psql's command to go to another database.</summary>
    public static bool IsConnect(ReadOnlySpan<char> text) => text.StartsWith("\\connect ", StringComparison.Ordinal);

    /// <summary>True for a command of psql that pg_dump writes.</summary>
    public static bool IsKnownCommand(ReadOnlySpan<char> text) =>
        text.StartsWith("\\restrict ", StringComparison.Ordinal) || text.StartsWith("\\unrestrict ", StringComparison.Ordinal) || IsConnect(text) || text.StartsWith("\\.\n", StringComparison.Ordinal);

    /// <summary>True for a CREATE of what lies in a schema.</summary>
    public static bool IsCreateInSchema(SqlCode code) => code.Is(0, "CREATE") && !code.IsAny(1, "SCHEMA", "EXTENSION") && DesiredNames.OutsideKind(code, SqlCommand.Of(code)) is null;

    /// <summary>The role of <c>ALTER … OWNER TO</c>; null for any other statement.</summary>
    public static string? OwnerOf(SqlCode code) => code.Is(0, "ALTER") && code.Count > 3 && code.Follows(code.Count - 3, "OWNER TO") ? code.Name(code.Count - 1) : null;

    /// <summary>The names in a statement that are roles': to whom a privilege is given or taken from, whose default it is, for whom a policy is.</summary>
    public static IEnumerable<int> RolesOf(SqlCode code)
    {
        var isPolicy = code.Follows(0, "CREATE POLICY");
        if (!isPolicy && !code.IsAny(0, "GRANT", "REVOKE") && !code.Follows(0, "ALTER DEFAULT PRIVILEGES"))
        {
            yield break;
        }

        // GRANT … TO, REVOKE … FROM: the last one; a policy's stands before its conditions.
        var (depth, start) = (0, code.Count);
        for (var index = 1; index < code.Count; index++)
        {
            depth += code.Kind(index) switch { SqlTokenKind.OpenParenthesis => 1, SqlTokenKind.CloseParenthesis => -1, _ => 0 };
            if (depth == 0 && code.IsAny(index, "TO", "FROM") && (!isPolicy || start == code.Count))
            {
                start = index + 1;
            }
            else if (code.Follows(index, "FOR ROLE"))
            {
                yield return index + 2;
            }
        }

        for (var index = start; index < code.Count && code.Kind(index) != SqlTokenKind.OpenParenthesis; index++)
        {
            yield return index;
        }
    }

    /// <summary>The role of a dump that stands for the one that owns a tenant's schema, which may have another name here: the schema's owner, or of <c>public</c>, which is the database's, who owns most in it.</summary>
    /// <param name="statements">The statements.</param>
    /// <param name="schema">The schema that stands for the tenant's.</param>
    public static string? FindOwner(IEnumerable<SqlCode> statements, string schema)
    {
        var owners = statements.Where(code => OwnerOf(code) is not null && DesiredNames.SchemaOf(code) == schema).ToList();
        return (schema == "public" ? null : owners.Find(static code => code.Is(1, "SCHEMA")) is { } own ? OwnerOf(own) : null)
            ?? owners.Where(static code => !code.Is(1, "SCHEMA")).GroupBy(static code => OwnerOf(code)).MaxBy(static group => group.Count())?.Key;
    }

    /// <summary>Says that rows of COPY were passed over.</summary>
    public void LeaveRowsOut(int count) => tables = count;

    /// <summary>Whether a statement of a dump is run.</summary>
    /// <param name="code">The statement.</param>
    /// <param name="schema">The schema that stands for the tenant's.</param>
    /// <param name="found">Takes errors.</param>
    public bool Keep(SqlCode code, string schema, SqlErrors found)
    {
        switch (code.Keyword(0))
        {
            case "SELECT":
                CheckCall(code, found);
                return false;
            case "BEGIN" or "COMMIT" or "DROP" or "REFRESH":
                return false;
            case "ALTER" when code.Follows(1, "DEFAULT PRIVILEGES") && DesiredNames.SchemaOf(code) is null:
                Add(outside, "database");
                return false;
        }

        return (code.Is(1, "EXTENSION") || !IsDefinition(code) || IsInSchema(code, schema)) && KeepOfFile(code, found);
    }

    /// <summary>Whether a statement of an SQL file is run.</summary>
    /// <param name="code">The statement.</param>
    /// <param name="found">Takes errors.</param>
    public bool KeepOfFile(SqlCode code, SqlErrors found)
    {
        switch (code.Keyword(0))
        {
            case "INSERT" or "UPDATE" or "DELETE" or "MERGE" or "TRUNCATE":
            case "WITH" when SqlCommand.Of(code) is "INSERT" or "UPDATE" or "DELETE" or "MERGE":
            case "COPY" when IsCopyFromFile(code):
                rows++;
                return false;
            case "SELECT" when Calls(code, "setval"):
                positions++;
                return false;
            case "SECURITY":
                labels++;
                return false;
            case "GRANT" or "REVOKE":
                SaysGrants = true;
                break;
            case "ALTER" when code.Follows(1, "DEFAULT PRIVILEGES"):
                SaysGrants = true;
                break;
            case "ALTER" when OwnerOf(code) is not null:
                SaysOwners = true;
                break;
            case "CREATE" when code.Is(1, "EXTENSION"):
                var name = code.Follows(2, "IF NOT EXISTS") ? 5 : 2;
                if (code.Name(name) is { } extension)
                {
                    Extensions.Add((extension, found.PositionAt(code[0].Start)));
                }

                return false;
            case "COMMENT" or "ALTER" when code.Is(1, "EXTENSION") || code.Follows(1, "ON EXTENSION"):
                return false;
        }

        if (SqlNonTransactional.Is(code) && PlainForm(code) is null)
        {
            found.Add(code[0].Start, $"{SqlCommand.Of(code)} cannot run in a transaction, and this SQL is tried in one that is rolled back. Leave it out: it says nothing of how the schema is to be.");
            return false;
        }

        return true;
    }

    // What pg_dump calls is not called here. Statistics are those of PostgreSQL 18 and later.
    private void CheckCall(SqlCode code, SqlErrors found)
    {
        if (Calls(code, "setval"))
        {
            positions++;
        }
        else if (Calls(code, "set_config"))
        {
            DumpSettings.CheckPath(code, found);
        }
        else if (!KnownCalls.Any(name => Calls(code, name)))
        {
            found.Add(code[0].Start, "pg_dump writes no such SELECT, and none is run. Take it out, if it is a dump otherwise; what it makes, write as CREATE and ALTER statements.");
        }
    }

    private static bool IsCopyFromFile(SqlCode code)
    {
        for (var index = 1; index + 1 < code.Count; index++)
        {
            if (code.Kind(index) == SqlTokenKind.OpenParenthesis)
            {
                index = code.AfterParentheses(index, code.Count) - 1;
            }
            else if (code.Is(index, "FROM"))
            {
                return code[index + 1].IsString;
            }
        }

        return false;
    }

    private static bool IsDefinition(SqlCode code) => code.IsAny(0, "CREATE", "ALTER", "COMMENT", "GRANT", "REVOKE", "SECURITY");

    private static string? PlainForm(SqlCode code) => Rehearsals.PlainForm.Of(code.Text[code[0].Start..code[code.Count - 1].End]);

    private bool IsInSchema(SqlCode code, string schema)
    {
        var command = SqlCommand.Of(code);
        if (DesiredNames.OutsideKind(code, command) is { } kind)
        {
            Add(outside, kind);
            return false;
        }

        var named = DesiredNames.SchemaOf(code);
        if (named == schema)
        {
            // It is there already; what public says of itself is PostgreSQL's.
            return !(command == "CREATE SCHEMA" || (schema == "public" && code.Follows(0, "COMMENT ON SCHEMA")));
        }

        if (named is not null)
        {
            Add(others, named);
        }

        return named is null;
    }

    private static void Add(SortedDictionary<string, int> counts, string what) => counts[what] = counts.GetValueOrDefault(what) + 1;

    private static bool Calls(SqlCode code, string function)
    {
        for (var index = 1; index < code.Count && index < 8; index++)
        {
            if (code.Is(index, function) && code.Kind(index + 1) == SqlTokenKind.OpenParenthesis)
            {
                return true;
            }
        }

        return false;
    }

    private static string Count(int count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {what}{(count == 1 ? "" : "s")}");

    private static string Are(int count) => count == 1 ? "is" : "are";
}
