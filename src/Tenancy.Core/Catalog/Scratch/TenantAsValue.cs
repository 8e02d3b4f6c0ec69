using System.Text.RegularExpressions;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog.Scratch;

/// <summary>
/// Where SQL has the tenant's name, or its schema's, as a value: what it does may differ from tenant to tenant then, and a scratch schema is none. A name that says where an object is may stand in a string too
/// (<c>'${tenant.quoted}.seq'::regclass</c>).
/// </summary>
internal static partial class TenantAsValue
{
    /// <summary>True for a statement that has it. What a function or procedure does is done later: its text is a part of the definition, and looked at there.</summary>
    /// <param name="statement">The statement.</param>
    public static bool IsIn(SqlStatement statement) =>
        statement.Template.Segments.Any(static segment => segment.Kind == SqlSegmentKind.TenantName)
        || (statement.Command is not ("CREATE FUNCTION" or "CREATE PROCEDURE" or "ALTER FUNCTION" or "ALTER PROCEDURE" or "ALTER ROUTINE") && IsIn(statement.Template));

    /// <summary>True for a query that has it, or asks for the current schema.</summary>
    /// <param name="template">The query.</param>
    public static bool IsIn(SqlTemplate template) => CurrentSchema().IsMatch(template.Source) || Enumerable.Range(0, template.Segments.Length).Any(index => IsValue(template, index));

    /// <summary>True for a query that asks for the current schema by a function, which no rendering can answer for another.</summary>
    /// <param name="template">The query.</param>
    public static bool AsksServer(SqlTemplate template) => CurrentSchema().IsMatch(template.Source);

    /// <summary>A query as it is asked of a tenant at a point of its history that a scratch schema stands at: objects are the scratch schema's, values the tenant's.</summary>
    /// <param name="template">The query.</param>
    /// <param name="scratch">The scratch schema, unquoted.</param>
    public static SqlTemplate AskedIn(SqlTemplate template, string scratch)
    {
        SqlValues there = new() { TenantSchema = scratch, SharedSchema = "" };
        return template with
        {
            Segments =
            [
                .. template.Segments.Select((segment, index) => segment.Kind == SqlSegmentKind.TenantSchema && !IsValue(template, index)
                    ? new SqlSegment(SqlSegmentKind.Text, SqlEscaping.Apply(SqlTemplate.Value(segment, there), segment.Escapes), [], [])
                    : segment),
            ],
        };
    }

    private static bool IsValue(SqlTemplate template, int index)
    {
        var segment = template.Segments[index];
        if (segment.Kind == SqlSegmentKind.TenantName)
        {
            return true;
        }

        if (segment.Kind != SqlSegmentKind.TenantSchema || !segment.Escapes.Any(static escape => escape is SqlEscape.Literal or SqlEscape.InsideLiteral or SqlEscape.InsideEscapeLiteral))
        {
            return false;
        }

        var before = index == 0 ? "" : template.Segments[index - 1].Text;
        var after = index + 1 == template.Segments.Length ? "" : template.Segments[index + 1].Text;
        return !(before.EndsWith('\'') && (TakesObject().IsMatch(before) || CastToObject().IsMatch(after)));
    }

    [GeneratedRegex(@"\bcurrent_schemas?\b|\bsearch_path\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex CurrentSchema();

    // Functions of the server whose first argument names an object.
    [GeneratedRegex(@"(?<![\w.])(pg_catalog\s*\.\s*)?(nextval|setval|currval|pg_get_serial_sequence|to_regclass|to_regtype|to_regnamespace)\s*\(\s*'$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex TakesObject();

    [GeneratedRegex(@"^[^']*'\s*::\s*(pg_catalog\s*\.\s*)?reg(class|type|namespace|proc|procedure|collation|config|dictionary)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex CastToObject();
}
