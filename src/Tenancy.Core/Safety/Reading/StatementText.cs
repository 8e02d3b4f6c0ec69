using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Safety.Reading;

/// <summary>
/// A statement as rules read it: what it does to which table. Typed operations and SQL written by hand are read alike, because both are SQL by then. What the server knows and the text does not say is not known here.
/// </summary>
internal sealed class StatementText
{
    private static readonly string[] Modifiers = ["OR", "REPLACE", "TEMP", "TEMPORARY", "UNLOGGED", "GLOBAL", "LOCAL", "UNIQUE", "RECURSIVE", "CONSTRAINT"];

    private StatementText(SqlCode code, string command, SqlTokens tokens, MigrationScope scope)
    {
        Code = code;
        Command = command;
        Tokens = tokens;
        Scope = scope;
    }

    /// <summary>Its tokens.</summary>
    public SqlCode Code { get; }

    /// <summary>Its command in capitals, such as <c>ALTER TABLE</c>.</summary>
    public string Command { get; }

    /// <summary>The project's tokens.</summary>
    public SqlTokens Tokens { get; }

    /// <summary>The scope of its revision.</summary>
    public MigrationScope Scope { get; }

    /// <summary>The object that it is about: of CREATE, ALTER and DROP what they name, of CREATE INDEX the table; null where none is named.</summary>
    public TableName? Target { get; private set; }

    /// <summary>All objects of a DROP or TRUNCATE; else <see cref="Target"/> alone.</summary>
    public ImmutableArray<TableName> Targets { get; private set; } = [];

    /// <summary>The actions of an ALTER TABLE; else empty.</summary>
    public ImmutableArray<TableAction> Actions { get; private set; } = [];

    /// <summary>The columns of a CREATE TABLE; else empty.</summary>
    public ImmutableArray<ColumnText> Columns { get; private set; } = [];

    /// <summary>The constraints of a CREATE TABLE, those written with columns too; else empty.</summary>
    public ImmutableArray<ConstraintText> Constraints { get; private set; } = [];

    /// <summary>The name of the index of a CREATE INDEX, or null.</summary>
    public string? Index { get; private set; }

    /// <summary>Does it say CONCURRENTLY?</summary>
    public bool IsConcurrent { get; private set; }

    /// <summary>Index of the token after <see cref="Target"/>.</summary>
    public int AfterTarget { get; private set; }

    /// <summary>Is it a CREATE TABLE that makes a table of its own (no CREATE TEMP TABLE)?</summary>
    public bool IsCreateTable => Command is "CREATE TABLE" or "CREATE FOREIGN TABLE" && !IsTemporary;

    /// <summary>Does it make a temporary object?</summary>
    public bool IsTemporary => Code.Is(0, "CREATE") && (Code.IsAny(1, "TEMP", "TEMPORARY") || (Code.IsAny(1, "GLOBAL", "LOCAL") && Code.IsAny(2, "TEMP", "TEMPORARY")));

    /// <summary>Reads a statement.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="tokens">The project's tokens.</param>
    /// <param name="scope">The scope of its revision.</param>
    public static StatementText Read(SqlStatement statement, SqlTokens tokens, MigrationScope scope)
    {
        new SqlSplitter(statement.Template.Source).Next(out var piece);
        var text = new StatementText(piece.Code, statement.Command, tokens, scope);
        text.ReadTarget();
        return text;
    }

    /// <summary>The names within parentheses, one before each comma; what is no plain name is left out from there on.</summary>
    /// <param name="code">The statement.</param>
    /// <param name="open">Index of the opening parenthesis.</param>
    /// <param name="end">Index after the statement.</param>
    public static ImmutableArray<string> NamesIn(SqlCode code, int open, int end)
    {
        var names = ImmutableArray.CreateBuilder<string>();
        foreach (var (start, stop) in Parts(code, open + 1, code.AfterParentheses(open, end) - 1))
        {
            // An expression, or an operator class: a name followed by something that is no order.
            if (code.Name(start) is not { } name || (stop > start + 1 && !code.IsAny(start + 1, "ASC", "DESC", "NULLS")))
            {
                break;
            }

            names.Add(name);
        }

        return names.ToImmutable();
    }

    /// <summary>What stands between commas outside parentheses.</summary>
    /// <param name="code">The statement.</param>
    /// <param name="start">Index of the first token.</param>
    /// <param name="end">Index after the last.</param>
    public static IEnumerable<(int Start, int End)> Parts(SqlCode code, int start, int end)
    {
        for (var index = start; index < end; index++)
        {
            if (code.Kind(index) == SqlTokenKind.OpenParenthesis)
            {
                index = code.AfterParentheses(index, end) - 1;
            }
            else if (code.Kind(index) == SqlTokenKind.Comma)
            {
                yield return (start, index);
                start = index + 1;
            }
        }

        if (start < end)
        {
            yield return (start, end);
        }
    }

