using System.Collections.Immutable;
using System.Text;

namespace Tenancy.Core.Sql;

/// <summary>
/// Finds the places of a statement that differ from tenant to tenant: schema tokens in schema position (before a dot and not after one, after SCHEMA, in <c>SET search_path</c>) and <c>${…}</c>,
/// each with the escapes that its place needs. Looks into the bodies of functions and procedures in SQL and PL/pgSQL and of DO; into no other dollar-quoted string, and into no comment.
/// A name before a dot is a schema whatever the query calls its tables: <c>tenant_schema.id</c> is translated even where <c>tenant_schema</c> is an alias.
/// </summary>
internal sealed class SqlTranslator
{
    /// <summary>Nobody nests bodies this deep; each level is read once more.</summary>
    private const int DeepestBody = 8;

    private readonly SqlTokens tokens;
    private readonly SqlErrors errors;
    private readonly SqlNamesInStrings namesInStrings;
    private readonly SqlRefusals refusals;
    private readonly bool isForeign;
    private readonly List<SqlHole> holes = [];

    /// <param name="tokens">The names that stand for schemas.</param>
    /// <param name="errors">Takes errors.</param>
    /// <param name="isForeign">True for SQL that was not written for a manifest: <c>${</c> is text, and a schema is translated in strings too that PostgreSQL reads as names, such as <c>'public.seq'::regclass</c>.</param>
    public SqlTranslator(SqlTokens tokens, SqlErrors errors, bool isForeign = false)
    {
        this.tokens = tokens;
        this.errors = errors;
        this.isForeign = isForeign;
        namesInStrings = new SqlNamesInStrings(tokens);
        refusals = new SqlRefusals(errors);
    }

    /// <summary>The places, in order.</summary>
    /// <param name="statement">A statement's tokens.</param>
    public IReadOnlyList<SqlHole> Translate(SqlCode statement)
    {
        holes.Clear();
        Translate(SqlUnit.Of(statement));
        return holes;
    }

    private void Translate(SqlUnit unit)
    {
        foreach (var (start, end) in SqlStatements.In(unit))
        {
            refusals.Check(unit, start, end);
            Translate(unit, start, end);
        }
    }

    private void Translate(SqlUnit unit, int start, int end)
    {
        var code = unit.Code;
        var schemas = new HashSet<int>();
        SqlSchemaPositions.Mark(code, start, end, schemas);
        var body = SqlRoutine.FindBody(code, start, end);
        for (var index = start; index < end; index++)
        {
            var token = code[index];
            switch (token.Kind)
            {
                case SqlTokenKind.Word or SqlTokenKind.QuotedIdentifier when SchemaOf(code, index, schemas) is { } kind:
                    Fill(unit, token.Start, token.End, kind, "", SqlEscape.Identifier);
                    break;
                case SqlTokenKind.Placeholder when !isForeign:
                    FillBare(unit, index, schemas.Contains(index));
                    break;
                case SqlTokenKind.QuotedIdentifier:
                    CheckLength(unit, token);
                    FillInside(unit, token, SqlEscape.InsideIdentifier);
                    break;
                case SqlTokenKind.Word:
                    CheckLength(unit, token);
                    break;
                case SqlTokenKind.UnicodeIdentifier or SqlTokenKind.UnicodeString:
                    Refuse(unit, index, start, schemas.Contains(index), body?.Token == index);
                    break;
                default:
                    if (body?.Token == index)
                    {
                        Open(unit, body.Value);
                    }
                    else if (token.IsString)
                    {
                        FillString(unit, index, start, schemas.Contains(index));
                    }

                    break;
            }
        }
    }

    /// <summary>What PostgreSQL would cut in silence is an error, unless a placeholder in it makes its length unknown.</summary>
    private void CheckLength(SqlUnit unit, SqlToken token)
    {
        var text = unit.Code.Text.AsSpan(token.Start, token.Length);
        if (text is "\"\"")
        {
            errors.Add(unit.Offset(token.Start), "A name is empty. Write one between the quotes (a string stands in single quotes).");
        }
        else if (token.Length > SqlIdentifier.MaxBytes / 3 && !text.Contains("${", StringComparison.Ordinal)
            && Encoding.UTF8.GetByteCount(SqlIdentifier.Unquote(text)) is > SqlIdentifier.MaxBytes and var bytes)
        {
            errors.Add(unit.Offset(token.Start), $"The name {SqlPlaceholder.Shorten(text.ToString())} has {bytes} bytes in UTF-8; PostgreSQL would cut it to {SqlIdentifier.MaxBytes}. Shorten it.");
        }
    }

