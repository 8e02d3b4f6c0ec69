namespace Tenancy.Core.Sql;

/// <summary>
/// Finds schema tokens inside string constants, where they would reach the server untranslated: <c>'tenant_schema.seq'::regclass</c>.
/// <para>The tenant's token is a made-up word, so anywhere in a string it is taken as a schema when it is the whole string or stands before a dot and a name.
/// The shared token is an ordinary word (and 'shared.css' is a file), so it counts only where PostgreSQL reads the string as a name or as SQL: cast to <c>regclass</c> and its kin, given to
/// <c>nextval</c>, <c>to_regclass</c>, <c>format</c> and the like, after EXECUTE, compared with <c>nspname</c> or <c>table_schema</c>.
/// Dollar-quoted strings count only there too, and the texts of COMMENT and SECURITY LABEL never.</para>
/// </summary>
internal sealed class SqlNamesInStrings
{
    private static readonly HashSet<string> NameTypes = new(StringComparer.OrdinalIgnoreCase)
    {
        "regclass", "regproc", "regprocedure", "regoper", "regoperator", "regtype", "regnamespace", "regconfig", "regdictionary", "regcollation",
    };

    private static readonly HashSet<string> NameFunctions = new(StringComparer.OrdinalIgnoreCase)
    {
        "nextval", "currval", "setval", "to_regclass", "to_regproc", "to_regprocedure", "to_regoper", "to_regoperator", "to_regtype", "to_regnamespace", "to_regcollation",
        "pg_get_serial_sequence", "pg_relation_size", "pg_table_size", "pg_indexes_size", "pg_total_relation_size", "pg_sequence_last_value", "format", "query_to_xml", "has_schema_privilege",
        "has_table_privilege", "has_sequence_privilege", "has_function_privilege", "has_type_privilege", "create_hypertable",
    };

    private readonly SqlTokens tokens;

    public SqlNamesInStrings(SqlTokens tokens) => this.tokens = tokens;

    /// <summary>What is wrong with a string, or null.</summary>
    /// <param name="code">The tokens.</param>
    /// <param name="start">Index of the statement's first token.</param>
    /// <param name="index">Index of the string.</param>
    /// <param name="isPathItem">True when it is an item of a <c>SET search_path</c>.</param>
    public string? Check(SqlCode code, int start, int index, bool isPathItem)
    {
        if (code.Is(start, "COMMENT") || code.Follows(start, "SECURITY LABEL"))
        {
            return null;
        }

        if (isPathItem)
        {
            var path = SqlStringContent.Of(code.Text, code[index]).Text;
            var token = Mentions(path, tokens.Tenant) ? tokens.Tenant : Mentions(path, tokens.Shared) ? tokens.Shared : null;
            return token is null ? null : $"The token {token} inside a string is not translated. Write the schemas of search_path without quotes: {tokens.Tenant}, {tokens.Shared}.";
        }

        var isName = IsName(code, start, index);
        var isDollar = code.Kind(index) == SqlTokenKind.DollarString;
        if (isDollar && !isName)
        {
            return null;
        }

        var text = SqlStringContent.Of(code.Text, code[index]).Text;
        var isOpen = isName || (code.Kind(index + 1) == SqlTokenKind.Operator && code.Span(index + 1) is "||");
        var isPath = IsConfiguredPath(code, index);
        return Find(text, tokens.Tenant, "tenant", isOpen, isPath, isDollar)
            ?? (isName || isPath ? Find(text, tokens.Shared, "shared", isOpen, isPath, isDollar) : null);
    }

    /// <summary>Where the tenant's token stands as a schema in a string that PostgreSQL reads as a name; offsets are those of the text, and <c>IsQuoted</c> says that an identifier stands there.</summary>
    /// <inheritdoc cref="Check"/>
    public IEnumerable<(int Start, int End, bool IsQuoted)> Find(SqlCode code, int start, int index, bool isPathItem)
    {
        var isPath = IsConfiguredPath(code, index);
        if (code.Is(start, "COMMENT") || code.Follows(start, "SECURITY LABEL") || !(isPathItem || isPath || IsName(code, start, index)))
        {
            yield break;
        }

        var content = SqlStringContent.Of(code.Text, code[index]);
        int At(int offset) => content.Offsets is null ? content.Start + offset : content.Offsets[offset];
        var text = content.Text;
        if (text == tokens.Tenant)
        {
            // An item of a stored path is the name itself; so is what is compared with a catalog's column.
            yield return (At(0), At(text.Length), isPath || IsParsed(code, index));
            yield break;
        }

        for (var at = text.IndexOf(tokens.Tenant, StringComparison.Ordinal); at >= 0; at = text.IndexOf(tokens.Tenant, at + tokens.Tenant.Length, StringComparison.Ordinal))
        {
            if (isPath ? IsListed(text, at, tokens.Tenant.Length) : IsSchema(text, at, tokens.Tenant, isOpen: true))
            {
                var isWritten = at > 0 && text[at - 1] == '"';
                yield return (At(isWritten ? at - 1 : at), At(at + tokens.Tenant.Length + (isWritten ? 1 : 0)), true);
            }
        }
    }

