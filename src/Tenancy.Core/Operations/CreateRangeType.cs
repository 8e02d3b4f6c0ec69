using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary><c>create_range_type</c>.</summary>
public sealed record CreateRangeType : CreateObject
{
    private static readonly ObjectKind Range = new("range_type", "TYPE", "{subtype: ...}");

    /// <summary>How manifests write it and its end.</summary>
    internal static readonly (OperationDefinition Create, OperationDefinition Drop) Definitions = Define(Range,
        [
            new FormKey("subtype", CommonForms.Type, "The type of its bounds.", IsRequired: true),
            new FormKey("opclass", CommonForms.ObjectName, "The operator class that orders them; the type's own unless set."),
            new FormKey("collation", CommonForms.ObjectName, "The collation that orders them."),
            new FormKey("subtype_diff", CommonForms.ObjectName, "The function that gives the distance of two bounds, for GiST indexes."),
            new FormKey("multirange", CommonForms.Name, "The name of the type of several such ranges; unless set, one that PostgreSQL chooses."),
        ],
        static (name, fields, context) => new CreateRangeType
        {
            Position = context.Position,
            Scope = context.Scope,
            Target = name,
            Subtype = fields.Text("subtype"),
            OperatorClass = fields.OptionalName("opclass"),
            Collation = fields.OptionalName("collation"),
            Difference = fields.OptionalName("subtype_diff"),
            Multirange = fields.OptionalText("multirange"),
        });

    /// <inheritdoc/>
    public override ObjectKind Kind => Range;

    /// <summary>The type of its bounds.</summary>
    public required string Subtype { get; init; }

    /// <summary>The operator class that orders them, or null.</summary>
    public ObjectName? OperatorClass { get; init; }

    /// <summary>The collation that orders them, or null.</summary>
    public ObjectName? Collation { get; init; }

    /// <summary>The function that gives the distance of two bounds, or null.</summary>
    public ObjectName? Difference { get; init; }

    /// <summary>The name of the type of several such ranges, or null.</summary>
    public string? Multirange { get; init; }

    private protected override string CreateSql(string name, SqlTokens tokens)
    {
        string?[] options =
        [
            $"SUBTYPE = {Subtype}",
            OperatorClass is null ? null : $"SUBTYPE_OPCLASS = {SqlText.QuoteResolved(OperatorClass)}",
            Collation is null ? null : $"COLLATION = {SqlText.QuoteResolved(Collation)}",
            Difference is null ? null : $"SUBTYPE_DIFF = {SqlText.QuoteResolved(Difference)}",
            Multirange is null ? null : $"MULTIRANGE_TYPE_NAME = {(Target with { Name = Multirange }).ToSql(tokens, Scope)}",
        ];
        return $"CREATE TYPE {name} AS RANGE ({string.Join(", ", options.OfType<string>())})";
    }
}
