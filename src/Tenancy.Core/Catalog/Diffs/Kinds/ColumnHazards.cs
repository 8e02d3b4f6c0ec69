using System.Collections.Immutable;
using Tenancy.Core.Catalog.Diffs.Values;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs;

/// <summary>What a column's type or default costs (manual, ALTER TABLE, notes).</summary>
internal static class ColumnHazards
{
    private static readonly ImmutableHashSet<string> Fixed = [.. ValueKinds.Numbers.Remove("numeric"), .. ValueKinds.Times, "money", "boolean", "uuid", "interval"];

    /// <summary>Types whose first number may grow without a change of any value (<c>varchar_support</c> and its like).</summary>
    private static readonly ImmutableHashSet<string> Growing = ["character varying", "numeric", "bit varying", "interval", .. ValueKinds.Times.Remove("date")];

    /// <summary>Types whose values are the same bytes.</summary>
    private static readonly ImmutableHashSet<string> Texts = ["text", "character varying", "citext"];

    private static readonly ImmutableHashSet<string> Constant = ["now", "current_timestamp", "current_date", "transaction_timestamp", "current_user", "session_user", "localtimestamp"];

    /// <summary>Does adding the column write every row? It does where the value is not the same for all (PostgreSQL 11 and later keep such a value once).</summary>
    public static bool IsWritten(CatalogObject column, CatalogObject? value) =>
        column["identity"] is not null || (column["generated"] is not null && column["stored"] != "false") || (value?[ObjectSet.Default] is { } expression && Calls(expression).Any(static name => !Constant.Contains(name)));

    /// <summary>Does the new type write every row? Not where the values stay as they are, byte by byte, and no condition of a domain is to be tried on them (<c>ATColumnChangeRequiresRewrite</c>).</summary>
    public static bool IsRewritten(CatalogObject from, CatalogObject to, DiffContext context)
    {
        var (was, type) = Types(from, to, context);
        return HasCondition(to["type"]!, context) || was.Own is not null || type.Own is not null
            || (was.IsArray || type.IsArray
                ? from["type"] != to["type"] || !ValueKinds.BuiltIn.Contains(type.Name)
                : !(was.Name == type.Name ? IsWidened(was, type) : type.Modifiers.IsEmpty && ((Texts.Contains(was.Name) && Texts.Contains(type.Name)) || (was.Name == "xml" && type.Name is "text" or "character varying"))));
    }

    /// <summary>Are the column's indexes built anew though its rows are not, because values are compared in another way?</summary>
    public static bool SortsAnew(CatalogObject from, CatalogObject to, DiffContext context) =>
        from["collation"] != to["collation"] || (Types(from, to, context) is var (was, type) && (was.Name == "citext") != (type.Name == "citext"));

    /// <summary>Does every value that the column may have fit the new type, so that the change cannot fail on one?</summary>
    public static bool FitsAlways(CatalogObject from, CatalogObject to, DiffContext context)
    {
        var (was, type) = Types(from, to, context);
        return !HasCondition(to["type"]!, context) && !type.IsArray && type.Own is null
            && ((type.Modifiers.IsEmpty && (Texts.Contains(type.Name) || type.Name == "name"))
                || (!was.IsArray && was.Own is null && (was.Name == type.Name ? ValueKinds.BuiltIn.Contains(type.Name) && IsWidened(was, type)
                    : type.Modifiers.IsEmpty && (was.Name, type.Name) is ("smallint", "integer") or ("smallint" or "integer", "bigint") or ("smallint" or "integer" or "bigint", "numeric" or "real" or "double precision") or ("real", "double precision"))));
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

    /// <summary>Both types, domains as what they are made of.</summary>
    private static (Values.ValueType Was, Values.ValueType Type) Types(CatalogObject from, CatalogObject to, DiffContext context) =>
        (Values.ValueType.Of(from["type"]!, context.From, context), Values.ValueType.Of(to["type"]!, context.To, context));

    /// <summary>Does a type of one name hold all that it held before, as it was: its numbers are the same, there are none any more, or the first of those that may grow is greater?</summary>
    private static bool IsWidened(Values.ValueType was, Values.ValueType type) =>
        was.Modifiers.SequenceEqual(type.Modifiers) ? ValueKinds.BuiltIn.Contains(type.Name)
        : Growing.Contains(type.Name) && !was.Modifiers.IsEmpty && (type.Modifiers.IsEmpty || (type.Modifiers.Length == was.Modifiers.Length && type.Modifiers[0] >= was.Modifiers[0] && type.Modifiers.Skip(1).SequenceEqual(was.Modifiers.Skip(1))));

    /// <summary>Is it a domain with a condition, its own or that of one that it is made of?</summary>
    private static bool HasCondition(string type, DiffContext context)
    {
        var name = context.Shown(type.EndsWith("[]", StringComparison.Ordinal) ? type[..^2] : type);
        return context.To.Objects.TryGetValue(new("domain", name is ['"', ..] ? SqlIdentifier.Unquote(name) : name), out var domain)
            && (domain["nullable"] == "false" || context.To.NeededBy(domain.Identity).Any(part => part.Kind == "domain_constraint" && part.Table == domain.Identity.Name) || HasCondition(domain["type"]!, context));
    }
}