    private static bool IsParsed(SqlCode code, int index) => code.Kind(index + 1) == SqlTokenKind.Cast || IsIn(NameTypes, code, index - 1) || code.Is(index - 2, "to_regnamespace");

    private static bool IsListed(string path, int at, int length) =>
        path[..at].TrimEnd(' ', '"') is [] or [.., ','] && path[(at + length)..].TrimStart(' ', '"') is [] or [',', ..];

    private static string? Find(string text, string token, string word, bool isOpen, bool isPath, bool isDollar)
    {
        var written = text.Trim();
        if (written.Equals(token, StringComparison.OrdinalIgnoreCase) || written == SqlIdentifier.Quote(token))
        {
            return $"The token {token} inside a string is not translated. Write '${{{word}.schema}}' for the schema's name, '${{{word}.quoted}}' where PostgreSQL parses the string as a name (regnamespace), or $${token}$$ for this very text.";
        }

        if (isPath && Mentions(text, token))
        {
            return $"The token {token} inside a string is not translated. Write ${{{word}.quoted}} in its place.";
        }

        for (var at = text.IndexOf(token, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(token, at + token.Length, StringComparison.OrdinalIgnoreCase))
        {
            if (IsSchema(text, at, token, isOpen))
            {
                var form = isDollar ? $"Write the string in single quotes, with ${{{word}.quoted}} in place of the token." : $"Write '${{{word}.quoted}}.…' in place of '{token}.…'.";
                return $"The token {token} inside a string is not translated. {form}";
            }
        }

        return null;
    }

    /// <summary>True when the token is an item of a list of schemas.</summary>
    private static bool Mentions(string path, string token) =>
        Array.Exists(path.Split(','), item => item.Trim().Trim('"').Equals(token, StringComparison.OrdinalIgnoreCase));

    private static bool IsSchema(string text, int at, string token, bool isOpen)
    {
        var before = at > 0 ? text[at - 1] : ' ';
        var after = at + token.Length;
        if (before == '"' && after < text.Length && text[after] == '"')
        {
            before = at > 1 ? text[at - 2] : ' ';
            after++;
        }

        if (SqlCharacters.IsIdentifierPart(before) || before is '.' or '"' or '{' || after >= text.Length || text[after] != '.')
        {
            return false;
        }

        return after + 1 == text.Length ? isOpen : SqlCharacters.IsIdentifierStart(text[after + 1]) || text[after + 1] is '"' or '%' or '*' or '$';
    }

    private static bool IsName(SqlCode code, int start, int index)
    {
        var isCast = code.Kind(index + 1) == SqlTokenKind.Cast || code.Is(index + 1, "AS");
        var type = index + 2 + (code.Kind(index + 2) is SqlTokenKind.Word or SqlTokenKind.QuotedIdentifier && code.Name(index + 2) == "pg_catalog" && code.Kind(index + 3) == SqlTokenKind.Dot ? 2 : 0);
        return (isCast && IsIn(NameTypes, code, type))
            || IsIn(NameTypes, code, index - 1)
            || (code.Kind(index - 1) == SqlTokenKind.OpenParenthesis && IsIn(NameFunctions, code, index - 2))
            || code.Is(start, "EXECUTE")
            || code.Is(index - 1, "EXECUTE")
            || (code.Kind(index - 1) == SqlTokenKind.Operator && code.Span(index - 1) is "=" or "<>" or "!=" && IsSchemaColumn(code, index - 2));
    }

    private static bool IsSchemaColumn(SqlCode code, int index) =>
        code.IsAny(index, "nspname", "schemaname") || (code.Kind(index) == SqlTokenKind.Word && code.Span(index).EndsWith("_schema", StringComparison.OrdinalIgnoreCase));

    private static bool IsIn(HashSet<string> words, SqlCode code, int index) =>
        code.Kind(index) is SqlTokenKind.Word or SqlTokenKind.QuotedIdentifier && words.Contains(code.Name(index)!);

    /// <summary>True for the value in <c>set_config('search_path', …)</c>.</summary>
    private static bool IsConfiguredPath(SqlCode code, int index) =>
        code.Is(index - 4, "set_config") && code.Kind(index - 2) == SqlTokenKind.String && code.Span(index - 2).Contains("search_path", StringComparison.OrdinalIgnoreCase);
}
