namespace Tenancy.Core.Sql;

/// <content>Strings, quoted identifiers and what begins with a dollar sign.</content>
internal sealed partial class SqlLexer
{
    private SqlTokenKind Quoted(SqlTokenKind kind, int prefix)
    {
        var start = position;
        position += prefix + 1;
        while (true)
        {
            var rest = text.AsSpan(position);
            var length = kind == SqlTokenKind.EscapeString ? rest.IndexOfAny('\'', '\\') : rest.IndexOf('\'');
            if (length < 0)
            {
                return ToEnd(kind, start, "This string has no end. Close it with ' (a quote inside it is written twice: '').");
            }

            position += length;
            if (text[position] == '\\')
            {
                position = Math.Min(position + 2, text.Length);
                continue;
            }

            position++;
            if (Peek(0) == '\'')
            {
                position++;
            }
            else if (Continuation(text, position) is { } next)
            {
                position = next;
            }
            else
            {
                return kind;
            }
        }
    }

    /// <summary>Where a string goes on that was closed before <paramref name="at"/>: after white space with a line end and a quote (manual, 4.1.2.1); else null.</summary>
    internal static int? Continuation(string text, int at)
    {
        var hasLineEnd = false;
        while (at < text.Length)
        {
            if (SqlCharacters.IsSpace(text[at]))
            {
                hasLineEnd |= text[at] is '\n' or '\r';
                at++;
            }
            else if (text[at] == '-' && at + 1 < text.Length && text[at + 1] == '-')
            {
                var length = text.AsSpan(at).IndexOfAny('\n', '\r');
                at = length < 0 ? text.Length : at + length;
            }
            else
            {
                return hasLineEnd && text[at] == '\'' ? at + 1 : null;
            }
        }

        return null;
    }

    private SqlTokenKind QuotedIdentifier(SqlTokenKind kind, int prefix)
    {
        var start = position;
        position += prefix + 1;
        while (true)
        {
            var length = text.AsSpan(position).IndexOf('"');
            if (length < 0)
            {
                return ToEnd(kind, start, "This quoted identifier has no end. Close it with \" (a quote inside it is written twice: \"\").");
            }

            position += length + 1;
            if (Peek(0) != '"')
            {
                return kind;
            }

            position++;
        }
    }

    private SqlTokenKind Dollar()
    {
        var start = position;
        var next = Peek(1);
        if (next == '{')
        {
            return BarePlaceholder(start);
        }

        if (char.IsAsciiDigit(next))
        {
            do
            {
                position++;
            }
            while (char.IsAsciiDigit(Peek(0)));
            return SqlTokenKind.Parameter;
        }

        var end = position + 1;
        if (end < text.Length && SqlCharacters.IsIdentifierStart(text[end]))
        {
            while (end < text.Length && SqlCharacters.IsTagPart(text[end]))
            {
                end++;
            }
        }

        if (end >= text.Length || text[end] != '$')
        {
            return Take(SqlTokenKind.Other, 1);
        }

        var tag = text.AsSpan(start, end + 1 - start);
        var length = text.AsSpan(end + 1).IndexOf(tag);
        if (length < 0)
        {
            return ToEnd(SqlTokenKind.DollarString, start, $"This dollar-quoted string has no end. Close it with {SqlPlaceholder.Shorten(tag.ToString())}.");
        }

        position = end + 1 + length + tag.Length;
        return SqlTokenKind.DollarString;
    }

    private SqlTokenKind BarePlaceholder(int start)
    {
        if (SqlPlaceholder.LengthAt(text, start) is { } length)
        {
            return Take(SqlTokenKind.Placeholder, length);
        }

        report?.Invoke(start, "This ${ has no } close by. Close it, as in ${tenant.schema}.");
        return Take(SqlTokenKind.Other, 2);
    }
}
