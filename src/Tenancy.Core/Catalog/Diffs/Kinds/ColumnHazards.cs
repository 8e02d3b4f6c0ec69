using System.Collections.Immutable;
using System.Globalization;
using Tenancy.Core.Catalog.Diffs.Values;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>What a column's type or default costs (manual, ALTER TABLE, notes).</summary>
internal static class ColumnHazards
{
    private static readonly ImmutableHashSet<string> Fixed = [.. ValueKinds.Numbers.Remove("numeric"), .. ValueKinds.Times, "money", "boolean", "uuid", "interval"];

    private static readonly ImmutableHashSet<string> Constant = ["now", "current_timestamp", "current_date", "transaction_timestamp", "current_user", "session_user", "localtimestamp"];

    /// <summary>Does adding the column write every row? It does where the value is not the same for all (PostgreSQL 11 and later keep such a value once).</summary>
    public static bool IsWritten(CatalogObject column, CatalogObject? value) =>
        column["identity"] is not null || (column["generated"] is not null && column["stored"] != "false") || (value?[ObjectSet.Default] is { } expression && Calls(expression).Any(static name => !Constant.Contains(name)));

    /// <summary>Does the new type write every row?</summary>
    public static bool IsRewritten(CatalogObject from, CatalogObject to)
    {
        var ((was, wasParts), (type, parts)) = (Split(from["type"]!), Split(to["type"]!));
        var isWidened = wasParts.Count > 0 && (parts.Count == 0 || (parts.Count == wasParts.Count && parts[0] >= wasParts[0] && parts.Skip(1).SequenceEqual(wasParts.Skip(1))));
        return !((from["type"] == to["type"] && ValueKinds.BuiltIn.Contains(type)) || ((was, type) is ("character varying", "text") or ("text", "character varying") && parts.Count == 0) || (was == type && type is "character varying" or "numeric" && isWidened));
    }

    /// <summary>Where long values of a type go unless told.</summary>
    public static string UsualStorage(Values.ValueType type) => !type.IsArray && Fixed.Contains(type.Name) ? "plain" : !type.IsArray && type.Name is "numeric" or "inet" or "cidr" ? "main" : "extended";

    private static IEnumerable<string> Calls(string expression)
    {
        var tokens = SqlLexer.Tokenize(expression).Where(static token => !token.IsTrivia).ToList();
        for (var i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].IsName && ((i + 1 < tokens.Count && tokens[i + 1].Kind == SqlTokenKind.OpenParenthesis && (i == 0 || tokens[i - 1].Kind != SqlTokenKind.Cast)) || tokens[i].Length > 8 && expression.AsSpan(tokens[i].Start, 7) is "CURRENT"))
            {
                yield return expression.Substring(tokens[i].Start, tokens[i].Length).ToLowerInvariant();
            }
        }
    }

    /// <summary>A type without its numbers, and these.</summary>
    private static (string Type, List<int> Parts) Split(string type)
    {
        var (open, close) = (type.IndexOf('(', StringComparison.Ordinal), type.IndexOf(')', StringComparison.Ordinal));
        return open < 0 || close < open ? (type, [])
            : ($"{type[..open]}{type[(close + 1)..]}", [.. type[(open + 1)..close].Split(',').Select(static part => int.TryParse(part, CultureInfo.InvariantCulture, out var number) ? number : 0)]);
    }
}
