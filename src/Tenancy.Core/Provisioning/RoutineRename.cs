using System.Collections.Immutable;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Provisioning;

/// <summary>
/// Writes a schema's new name into a routine's definition: before a dot and the name of one of its objects, after SCHEMA, in <c>SET search_path</c>; there and in bodies of SQL and PL/pgSQL.
/// What may mean something else (a table's alias of that name, a string) is told, not changed.
/// </summary>
internal sealed class RoutineRename
{
    private readonly string from;
    private readonly string to;
    private readonly IReadOnlySet<string> objects;
    private readonly bool isOwn;
    private readonly SqlNamesInStrings strings;
    private readonly List<SqlHole> holes = [];
    private readonly List<string> unclear = [];
    private readonly List<string> missing = [];
    private bool isSomethingElse;
    private bool isBeforeObject;

    private RoutineRename(string from, string to, IReadOnlySet<string> objects, bool isOwn)
    {
        this.isOwn = isOwn;
        this.from = from;
        this.to = to;
        this.objects = objects;
        strings = new(new(from, from));
    }

    /// <summary>Renames the schema in a definition.</summary>
    /// <param name="definition">What <c>pg_get_functiondef</c> gives: one CREATE OR REPLACE.</param>
    /// <param name="from">The schema's name before.</param>
    /// <param name="to">Its name now.</param>
    /// <param name="objects">The names of what is in the schema.</param>
    /// <param name="isOwn">False for a routine of another schema, where the name alone may well be something else: told are only strings that are it or have it before a dot and a name.</param>
    /// <returns>The definition to run, or null where nothing in it is to be changed; and what may be the name and was left.</returns>
    public static (string? Definition, IReadOnlyList<string> Unclear) Apply(string definition, string from, string to, IReadOnlySet<string> objects, bool isOwn = true) =>
        new RoutineRename(from, to, objects, isOwn).Apply(definition);

    /// <summary>Strings of an expression or a definition that may name the schema.</summary>
    /// <param name="text">The SQL.</param>
    /// <param name="name">The schema's name.</param>
    public static IReadOnlyList<string> FindInStrings(string text, string name)
    {
        var search = new RoutineRename(name, name, new HashSet<string>(), isOwn: true);
        search.ReadStrings(new(text, [.. SqlLexer.Tokenize(text, static (_, _) => { }).Where(static token => !token.IsTrivia)]));
        return search.unclear;
    }

    private (string? Definition, IReadOnlyList<string> Unclear) Apply(string definition)
    {
        List<string> errors = [];
        new SqlSplitter(definition, (_, message) => errors.Add(message)).Next(out var piece);
        Read(SqlUnit.Of(piece.Code), errors);
        if (errors.Count > 0)
        {
            return (null, ["it could not be read: " + errors[0]]);
        }

        if (isBeforeObject && isSomethingElse)
        {
            unclear.Add($"{SqlIdentifier.Quote(from)} is a schema in it, and something else too");
            return (null, unclear);
        }

        // Where the name is a table's alias or a variable, what follows it is a column.
        unclear.AddRange(isSomethingElse || !isOwn ? [] : missing);
        return (holes.Count == 0 ? null : SqlTemplates.Cut(piece.Code, 0, piece.Code.Count - 1, holes).Render(new() { TenantSchema = to, SharedSchema = "" }), unclear);
    }

    private void Read(SqlUnit unit, List<string> errors)
    {
        foreach (var (start, end) in SqlStatements.In(unit))
        {
            Read(unit, start, end, errors);
        }
    }

    private void Read(SqlUnit unit, int start, int end, List<string> errors)
    {
        var code = unit.Code;
        var schemas = new HashSet<int>();
        SqlSchemaPositions.Mark(code, start, end, schemas);
        var body = SqlRoutine.FindBody(code, start, end);
        for (var index = start; index < end; index++)
        {
            if (body?.Token == index)
            {
                Read(unit.Open(body.Value, (_, message) => errors.Add(message)), errors);
            }
            else if (code[index].IsName && code.Name(index) == from)
            {
                ReadName(unit, index, schemas.Contains(index));
            }
            else if (code[index].IsString && schemas.Contains(index) && SqlStringContent.Of(code.Text, code[index]).Text == from)
            {
                // An item of SET search_path, as the server prints it.
                Fill(unit, index);
            }
            else if (code[index].IsString)
            {
                ReadString(code, start, index, isForeign: isOwn && unit.Depth == 0 && code.Is(index - 1, "AS"));
            }
        }
    }

    private void ReadName(SqlUnit unit, int index, bool isSchema)
    {
        var code = unit.Code;
        if (code.Kind(index - 1) == SqlTokenKind.Dot)
        {
            return;
        }

        if (isSchema || (code.Kind(index + 1) == SqlTokenKind.Dot && code.Kind(index - 1) == SqlTokenKind.OpenParenthesis && code.Is(index - 2, "OPERATOR")))
        {
            Fill(unit, index);
        }
        else if (code.Kind(index + 1) != SqlTokenKind.Dot)
        {
            isSomethingElse = true;
        }
        else if (code.Name(index + 2) is { } named && objects.Contains(named))
        {
            isBeforeObject = true;
            Fill(unit, index);
        }
        else
        {
            missing.Add($"{code.Span(index)}.{code.Span(index + 2)}, which is not in the schema");
        }
    }

    private void Fill(SqlUnit unit, int index) => holes.Add(new(
        unit.Offset(unit.Code[index].Start), unit.Offset(unit.Code[index].End), new(SqlSegmentKind.TenantSchema, "", [SqlEscape.Identifier, .. unit.Outer], unit.Tags)));

    private void ReadStrings(SqlCode code)
    {
        for (var index = 0; index < code.Count; index++)
        {
            if (code[index].IsString)
            {
                ReadString(code, 0, index, isForeign: false);
            }
        }
    }

    // The body of a routine in another language is a string like any other.
    private void ReadString(SqlCode code, int start, int index, bool isForeign)
    {
        var text = SqlStringContent.Of(code.Text, code[index]).Text;
        if (isForeign ? text.Contains(from, StringComparison.Ordinal) : strings.Check(code, start, index, isPathItem: false) is not null)
        {
            unclear.Add("a string: " + SqlPlaceholder.Shorten(code.Span(index).ToString()));
        }
    }
}
