using System.Collections.Immutable;
using Tenancy.Core.Manifests;
using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary>An object of any kind, or a part of one, as <c>comment</c> and <c>set_owner</c> name it: <c>table: invoice</c>, <c>domain: amount, constraint: amount_check</c>.</summary>
/// <param name="Kind">The key of its kind, such as <c>materialized_view</c>.</param>
/// <param name="Name">The object.</param>
/// <param name="Arguments">The arguments of a function or procedure.</param>
public sealed record ObjectTarget(string Kind, ObjectName Name, ImmutableArray<RoutineArgument> Arguments)
{
    private static readonly ImmutableArray<FormKey> Kinds =
    [
        new("table", CommonForms.ObjectName, "A table."),
        new("view", CommonForms.ObjectName, "A view."),
        new("materialized_view", CommonForms.ObjectName, "A materialized view."),
        new("index", CommonForms.ObjectName, "An index."),
        new("sequence", CommonForms.ObjectName, "A sequence."),
        new("type", CommonForms.ObjectName, "An enum, composite type or range type."),
        new("domain", CommonForms.ObjectName, "A domain."),
        new("function", CommonForms.ObjectName, "A function."),
        new("procedure", CommonForms.ObjectName, "A procedure."),
        new("statistics", CommonForms.ObjectName, "Extended statistics."),
        new("schema", CommonForms.Name, "The revision's own schema, by its token."),
    ];

    private static readonly ImmutableArray<FormKey> Parts =
    [
        new("column", CommonForms.Name, "A column of it.") { Needs = ["table", "view", "materialized_view", "type"] },
        new("constraint", CommonForms.Name, "A constraint of it.") { Needs = ["table", "domain"] },
        new("trigger", CommonForms.Name, "A trigger of it.") { Needs = ["table", "view"] },
        new("policy", CommonForms.Name, "A policy of it.") { Needs = ["table"] },
    ];

    /// <summary>The keys that name an object or a part of one.</summary>
    internal static readonly ImmutableArray<FormKey> Keys = [.. Kinds, RoutineArgument.Key with { Needs = ["function", "procedure"] }, .. Parts];

    /// <summary>The keys that name an object.</summary>
    internal static readonly ImmutableArray<FormKey> WholeKeys = [.. Kinds.Where(static key => key.Name is not "index"), RoutineArgument.Key with { Needs = ["function", "procedure"] }];

    /// <summary>One object, and at most one part of it.</summary>
    internal static readonly ImmutableArray<KeyGroup> Groups = [new(true, [.. Kinds.Select(static key => key.Name)]), new(false, [.. Parts.Select(static key => key.Name)])];

    /// <summary>One object.</summary>
    internal static readonly ImmutableArray<KeyGroup> WholeGroups = [new(true, [.. WholeKeys.Where(static key => key.Needs.IsEmpty).Select(static key => key.Name)])];

    /// <summary>What part of it, such as <c>column</c> and the column; null for all of it.</summary>
    public (string Kind, string Name)? Part { get; init; }

    /// <summary>Builds it from checked values; null where it is the schema of another scope, which is reported.</summary>
    internal static ObjectTarget? Build(Fields fields, BuildContext context)
    {
        var kind = Kinds.First(key => fields.Has(key.Name)).Name;
        if (kind == "schema" && !OwnSchema.Check(fields, context))
        {
            return null;
        }

        var part = Parts.FirstOrDefault(key => fields.Has(key.Name))?.Name;
        return new ObjectTarget(kind, kind == "schema" ? new ObjectName(null, fields.Text(kind)) : fields.Name(kind), RoutineArgument.Build(fields))
        {
            Part = part is null ? null : (part, fields.Text(part)),
        };
    }

    /// <summary>The kind and the name, as COMMENT ON and ALTER want them.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="home">The scope whose schema a bare name means.</param>
    public string ToSql(SqlTokens tokens, MigrationScope home)
    {
        var name = Kind == "schema" ? SqlIdentifier.Quote(Name.Name) : Name.ToSql(tokens, home);
        return Part switch
        {
            ("column", var column) => $"COLUMN {name}.{SqlIdentifier.Quote(column)}",
            ("constraint", var constraint) when Kind == "domain" => $"CONSTRAINT {SqlIdentifier.Quote(constraint)} ON DOMAIN {name}",
            ({ } part, var inner) => $"{part.ToUpperInvariant()} {SqlIdentifier.Quote(inner)} ON {name}",
            null => $"{Kind.Replace('_', ' ').ToUpperInvariant()} {name}{(Kind is "function" or "procedure" ? RoutineArgument.Signature(Arguments) : "")}",
        };
    }

    /// <summary>What people call it.</summary>
    public override string ToString() => (Part is var (part, inner) ? $"{part} '{inner}' of the " : "") + $"{Kind.Replace('_', ' ')} '{Name}'";
}
