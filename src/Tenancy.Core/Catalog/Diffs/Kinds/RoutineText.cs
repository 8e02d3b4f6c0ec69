using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>Functions, procedures and aggregates as manifests and SQL write them.</summary>
internal static class RoutineText
{
    /// <summary>Stands in a body and in <c>set</c> for the schema's own name.</summary>
    private const string Own = "<schema>";

    private static readonly string[] Modes = ["IN", "OUT", "INOUT", "VARIADIC"];

    private static readonly string[] LongTypes = ["double precision", "character varying", "bit varying", "timestamp ", "time ", "interval "];

    /// <summary>Settings that are lists of names, which are stored as they are written (PostgreSQL: GUC_LIST_QUOTE).</summary>
    private static readonly string[] Lists = ["search_path", "temp_tablespaces", "local_preload_libraries", "session_preload_libraries", "shared_preload_libraries", "unix_socket_directories"];

    /// <summary>The name alone.</summary>
    public static string Name(CatalogObject item) => item.Identity.Name[..item.Identity.Name.IndexOf('(', StringComparison.Ordinal)];

    /// <summary>The types of the arguments, as they tell it from others of its name.</summary>
    public static string Arguments(CatalogObject item) => item.Identity.Name[(item.Identity.Name.IndexOf('(', StringComparison.Ordinal) + 1)..^1];

    /// <summary>The types in a list; absent where there are none.</summary>
    public static JsonNode? Types(CatalogObject item) => ManifestMapping.List(SqlLists.Split(Arguments(item)));

    /// <summary>The arguments, taken apart.</summary>
    public static ImmutableArray<(string? Mode, string? Name, string Type, string? Default)> Parse(CatalogObject item)
    {
        var types = new Queue<string>(SqlLists.Split(Arguments(item)));
        return [.. SqlLists.Split(item["arguments"] ?? "").Select(text => Parse(text, types))];
    }

    /// <summary>The arguments as manifests write them; absent where there are none.</summary>
    public static JsonNode? Keys(CatalogObject item, DiffContext context) => ManifestMapping.List(Parse(item).Select(argument => (JsonNode)(
        argument is (null, null, var only, null) ? JsonValue.Create(context.Sql(only))
        : ManifestMapping.Of(("name", argument.Name), ("type", context.Sql(argument.Type)), ("mode", argument.Mode?.ToLowerInvariant()), ("default", context.Expression(argument.Default))))));

    /// <summary>The settings as manifests write them; absent where there are none.</summary>
    public static JsonNode? Settings(CatalogObject item, DiffContext context) =>
        item.Parameters("set") is { IsEmpty: false } settings ? new JsonObject(settings.Select(setting => KeyValuePair.Create(setting.Name, (JsonNode?)JsonValue.Create(Setting(setting.Name, setting.Value, context))))) : null;

    /// <summary>A setting's value after SET … TO.</summary>
    public static string Setting(string name, string value, DiffContext context) =>
        !Lists.Contains(name) ? context.Sql(SqlLiteral.Quote(value)) : value.Length == 0 || value == "\"\"" ? "''" : value.Replace(Own, context.Token, StringComparison.Ordinal);

    /// <summary>A body with the token for the schema's name.</summary>
    public static string Body(string body, DiffContext context)
    {
        if (!body.Contains(Own, StringComparison.Ordinal))
        {
            return body;
        }

        var placeholder = context.Options.Scope == Manifests.MigrationScope.Tenant ? "tenant" : "shared";
        var text = new StringBuilder();
        foreach (var token in SqlLexer.Tokenize(body))
        {
            var piece = body.Substring(token.Start, token.Length);
            text.Append(token.IsString && token.Kind != SqlTokenKind.DollarString
                ? piece == $"'{Own}'" ? $"'${{{placeholder}.schema}}'" : piece.Replace(Own, $"${{{placeholder}.quoted}}", StringComparison.Ordinal)
                : piece);
        }

        return text.ToString().Replace(Own, context.Token, StringComparison.Ordinal);
    }

    private static (string? Mode, string? Name, string Type, string? Default) Parse(string text, Queue<string> types)
    {
        string? mode = null, value = null;
        var tokens = SqlLexer.Tokenize(text).ToList();
        var depth = 0;
        foreach (var token in tokens)
        {
            depth += token.Kind switch { SqlTokenKind.OpenParenthesis => 1, SqlTokenKind.CloseParenthesis => -1, _ => 0 };
            if (depth == 0 && token.Kind == SqlTokenKind.Word && token.Start > 0 && text.AsSpan(token.Start, token.Length) is "DEFAULT")
            {
                value = text[token.End..].Trim();
                text = text[..token.Start].Trim();
                break;
            }
        }

        foreach (var known in Modes.Where(known => text.StartsWith(known + " ", StringComparison.Ordinal)))
        {
            mode = known;
            text = text[(known.Length + 1)..];
        }

        if (mode != "OUT" && types.TryDequeue(out var type) && (text == type || text.EndsWith(" " + type, StringComparison.Ordinal)))
        {
            return (mode == "IN" ? null : mode, text == type ? null : SqlIdentifier.Unquote(text.AsSpan(0, text.Length - type.Length - 1)), type, value);
        }

        var first = SqlLexer.Tokenize(text).First();
        return first.End < text.Length && first.IsName && text[first.End] == ' ' && !LongTypes.Any(known => text.StartsWith(known, StringComparison.Ordinal))
            ? (mode, SqlIdentifier.Unquote(text.AsSpan(0, first.End)), text[(first.End + 1)..], value)
            : (mode, null, text, value);
    }
}