    private SqlSegmentKind? SchemaOf(SqlCode code, int index, HashSet<int> schemas)
    {
        var token = code[index];
        var extra = token.Kind == SqlTokenKind.QuotedIdentifier ? 2 : 0;
        if (token.Length - extra != tokens.Tenant.Length && token.Length - extra != tokens.Shared.Length)
        {
            return null;
        }

        if (code.Kind(index - 1) == SqlTokenKind.Dot || !(code.Kind(index + 1) == SqlTokenKind.Dot || schemas.Contains(index)))
        {
            return null;
        }

        var name = code.Name(index);
        return name == tokens.Tenant ? SqlSegmentKind.TenantSchema : name == tokens.Shared ? SqlSegmentKind.SharedSchema : null;
    }

    private void Open(SqlUnit unit, SqlBody body)
    {
        if (unit.Depth == DeepestBody)
        {
            errors.Add(unit.Offset(unit.Code[body.Token].Start), $"Function bodies are nested more than {DeepestBody} deep. Create the inner functions in statements of their own.");
            return;
        }

        var before = errors.Count;
        var inner = unit.Open(body, errors.Add);
        if (errors.Count == before)
        {
            Translate(inner);
        }
    }

    private void FillBare(SqlUnit unit, int index, bool isSchema)
    {
        var code = unit.Code;
        var token = code[index];
        if (Parse(unit, token.Start, token.End) is not { } placeholder)
        {
            return;
        }

        if (IsGlued(code, index - 1) || IsGlued(code, index))
        {
            var text = code.Span(index).ToString();
            errors.Add(unit.Offset(token.Start), $"{text} touches what stands beside it, so it cannot become a name or a string of its own. To build a name, quote all of it: \"idx_{text}_x\".");
            return;
        }

        var isIdentifier = placeholder.IsSchema || isSchema || code.Kind(index - 1) == SqlTokenKind.Dot || code.Kind(index + 1) == SqlTokenKind.Dot;
        Fill(unit, token.Start, token.End, placeholder.Kind, placeholder.Key, isIdentifier ? SqlEscape.Identifier : SqlEscape.Literal);
    }

    /// <summary>True when a token and the next touch and would be read as one, or the first as the other's prefix.</summary>
    private static bool IsGlued(SqlCode code, int index) => code.Touches(index) && Joins(code.Kind(index)) && Joins(code.Kind(index + 1));

    private static bool Joins(SqlTokenKind kind) => kind is not (SqlTokenKind.Operator or SqlTokenKind.Dot or SqlTokenKind.DotDot or SqlTokenKind.Cast or SqlTokenKind.Assign
        or SqlTokenKind.Comma or SqlTokenKind.Semicolon or SqlTokenKind.OpenParenthesis or SqlTokenKind.CloseParenthesis or SqlTokenKind.Other);

    private void FillString(SqlUnit unit, int index, int start, bool isPathItem)
    {
        var token = unit.Code[index];
        if (isForeign)
        {
            FillNames(unit, index, start, isPathItem);
        }
        else if (namesInStrings.Check(unit.Code, start, index, isPathItem) is { } message)
        {
            errors.Add(unit.Offset(token.Start), message);
        }
        else if (token.Kind == SqlTokenKind.String)
        {
            FillInside(unit, token, SqlEscape.InsideLiteral);
        }
        else if (token.Kind == SqlTokenKind.EscapeString)
        {
            FillInside(unit, token, SqlEscape.InsideEscapeLiteral);
        }
    }

    private void FillNames(SqlUnit unit, int index, int start, bool isPathItem)
    {
        var escape = unit.Code.Kind(index) switch { SqlTokenKind.String => SqlEscape.InsideLiteral, SqlTokenKind.EscapeString => SqlEscape.InsideEscapeLiteral, _ => (SqlEscape?)null };
        foreach (var (from, to, isQuoted) in escape is null ? [] : namesInStrings.Find(unit.Code, start, index, isPathItem))
        {
            Fill(unit, from, to, SqlSegmentKind.TenantSchema, "", isQuoted ? [SqlEscape.Identifier, escape!.Value] : [escape!.Value]);
        }
    }

