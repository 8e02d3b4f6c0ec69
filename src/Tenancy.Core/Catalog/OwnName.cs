using System.Text;
using System.Text.RegularExpressions;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog;

/// <summary>
/// The schema's own name where definitions have it as text: <c>DEFAULT 'acme'</c>, a body or a comment with it. In a shape that was read out of a scratch schema, whose name is in nobody's definitions, each such place
/// is known; so the shape is one for all tenants, with a mark in these places, and what it is for one of them follows. In a tenant's own definitions the name may be a word: there a mark says only what may be.
/// </summary>
internal static class OwnName
{
    /// <summary>What stands for the name: nothing that is in anybody's definitions, and nothing that YAML takes without quotes.</summary>
    public const string Mark = "<name of the tenancy schema>";

    /// <summary>What a manifest writes for it.</summary>
    public const string Placeholder = "${tenant.schema}";

    /// <summary>A shape with the mark in place of a name that occurs nowhere else.</summary>
    /// <param name="shape">The shape, as it was read.</param>
    /// <param name="scratch">The name of the scratch schema.</param>
    public static SchemaSnapshot Of(SchemaSnapshot shape, string scratch) => Map(shape, static (value, name) => value.Replace(name, Mark, StringComparison.Ordinal), scratch, scratch);

    /// <summary>A tenant's shape with the mark wherever a string, or another text, has its name as a word.</summary>
    /// <param name="shape">The shape, as it was read.</param>
    /// <param name="schema">The schema's name.</param>
    public static SchemaSnapshot OfTenant(SchemaSnapshot shape, string schema)
    {
        var word = new Regex($@"(?<![\w$]){Regex.Escape(schema)}(?![\w$])", RegexOptions.CultureInvariant);
        return new(
            shape.Objects.Values.Select(item => Has(item, schema)
                ? With(item, item.Properties.Select(pair => KeyValuePair.Create(pair.Key, IsText(item.Identity.Kind, pair.Key) ? word.Replace(pair.Value, Mark) : InStrings(pair.Value, schema, piece => word.Replace(piece, Mark)))))
                : item),
            shape.Dependencies);
    }

    /// <summary>Has a shape the mark anywhere?</summary>
    /// <param name="shape">The shape.</param>
    public static bool IsIn(SchemaSnapshot shape) => shape.Objects.Values.Any(IsIn);

    /// <summary>Has an object the mark anywhere?</summary>
    /// <param name="item">The object.</param>
    public static bool IsIn(CatalogObject item) => item.Properties.Values.Any(static value => value.Contains(Mark, StringComparison.Ordinal));

    /// <summary>What a shape is for one schema.</summary>
    /// <param name="shape">The shape, with marks.</param>
    /// <param name="schema">The schema's name.</param>
    public static SchemaSnapshot Fill(SchemaSnapshot shape, string schema) => Map(shape, Fill, Mark, schema);

    /// <summary>What an object is for one schema.</summary>
    /// <param name="item">The object, with marks.</param>
    /// <param name="schema">The schema's name.</param>
    public static CatalogObject Fill(CatalogObject item, string schema) => Map(item, Fill, Mark, schema);

    /// <summary>A schema's shape with marks where what is expected has them, and the schema has its name. Elsewhere its name is a text like any other.</summary>
    /// <param name="actual">The shape, as it was read.</param>
    /// <param name="schema">The schema's name.</param>
    /// <param name="expected">What is expected, with marks.</param>
    public static SchemaSnapshot Align(SchemaSnapshot actual, string schema, SchemaSnapshot expected) => Align(actual, schema, expected, expected);

    /// <summary>The same with what is expected in the words of another schema.</summary>
    /// <param name="actual">The shape, as it was read.</param>
    /// <param name="schema">The schema's name.</param>
    /// <param name="expected">What is expected, with marks.</param>
    /// <param name="instead">What is taken in place of the schema's own texts: the other schema's shape.</param>
    public static SchemaSnapshot Align(SchemaSnapshot actual, string schema, SchemaSnapshot expected, SchemaSnapshot instead)
    {
        if (!IsIn(expected))
        {
            return actual;
        }

        actual = GeneratedNames.Align(actual, Fill(expected, schema));
        return new(
            actual.Objects.Values.Select(item => expected.Objects.TryGetValue(item.Identity, out var wanted) && IsIn(wanted)
                ? With(item, wanted.Properties.Where(pair => item[pair.Key] == Fill(pair.Value, schema)).Select(pair => KeyValuePair.Create(pair.Key, instead.Objects[item.Identity][pair.Key]!)))
                : item),
            actual.Dependencies);
    }

