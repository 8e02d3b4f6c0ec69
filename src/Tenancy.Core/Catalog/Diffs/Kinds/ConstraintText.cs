using System.Text;
using System.Text.Json.Nodes;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Constraints as manifests and SQL write them.</summary>
internal static class ConstraintText
{
    private static readonly string[] NoKey = ["not_null", "with", "tablespace", "not_enforced", "period", "without_overlaps"];

    /// <summary>Does a typed operation say all of it?</summary>
    public static bool IsTyped(CatalogObject item) =>
        !NoKey.Any(property => item[property] is not null) && (item["exclude"] is null || Exclude(item["exclude"]!) is not null)
        && (item.Mapping("references") is not { } reference || (reference["match"] is null && reference["set_columns"] is null));

    /// <summary>The keys of a constraint.</summary>
    public static JsonObject Of(CatalogObject item, DiffContext context, bool isNotValid = false) => ManifestMapping.Of(
        ("name", item.Name()),
        ("primary_key", ManifestMapping.List(item.Texts("primary_key"))),
        ("unique", ManifestMapping.List(item.Texts("unique"))),
        ("check", context.Expression(item["check"])),
        ("foreign_key", ManifestMapping.List(item.Texts("foreign_key"))),
        ("references", item.Mapping("references") is { } reference ? Reference(reference) : null),
        ("exclude", item["exclude"] is { } exclude ? Exclude(context.Sql(exclude)) : null),
        ("include", ManifestMapping.List(item.Texts("include"))),
        ("nulls_not_distinct", ManifestMapping.Flag(item.Is("nulls_not_distinct"))),
        ("no_inherit", ManifestMapping.Flag(item.Is("no_inherit"))),
        ("deferrable", ManifestMapping.Flag(item.Is("deferrable"))),
        ("initially_deferred", ManifestMapping.Flag(item.Is("initially_deferred"))),
        ("not_valid", ManifestMapping.Flag(isNotValid)));

    /// <summary>The constraint in SQL: <c>CONSTRAINT name …</c>.</summary>
    public static string Sql(CatalogObject item, DiffContext context, bool isNotValid = false) =>
        $"CONSTRAINT {SqlIdentifier.Quote(item.Name())} {Body(item, context)}{Deferral(item)}{(item.Is("not_enforced") ? " NOT ENFORCED" : isNotValid ? " NOT VALID" : "")}";

    /// <summary>When it is checked, with a space before it.</summary>
    public static string Deferral(CatalogObject item) => (item.Is("deferrable") ? " DEFERRABLE" : "") + (item.Is("initially_deferred") ? " INITIALLY DEFERRED" : "");

    /// <summary>Columns with commas between them.</summary>
    public static string Columns(IEnumerable<string> names) => string.Join(", ", names.Select(SqlIdentifier.Quote));

    private static string Body(CatalogObject item, DiffContext context)
    {
        var noInherit = item.Is("no_inherit") ? " NO INHERIT" : "";
        return item switch
        {
            _ when item["check"] is { } check => $"CHECK ({context.Sql(PropertyValue.Bare(check))}){noInherit}",
            _ when item["not_null"] is not null => $"NOT NULL {Columns(item.Texts("not_null"))}{noInherit}",
            _ when item["exclude"] is { } exclude => context.Sql(exclude),
            _ when item["foreign_key"] is not null => ForeignKey(item, context),
            _ => Key(item),
        };
    }

    private static string Key(CatalogObject item)
    {
        var isPrimary = item["primary_key"] is not null;
        var columns = Columns(item.Texts(isPrimary ? "primary_key" : "unique")) + (item.Is("without_overlaps") ? " WITHOUT OVERLAPS" : "");
        var parameters = item.Parameters("with");
        return new StringBuilder(isPrimary ? "PRIMARY KEY" : item.Is("nulls_not_distinct") ? "UNIQUE NULLS NOT DISTINCT" : "UNIQUE").Append($" ({columns})")
            .Append(item["include"] is null ? "" : $" INCLUDE ({Columns(item.Texts("include"))})")
            .Append(parameters.IsEmpty ? "" : $" WITH ({string.Join(", ", parameters.Select(static parameter => $"{parameter.Name} = {SqlLiteral.Quote(parameter.Value)}"))})")
            .Append(item["tablespace"] is { } space ? $" USING INDEX TABLESPACE {SqlIdentifier.Quote(space)}" : "").ToString();
    }

    private static string ForeignKey(CatalogObject item, DiffContext context)
    {
        var reference = item.Mapping("references")!;
        string Part(IEnumerable<string> names) => item.Is("period") ? $"{Columns(names.SkipLast(1))}, PERIOD {SqlIdentifier.Quote(names.Last())}" : Columns(names);
        return $"FOREIGN KEY ({Part(item.Texts("foreign_key"))}) REFERENCES {context.Qualified(PropertyValue.Text(reference["table"]))} ({Part(Texts(reference, "columns"))})"
            + (reference["match"] is null ? "" : " MATCH FULL")
            + (reference["on_update"] is { } update ? $" ON UPDATE {PropertyValue.Text(update).ToUpperInvariant()}" : "")
            + (reference["on_delete"] is { } delete ? $" ON DELETE {PropertyValue.Text(delete).ToUpperInvariant()}" : "")
            + (reference["set_columns"] is null ? "" : $" ({Columns(Texts(reference, "set_columns"))})");
    }

    private static List<string> Texts(JsonObject mapping, string key) => [.. mapping[key]!.AsArray().Select(PropertyValue.Text)];

    private static JsonObject Reference(JsonObject reference)
    {
        var columns = Texts(reference, "columns");
        return ManifestMapping.Of(("table", PropertyValue.Text(reference["table"])), ("column", columns.Count == 1 ? columns[0] : null), ("columns", columns.Count == 1 ? null : ManifestMapping.List(columns)),
            ("on_delete", reference["on_delete"]?.DeepClone()), ("on_update", reference["on_update"]?.DeepClone()));
    }

    /// <summary>An exclusion as the server prints it, taken apart; null where it has more than columns, operators and a condition.</summary>
    private static JsonObject? Exclude(string text)
    {
        const string head = "EXCLUDE USING ";
        var open = text.IndexOf('(', StringComparison.Ordinal);
        var lists = SqlLists.InParentheses(text);
        var tail = text[(open + lists[0].Length + 2)..].Trim();
        if (!text.StartsWith(head, StringComparison.Ordinal) || !(tail.Length == 0 || (lists.Count == 2 && tail.StartsWith("WHERE (", StringComparison.Ordinal))))
        {
            return null;
        }

        List<JsonNode> elements = [];
        foreach (var element in SqlLists.Split(lists[0]))
        {
            var tokens = SqlLexer.Tokenize(element).Where(static token => !token.IsTrivia).ToList();
            if (tokens is not [{ IsName: true }, { Kind: SqlTokenKind.Word }, { Kind: SqlTokenKind.Operator }])
            {
                return null;
            }

            elements.Add(ManifestMapping.Of(("column", SqlIdentifier.Unquote(element.AsSpan(tokens[0].Start, tokens[0].Length))), ("with", element.Substring(tokens[2].Start, tokens[2].Length))));
        }

        return ManifestMapping.Of(("method", text[head.Length..open].Trim() is "gist" ? null : text[head.Length..open].Trim()), ("elements", ManifestMapping.List(elements)), ("where", tail.Length == 0 ? null : PropertyValue.Bare(lists[1])));
    }
}
