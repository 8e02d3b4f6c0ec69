namespace Tenancy.Core.Sql;

/// <summary>The tokens of a statement or a function body that say something, with questions one asks about them. Reading past either end finds nothing.</summary>
internal sealed class SqlCode
{
    private readonly List<SqlToken> tokens;

    public SqlCode(string text, List<SqlToken> tokens)
    {
        Text = text;
        this.tokens = tokens;
    }

    /// <summary>The text that the tokens lie in.</summary>
    public string Text { get; }

    public int Count => tokens.Count;

    public SqlToken this[int index] => (uint)index < (uint)tokens.Count ? tokens[index] : default;

    public SqlTokenKind Kind(int index) => this[index].Kind;

    public ReadOnlySpan<char> Span(int index) => Text.AsSpan(this[index].Start, this[index].Length);

    /// <summary>True for the keyword, unquoted in any case.</summary>
    public bool Is(int index, string keyword) => Kind(index) == SqlTokenKind.Word && Span(index).Equals(keyword, StringComparison.OrdinalIgnoreCase);

    /// <summary>True for one of the keywords.</summary>
    public bool IsAny(int index, params ReadOnlySpan<string> keywords)
    {
        foreach (var keyword in keywords)
        {
            if (Is(index, keyword))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True when the keywords, separated by blanks, stand one after another from <paramref name="index"/>.</summary>
    public bool Follows(int index, string keywords)
    {
        for (var rest = keywords.AsSpan(); !rest.IsEmpty; index++)
        {
            var length = rest.IndexOf(' ');
            var keyword = length < 0 ? rest : rest[..length];
            if (Kind(index) != SqlTokenKind.Word || !Span(index).Equals(keyword, StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }

            rest = length < 0 ? [] : rest[(length + 1)..];
        }

        return true;
    }

    /// <summary>The keyword in capitals; empty when there is none.</summary>
    public string Keyword(int index) => Kind(index) == SqlTokenKind.Word ? Span(index).ToString().ToUpperInvariant() : "";

    /// <summary>The name that an identifier stands for; null for anything else.</summary>
    public string? Name(int index) => this[index].IsName ? SqlIdentifier.Unquote(Span(index)) : null;

    /// <summary>True when no white space or comment stands between a token and the next.</summary>
    public bool Touches(int index) => index >= 0 && index + 1 < Count && this[index].End == this[index + 1].Start;

    /// <summary>The index after the parenthesis that closes the one at <paramref name="open"/>; <paramref name="end"/> when none before that does.</summary>
    public int AfterParentheses(int open, int end)
    {
        var depth = 0;
        for (var index = open; index < end; index++)
        {
            depth += Kind(index) switch { SqlTokenKind.OpenParenthesis => 1, SqlTokenKind.CloseParenthesis => -1, _ => 0 };
            if (depth == 0)
            {
                return index + 1;
            }
        }

        return end;
    }
}
