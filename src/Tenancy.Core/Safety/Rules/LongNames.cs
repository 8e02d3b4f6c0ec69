using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Safety.Rules;

/// <summary>Names that PostgreSQL would cut.</summary>
internal static class LongNames
{
    /// <summary><c>name-too-long</c>.</summary>
    public static readonly SafetyRule Rule = new(
        "name-too-long",
        "A name may be longer than 63 bytes",
        "PostgreSQL keeps 63 bytes of a name. What is written is checked when a manifest is read; a name with a tenant's name or an argument in it is as long as that is, and fails on the tenant where it is too long.",
        "Each tenant has a schema of its own, so no name in it needs the tenant's: write the same name for all.",
        SafetySeverity.Warning,
        Judge);

    private static IEnumerable<SafetyFault> Judge(JudgedStatement judged)
    {
        var template = judged.Planned.Statement.Template;
        for (var at = 0; at < template.Segments.Length; at++)
        {
            if (template.Segments[at] is not { Kind: SqlSegmentKind.TenantName or SqlSegmentKind.TenantSchema or SqlSegmentKind.Argument } segment || segment.Escapes.IsEmpty || segment.Escapes[0] is not SqlEscape.InsideIdentifier)
            {
                continue;
            }

            if (judged.Plan.Target.Tenants.Count == 0)
            {
                yield return new("a tenant's name, or an argument, is part of a name here, and the two together may be longer than 63 bytes.") { Severity = SafetySeverity.Note };
                yield break;
            }

            var tooLong = judged.Plan.Target.Tenants.Where(tenant => IsTooLong(judged, template, tenant)).ToList();
            if (tooLong.Count > 0)
            {
                yield return new($"the name is longer than 63 bytes for {tooLong.Count} of {judged.Plan.Target.Tenants.Count} tenants: {string.Join(", ", tooLong.Take(3).Select(static tenant => tenant.Name))}{(tooLong.Count > 3 ? ", …" : "")}.") { Severity = SafetySeverity.Error };
            }

            yield break;
        }
    }

    private static bool IsTooLong(JudgedStatement judged, SqlTemplate template, (string Name, string Schema) tenant)
    {
        try
        {
            template.Render(new() { TenantName = tenant.Name, TenantSchema = tenant.Schema, SharedSchema = judged.Plan.Project.SharedSchema, Arguments = judged.Plan.Target.Arguments });
            return false;
        }
        catch (TenancyException error)
        {
            return error.ErrorId == "InvalidName";
        }
    }
}
