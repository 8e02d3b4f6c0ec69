using Tenancy.Core.Manifests.Forms;
using Tenancy.Core.Manifests.Yaml;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Operations;

/// <summary>A value of a row as SQL.</summary>
/// <param name="Sql">A literal, or the expression of <c>{sql: …}</c>.</param>
/// <param name="IsLiteral">False for an expression.</param>
public sealed record SqlValue(string Sql, bool IsLiteral)
{
    /// <summary>How manifests write it.</summary>
    internal static readonly EitherForm Form = new(new LiteralForm(), new ObjectForm("{sql: expression}",
        new FormKey("sql", CommonForms.Expression, "An SQL expression, such as now().", IsRequired: true)));

    /// <summary>Is it NULL?</summary>
    public bool IsNull => IsLiteral && Sql == "NULL";

    /// <summary>Builds it from a checked value.</summary>
    internal static SqlValue Of(YamlNode node) => node switch
    {
        YamlScalar { IsNull: true } => new SqlValue("NULL", true),

        // Numbers and booleans are quoted too: the column decides the type, be it text or jsonb, and gets what is written.
        YamlScalar scalar => new SqlValue(SqlLiteral.Quote(scalar.AsBoolean() is { } boolean ? (boolean ? "true" : "false") : scalar.Value), true),
        _ => new SqlValue($"({Fields.Of(node).Text("sql")})", false),
    };
}
