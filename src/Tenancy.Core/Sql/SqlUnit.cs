using System.Collections.Immutable;

namespace Tenancy.Core.Sql;

/// <summary>A statement, or the body of a function in it with its quoting taken off: text to translate, that knows where it stood.</summary>
internal sealed class SqlUnit
{
    private readonly int[]? offsets;
    private readonly int shift;

    private SqlUnit(string source, SqlCode code, ImmutableArray<SqlEscape> outer, ImmutableArray<string> tags, int depth, int shift, int[]? offsets)
    {
        Source = source;
        Code = code;
        Outer = outer;
        Tags = tags;
        Depth = depth;
        this.shift = shift;
        this.offsets = offsets;
    }

    /// <summary>The manifest's text, that <see cref="Offset"/> leads to.</summary>
    public string Source { get; }

    /// <summary>Its tokens.</summary>
    public SqlCode Code { get; }

    /// <summary>The quoting around it, innermost first.</summary>
    public ImmutableArray<SqlEscape> Outer { get; }

    /// <summary>The dollar tags around it, outermost first.</summary>
    public ImmutableArray<string> Tags { get; }

    /// <summary>How many bodies lie around it.</summary>
    public int Depth { get; }

    /// <summary>True when it is a body in PL/pgSQL.</summary>
    public bool IsProcedural { get; private init; }

    /// <summary>True when it runs as the manifest is applied; false when a function that is only defined holds it.</summary>
    public bool Runs { get; private init; } = true;

    /// <summary>A statement.</summary>
    public static SqlUnit Of(SqlCode statement) => new(statement.Text, statement, [], [], 0, 0, null);

    /// <summary>The offset in the manifest's text of an offset in this unit's text.</summary>
    public int Offset(int at) => offsets is null ? at + shift : offsets[at];

    /// <summary>The unit of a body.</summary>
    /// <param name="body">The body, as <see cref="SqlRoutine.FindBody"/> found it.</param>
    /// <param name="report">Takes offset (in the manifest's text) and message of lexical errors.</param>
    public SqlUnit Open(SqlBody body, Action<int, string> report)
    {
        var token = Code[body.Token];
        var content = SqlStringContent.Of(Code.Text, token);
        var escape = token.Kind switch
        {
            SqlTokenKind.DollarString => SqlEscape.InsideDollarQuotes,
            SqlTokenKind.EscapeString => SqlEscape.InsideEscapeLiteral,
            _ => SqlEscape.InsideLiteral,
        };
        int[]? map = null;
        if (content.Offsets is not null || offsets is not null)
        {
            map = new int[content.Text.Length + 1];
            for (var at = 0; at < map.Length; at++)
            {
                map[at] = Offset(content.Offsets is null ? content.Start + at : content.Offsets[at]);
            }
        }

        var start = shift + content.Start;
        var tokens = new List<SqlToken>();
        foreach (var inner in SqlLexer.Tokenize(content.Text, (at, message) => report(map is null ? start + at : map[at], message)))
        {
            if (!inner.IsTrivia)
            {
                tokens.Add(inner);
            }
        }

        var tags = content.Tag is null ? Tags : Tags.Add(content.Tag);
        return new SqlUnit(Source, new SqlCode(content.Text, tokens), [escape, .. Outer], tags, Depth + 1, start, map)
        {
            IsProcedural = body.IsProcedural,
            Runs = Runs && body.Runs,
        };
    }
}