    /// <summary>A text of a manifest, or for a person, with the placeholder in place of the mark.</summary>
    /// <param name="text">The text.</param>
    public static string Show(string text) => text.Replace(Mark, Placeholder, StringComparison.Ordinal);

    /// <summary>Is a property a text that is no SQL, in which no name of an object can be?</summary>
    /// <param name="kind">The kind of the object.</param>
    /// <param name="property">The property.</param>
    public static bool IsText(string kind, string property) => property is "comment" or "initcond" or "minitcond" or "options" or "with" || (kind, property) is ("trigger", "arguments") or ("enum", "values");

    /// <summary>SQL with the mark in place of a scratch schema's name in strings that are no names of objects; names stay.</summary>
    /// <param name="sql">The SQL, as a server printed it.</param>
    /// <param name="scratch">The name of the scratch schema.</param>
    public static string MarkStrings(string sql, string scratch) => InStrings(sql, scratch, piece => piece.Replace(scratch, Mark, StringComparison.Ordinal));

    private static string InStrings(string sql, string name, Func<string, string> change)
    {
        if (!sql.Contains(name, StringComparison.Ordinal) || !sql.Contains('\'', StringComparison.Ordinal))
        {
            return sql;
        }

        StringBuilder text = new();
        foreach (var token in SqlLexer.Tokenize(sql, static (_, _) => { }))
        {
            var piece = sql.Substring(token.Start, token.Length);
            var isName = piece.StartsWith($"'{name}.", StringComparison.Ordinal) && sql.AsSpan(token.End).StartsWith("::reg", StringComparison.Ordinal);
            text.Append(token.Kind is SqlTokenKind.String or SqlTokenKind.EscapeString && !isName ? change(piece) : piece);
        }

        return text.ToString();
    }

    // As the server prints it, or a manifest wrote it, at each place.
    private static string Fill(string text, string schema)
    {
        var quoted = SqlIdentifier.Quote(schema);
        if (schema.All(static character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '_'))
        {
            return text.Replace(Mark, schema, StringComparison.Ordinal);
        }

        var isJson = text is ['[' or '{', ..];
        StringBuilder filled = new();
        var end = 0;
        for (var at = text.IndexOf(Mark, StringComparison.Ordinal); at >= 0; at = text.IndexOf(Mark, end, StringComparison.Ordinal))
        {
            filled.Append(text, end, at - end);
            end = at + Mark.Length;
            var isQuoted = at > 0 && text[at - 1] == '"' && end < text.Length && text[end] == '"';
            var name = isJson ? schema.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) : isQuoted ? quoted[1..^1] : end < text.Length && text[end] == '.' ? quoted : schema;
            filled.Append(IsInString(text, at) ? name.Replace("'", "''", StringComparison.Ordinal) : name);
        }

        return filled.Append(text, end, text.Length - end).ToString();
    }

    private static bool IsInString(string text, int at) => text.AsSpan(0, at).Count('\'') % 2 == 1;

    private static SchemaSnapshot Map(SchemaSnapshot shape, Func<string, string, string> change, string from, string name) => shape.Objects.Values.Any(item => Has(item, from))
        ? new(shape.Objects.Values.Select(item => Map(item, change, from, name)), shape.Dependencies)
        : shape;

    private static CatalogObject Map(CatalogObject item, Func<string, string, string> change, string from, string name) => Has(item, from)
        ? With(item, item.Properties.Where(pair => pair.Value.Contains(from, StringComparison.Ordinal)).Select(pair => KeyValuePair.Create(pair.Key, change(pair.Value, name))))
        : item;

    private static bool Has(CatalogObject item, string text) => item.Properties.Values.Any(value => value.Contains(text, StringComparison.Ordinal));

    private static CatalogObject With(CatalogObject item, IEnumerable<KeyValuePair<string, string>> properties) =>
        new() { Identity = item.Identity, Properties = item.Properties.SetItems(properties), Position = item.Position, ActualName = item.ActualName };
}
