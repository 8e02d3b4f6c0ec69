using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary>On what privileges are granted (manual, GRANT).</summary>
/// <param name="Kind">The key of its kind: <c>table</c>, <c>sequence</c>, <c>function</c>, <c>procedure</c>, <c>type</c>, <c>schema</c> or <c>all</c>.</param>
/// <param name="Names">The objects; empty for all of a kind.</param>
public sealed record GrantTarget(string Kind, ImmutableArray<ObjectName> Names)
{
    /// <summary>The privileges that there are, a kind each; columns first, which are a part of tables.</summary>
    private static readonly Dictionary<string, ImmutableArray<string>> Allowed = new(StringComparer.Ordinal)
    {
        ["columns"] = ["select", "insert", "update", "references"],
        ["table"] = ["select", "insert", "update", "delete", "truncate", "references", "trigger", "maintain"],
        ["sequence"] = ["usage", "select", "update"],
        ["function"] = ["execute"],
        ["procedure"] = ["execute"],
        ["type"] = ["usage"],
        ["schema"] = ["usage", "create"],
    };

    private static readonly ListForm Objects = new(CommonForms.ObjectName, "a name or a list of names", allowsSingle: true);

    private static readonly FormKey Privileges = new("privileges", new ListForm(new ChoiceForm([.. Allowed.Values.SelectMany(static words => words).Append("all").Distinct()]), "a list of privileges"),
        "What they may do, or 'all'.", IsRequired: true);

    private static readonly ImmutableArray<FormKey> Kinds =
    [
        new("table", Objects, "Tables or views."),
        new("sequence", Objects, "Sequences."),
        new("function", CommonForms.ObjectName, "A function."),
        new("procedure", CommonForms.ObjectName, "A procedure."),
        new("type", Objects, "Types or domains."),
        new("schema", CommonForms.Name, "The revision's own schema, by its token."),
        new("all", new ChoiceForm("tables", "sequences", "functions", "procedures"), "All that the schema has of a kind (views are tables), as it is then."),
    ];

    /// <summary>The keys of privileges and what they are on.</summary>
    internal static readonly ImmutableArray<FormKey> Keys =
    [
        Privileges,
        .. Kinds,
        RoutineArgument.Key with { Needs = ["function", "procedure"] },
        new("columns", CommonForms.Names, "Columns of the table, if not all of it.") { Needs = ["table"] },
    ];

    /// <summary>One kind.</summary>
    internal static readonly ImmutableArray<KeyGroup> Groups = [new(true, [.. Kinds.Select(static key => key.Name)])];

    /// <summary>The privileges in SQL, with the columns that they are on.</summary>
    public required ImmutableArray<string> Words { get; init; }

    /// <summary>Columns of the tables; empty for all of them.</summary>
    public ImmutableArray<string> Columns { get; init; } = [];

    /// <summary>The arguments of a function or procedure.</summary>
    public ImmutableArray<RoutineArgument> Arguments { get; init; } = [];

    /// <summary>For all of a kind: the kind, such as <c>tables</c>; else null.</summary>
    public string? AllOf { get; init; }

    /// <summary>Builds it from checked values; null after an error.</summary>
    internal static GrantTarget? Build(Fields fields, BuildContext context)
    {
        var kind = Kinds.First(key => fields.Has(key.Name)).Name;
        var allOf = fields.OptionalText("all");
        var allowed = Allowed[fields.Has("columns") ? "columns" : allOf?.TrimEnd('s') ?? kind];
        var words = fields.Texts("privileges");
        var isRight = kind != "schema" || OwnSchema.Check(fields, context);
        foreach (var (word, node) in words.Zip(fields.Items("privileges")))
        {
            if (word != "all" && !allowed.Contains(word))
            {
                context.Errors.Report(node.Position, $"There is no privilege '{word}' on {(fields.Has("columns") ? "columns" : $"a {allOf?.TrimEnd('s') ?? kind}")}. There are: {string.Join(", ", allowed)}.");
                isRight = false;
            }
        }

        if (words.Contains("all") && words.Length > 1)
        {
            context.Errors.Report(fields.Node("privileges")!.Position, "'all' holds every privilege. Write it alone, or the privileges one by one.");
            isRight = false;
        }

        return !isRight ? null : new GrantTarget(kind, kind switch
        {
            "schema" => [new ObjectName(null, fields.Text(kind))],
            "all" => [],
            _ => [.. fields.Texts(kind).Select(ObjectName.Parse)],
        })
        {
            Words = words,
            Columns = fields.Texts("columns"),
            Arguments = RoutineArgument.Build(fields),
            AllOf = allOf,
        };
    }

    /// <summary><c>SELECT ("a"), UPDATE ("a") ON TABLE …</c></summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="home">The scope whose schema a bare name means.</param>
    public string ToSql(SqlTokens tokens, MigrationScope home)
    {
        var columns = Columns.IsEmpty ? "" : $" ({SqlText.QuoteAll(Columns)})";
        var privileges = string.Join(", ", Words.Select(word => $"{word.ToUpperInvariant()}{columns}"));
        var own = new ObjectName(null, "*").SchemaSql(tokens, home);
        return AllOf is not null
            ? $"{privileges} ON ALL {AllOf.ToUpperInvariant()} IN SCHEMA {own}"
            : $"{privileges} ON {Kind.ToUpperInvariant()} {string.Join(", ", Names.Select(name => Kind == "schema" ? own : $"{name.ToSql(tokens, home)}{(Kind is "function" or "procedure" ? RoutineArgument.Signature(Arguments) : "")}"))}";
    }
}
