using System.Collections.Immutable;
using System.Globalization;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Diffs.Values;

/// <summary>A type as the server prints it, taken apart. A domain is what it is made of.</summary>
/// <param name="Name">The name of its elements' type, without numbers: <c>numeric</c>, <c>timestamp without time zone</c>, or the printed name of one of the schema's own.</param>
/// <param name="Modifiers">The numbers: length, or precision and scale. Empty where there are none.</param>
/// <param name="IsArray">Is it an array?</param>
/// <param name="Own">The schema's own type or relation of that name, of a multirange its range; null for any other.</param>
internal sealed record ValueType(string Name, ImmutableArray<int> Modifiers, bool IsArray, CatalogObject? Own)
{
    private static readonly string[] OwnKinds = ["domain", "composite_type", "enum", "range_type", "table", "view", "materialized_view", "foreign_table"];

    private static readonly ImmutableDictionary<string, string> Ranges = ImmutableDictionary.CreateRange<string, string>(StringComparer.Ordinal,
    [
        new("int4range", "integer"), new("int8range", "bigint"), new("numrange", "numeric"), new("daterange", "date"), new("tsrange", "timestamp without time zone"), new("tstzrange", "timestamp with time zone"),
    ]);

    /// <summary>True for an array of a domain of arrays, which no other type's name says.</summary>
    public bool IsNested { get; private init; }

    /// <summary>Does it have attributes?</summary>
    public bool IsComposite => Own is not null && Own.Identity.Kind is not ("enum" or "range_type");

    /// <summary>The type in SQL without the numbers, by which an explicit cast would cut.</summary>
    public string Bare => $"{Name switch { "character" => "text", "bit" => "bit varying", _ => Name }}{(IsArray ? "[]" : "")}";

    /// <summary>Takes a printed type apart.</summary>
    /// <param name="printed">The type.</param>
    /// <param name="set">The schema that it is of.</param>
    /// <param name="context">Whose token own names may have.</param>
    public static ValueType Of(string printed, ObjectSet set, DiffContext context)
    {
        var isArray = printed.EndsWith("[]", StringComparison.Ordinal);
        var element = isArray ? printed[..^2] : printed;
        if (Find(element, set, context) is { } own)
        {
            if (own.Identity.Kind != "domain")
            {
                return new(element, [], isArray, own);
            }

            var type = Of(own["type"]!, set, context);
            return type with { IsArray = isArray || type.IsArray, IsNested = type.IsNested || (isArray && type.IsArray) };
        }

        var (open, close) = (element.IndexOf('(', StringComparison.Ordinal), element.IndexOf(')', StringComparison.Ordinal));
        return open < 0 || close < open || element.Contains('"', StringComparison.Ordinal)
            ? new(element, [], isArray, null)
            : new($"{element[..open]}{element[(close + 1)..]}", [.. element[(open + 1)..close].Split(',').Select(static part => int.TryParse(part, CultureInfo.InvariantCulture, out var number) ? number : 0)], isArray, null);
    }

    /// <summary>The types of its attributes by name, in order; empty for a type without.</summary>
    /// <param name="set">The schema that it is of.</param>
    public IReadOnlyList<(string Name, string Type)> Attributes(ObjectSet set) => !IsComposite ? []
        : Own!.Identity.Kind == "composite_type" ? [.. Own.Items("attributes").Select(static item => (PropertyValue.Text(item["name"]), PropertyValue.Text(item["type"])))]
        : [.. set.ColumnsOf(Own.Identity.Name).Where(static column => column["type"] is not null).OrderBy(static column => column.Position).Select(static column => (column.Identity.Name, column["type"]!))];

    /// <summary>What a range is of; null for what is no range.</summary>
    /// <param name="set">The schema that it is of.</param>
    /// <param name="context">Whose token own names may have.</param>
    public ValueType? Subtype(ObjectSet set, DiffContext context) =>
        (Own?["subtype"] ?? Ranges.GetValueOrDefault(Name.Replace("multirange", "range", StringComparison.Ordinal))) is { } subtype ? Of(subtype, set, context) : null;

    private static CatalogObject? Find(string printed, ObjectSet set, DiffContext context)
    {
        var bare = context.Shown(printed);
        return SqlLexer.Tokenize(bare).ToList() is not [{ IsName: true }] ? null : FindNamed(SqlIdentifier.Unquote(bare), set);
    }

    private static CatalogObject? FindNamed(string name, ObjectSet set) => OwnKinds.Select(kind => set.Objects.GetValueOrDefault(new ObjectIdentity(kind, name))).FirstOrDefault(static item => item is not null) ?? set.RangeOf(name);
}