    private void FillInside(SqlUnit unit, SqlToken token, SqlEscape escape)
    {
        if (isForeign)
        {
            return;
        }

        foreach (var (start, end) in Placeholders(unit.Code.Text, token, escape == SqlEscape.InsideEscapeLiteral))
        {
            if (start == end)
            {
                errors.Add(unit.Offset(start), "This ${ has no } close by. Close it, as in ${tenant.schema}; data with such text goes in dollar quotes ($$…$$).");
                return;
            }

            if (Parse(unit, start, end) is not { } placeholder)
            {
                continue;
            }

            if (placeholder.IsQuoted && escape == SqlEscape.InsideIdentifier)
            {
                errors.Add(unit.Offset(start), "A quoted name cannot stand inside double quotes.", placeholder.Kind == SqlSegmentKind.TenantSchema ? "${tenant.schema}" : "${shared.schema}");
            }
            else
            {
                ImmutableArray<SqlEscape> escapes = placeholder.IsQuoted ? [SqlEscape.Identifier, escape] : [escape];
                Fill(unit, start, end, placeholder.Kind, placeholder.Key, escapes);
            }
        }
    }

    /// <summary>Strings and names with <c>U&amp;</c> are not read, so they may not stand where something would be found in them.</summary>
    private void Refuse(SqlUnit unit, int index, int statement, bool isSchema, bool isBody)
    {
        var code = unit.Code;
        var token = code[index];
        var isRoutine = code.Is(statement, "DO") || SqlRoutine.IsCreate(code, statement);
        var message = isBody ? "The body of a routine is not read in a string with U&. Write it in dollar quotes ($$…$$)."
            : isRoutine && code.Is(index - 1, "LANGUAGE") ? "The language of a routine is not read with U&. Write it plainly, as in LANGUAGE plpgsql."
            : token.IsString ? namesInStrings.Check(code, statement, index, isSchema)
            : isSchema || (code.Kind(index + 1) == SqlTokenKind.Dot && code.Kind(index - 1) != SqlTokenKind.Dot) ? "A schema is not read in a name with U&. Write the name without U&."
            : SqlRoutine.StoresSettings(code, statement) && code.Is(index - 1, "SET") ? "The name of a setting is not read with U&. Write it without U&."
            : null;
        if (message is not null)
        {
            errors.Add(unit.Offset(token.Start), message);
            return;
        }

        foreach (var (start, _) in Placeholders(unit.Code.Text, token, false))
        {
            errors.Add(unit.Offset(start), "Nothing is substituted in strings and names with U&: their escapes would change the value. Write it without U&.");
            return;
        }
    }

    /// <summary>
    /// Where placeholders stand in a string or quoted identifier, not in the comments between the parts of a continued string. A <c>${</c> that nothing closes is data, unless it begins like one of
    /// ours: then its length is 0.
    /// </summary>
    private static IEnumerable<(int Start, int End)> Placeholders(string text, SqlToken token, bool hasEscapes)
    {
        var at = text.IndexOfAny(['\'', '"'], token.Start, token.Length) + 1;
        while (at > 0 && at < token.End - 1)
        {
            var length = text.AsSpan(at, token.End - 1 - at).IndexOfAny("$\\'");
            if (length < 0)
            {
                yield break;
            }

            at += length;
            if (text[at] == '$' && text[at + 1] == '{')
            {
                var found = SqlPlaceholder.LengthAt(text, at);
                if (found is not null || SqlPlaceholder.BeginsAt(text, at))
                {
                    yield return (at, at + (found ?? 0));
                }

                at += found ?? 1;
            }
            else if (text[at] == '\'' && token.IsString)
            {
                // A quote that is no pair closes a part of a continued string.
                at = text[at + 1] == '\'' ? at + 2 : SqlLexer.Continuation(text, at + 1) ?? token.End;
            }
            else
            {
                at += text[at] == '\\' && hasEscapes ? 2 : 1;
            }
        }
    }

    private SqlPlaceholder? Parse(SqlUnit unit, int start, int end)
    {
        var placeholder = SqlPlaceholder.Parse(unit.Code.Text.AsSpan(start, end - start));
        if (placeholder is null)
        {
            var text = unit.Code.Text[start..end];
            errors.Add(
                unit.Offset(start),
                $"Nothing is known by the name {SqlPlaceholder.Shorten(text)}. There are ${{tenant.name}}, ${{tenant.schema}}, ${{tenant.quoted}}, ${{shared.schema}}, ${{shared.quoted}} and ${{x.key}}; data with such text goes in dollar quotes ($$…$$).",
                SqlPlaceholder.Nearest(text));
        }

        return placeholder;
    }

    private void Fill(SqlUnit unit, int start, int end, SqlSegmentKind kind, string key, params ImmutableArray<SqlEscape> escapes)
    {
        var from = unit.Offset(start);
        if (SqlNeighbours.Problem(unit, start, escapes) is { } problem)
        {
            errors.Add(from, problem);
            return;
        }

        holes.Add(new SqlHole(from, unit.Offset(end), new SqlSegment(kind, key, [.. escapes, .. unit.Outer], unit.Tags)));
    }
}