    private void ReadTarget()
    {
        var index = 1;
        switch (Code.Keyword(0))
        {
            case "CREATE":
                while (Code.IsAny(index, Modifiers))
                {
                    index++;
                }

                ReadCreate(index);
                break;
            case "ALTER":
                ReadAlter(index + (Code.Is(index, "FOREIGN") || Code.Is(index, "MATERIALIZED") ? 2 : 1));
                break;
            case "DROP":
                ReadDrop();
                break;
            case "TRUNCATE":
                ReadList(Code.Is(1, "TABLE") ? 2 : 1);
                break;
            case "LOCK":
                ReadList(Code.Is(1, "TABLE") ? 2 : 1);
                break;
            case "REFRESH":
                IsConcurrent = Code.Is(3, "CONCURRENTLY");
                ReadOne(IsConcurrent ? 4 : 3);
                break;
            case "UPDATE":
                ReadOne(Code.Is(1, "ONLY") ? 2 : 1);
                break;
            case "INSERT" or "DELETE" or "MERGE":
                ReadOne(Code.Is(2, "ONLY") ? 3 : 2);
                break;
            case "CLUSTER":
                ReadOne(Code.Kind(1) == SqlTokenKind.OpenParenthesis ? Code.AfterParentheses(1, Code.Count) : Code.Is(1, "VERBOSE") ? 2 : 1);
                break;
            case "VACUUM":
                index = Code.Kind(1) == SqlTokenKind.OpenParenthesis ? Code.AfterParentheses(1, Code.Count) : 1;
                while (Code.IsAny(index, "FULL", "FREEZE", "VERBOSE", "ANALYZE"))
                {
                    index++;
                }

                ReadList(index);
                break;
            case "REINDEX":
                var (kind, isConcurrent) = SqlNonTransactional.Reindex(Code);
                IsConcurrent = isConcurrent;
                ReadOne(Code.Is(kind + 1, "CONCURRENTLY") ? kind + 2 : kind + 1);
                break;
        }
    }

    private void ReadCreate(int kind)
    {
        if (Command is "CREATE INDEX")
        {
            var at = kind + 1;
            IsConcurrent = Code.Is(at, "CONCURRENTLY");
            at += IsConcurrent ? 1 : 0;
            at += Code.Follows(at, "IF NOT EXISTS") ? 3 : 0;
            Index = Code.Is(at, "ON") ? null : Code.Name(at);
            at += Index is null ? 1 : 2;
            ReadOne(Code.Is(at, "ONLY") ? at + 1 : at);
        }
        else if (Command is "CREATE TRIGGER" or "CREATE POLICY" or "CREATE RULE")
        {
            var on = kind;
            while (on < Code.Count && !Code.Is(on, Command == "CREATE RULE" ? "TO" : "ON"))
            {
                on++;
            }

            ReadOne(on + 1);
        }
        else
        {
            var at = kind + (Code.Is(kind, "MATERIALIZED") || Code.Is(kind, "FOREIGN") ? 2 : 1);
            ReadOne(Code.Follows(at, "IF NOT EXISTS") ? at + 3 : at);
            if (Command is "CREATE TABLE" or "CREATE FOREIGN TABLE" && Code.Kind(AfterTarget) == SqlTokenKind.OpenParenthesis)
            {
                ReadColumns();
            }
        }
    }

    private void ReadColumns()
    {
        List<ColumnText> columns = [];
        List<ConstraintText> constraints = [];
        foreach (var (start, end) in Parts(Code, AfterTarget + 1, Code.AfterParentheses(AfterTarget, Code.Count) - 1))
        {
            if (ConstraintText.Read(this, start, end) is { } constraint)
            {
                constraints.Add(constraint);
            }
            else if (!Code.Is(start, "LIKE") && ColumnText.Read(this, start, end) is { } column)
            {
                columns.Add(column);
                constraints.AddRange(column.Constraints);
            }
        }

        Columns = [.. columns];
        Constraints = [.. constraints];
    }

    private void ReadAlter(int index)
    {
        index += Code.Follows(index, "IF EXISTS") ? 2 : 0;
        ReadOne(Code.Is(index, "ONLY") ? index + 1 : index);
        if (Target is not null && Command is "ALTER TABLE" or "ALTER FOREIGN TABLE" or "ALTER MATERIALIZED VIEW" or "ALTER VIEW")
        {
            var first = Code.Span(AfterTarget) is "*" ? AfterTarget + 1 : AfterTarget;
            Actions = [.. Parts(Code, first, Code.Count).Select(part => TableAction.Read(this, part.Start, part.End))];
        }
    }

    private void ReadDrop()
    {
        var index = Code.IsAny(1, "MATERIALIZED", "FOREIGN") ? 3 : 2;
        IsConcurrent = Code.Is(index, "CONCURRENTLY");
        index += IsConcurrent ? 1 : 0;
        index += Code.Follows(index, "IF EXISTS") ? 2 : 0;
        if (Command is "DROP TRIGGER" or "DROP POLICY" or "DROP RULE")
        {
            ReadOne(index + 2);
        }
        else
        {
            ReadList(index);
        }
    }

    private void ReadOne(int index)
    {
        Target = TableName.Read(Code, ref index, Tokens, Scope);
        Targets = Target is null ? [] : [Target];
        AfterTarget = index;
    }

    private void ReadList(int index)
    {
        List<TableName> names = [];
        do
        {
            index += names.Count > 0 ? 1 : 0;
            index += Code.Is(index, "ONLY") ? 1 : 0;
            if (TableName.Read(Code, ref index, Tokens, Scope) is not { } name)
            {
                break;
            }

            names.Add(name);
            // The arguments of a function.
            index = Code.Kind(index) == SqlTokenKind.OpenParenthesis ? Code.AfterParentheses(index, Code.Count) : index;
        }
        while (Code.Kind(index) == SqlTokenKind.Comma);
        Targets = [.. names];
        Target = names.FirstOrDefault();
        AfterTarget = index;
    }
}
