using Tenancy.Core.Manifests;
using Tenancy.Core.Safety.Reading;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Safety.Rules;

/// <summary>Schemas that are written where a token belongs.</summary>
internal static class HardCodedSchemas
{
    private static readonly string[] BeforeRelation = ["FROM", "JOIN", "INTO", "UPDATE", "TABLE", "ONLY", "REFERENCES", "VIEW", "SEQUENCE", "INDEX", "EXISTS", "USING", "COPY", "TRUNCATE", "LOCK", "FUNCTION", "PROCEDURE", "TYPE", "DOMAIN", "BY", "ON", "OF"];

    private static readonly HashSet<string> Servers = new(StringComparer.Ordinal) { "pg_catalog", "information_schema", "pg_temp", "pg_toast" };

    /// <summary><c>hard-coded-schema</c>.</summary>
    public static readonly SafetyRule Rule = new(
        "hard-coded-schema",
        "A schema is written by name where a token belongs",
        "Every tenant's run would read or change that one schema: another tenant's, or one that has nothing to do with tenants.",
        "Write the token (tenant_schema, shared), which becomes each tenant's own schema. What is meant to lie elsewhere goes under 'touches'.",
        SafetySeverity.Warning,
        Judge);

    private static IEnumerable<SafetyFault> Judge(JudgedStatement judged)
    {
        HashSet<string> told = [];
        foreach (var code in SqlBodies.Of(judged.Text.Code))
        {
            HashSet<int> schemas = [];
            SqlSchemaPositions.Mark(code, 0, code.Count, schemas);
            for (var index = 0; index < code.Count; index++)
            {
                var isRelation = IsBeforeDot(code, index) && code.IsAny(index - 1, BeforeRelation) && !IsAlias(code, index);
                if ((isRelation || schemas.Contains(index) || IsBeforeDot(code, index)) && code.Name(index) is { } schema && IsForeign(judged, schema, isRelation || schemas.Contains(index), Names(code, index)) && told.Add(schema))
                {
                    yield return Fault(judged, schema);
                }
                else if (InString(code, index) is { } named && IsForeign(judged, named, isSure: true, isMember: false) && told.Add(named))
                {
                    yield return Fault(judged, named);
                }
            }
        }
    }

    private static SafetyFault Fault(JudgedStatement judged, string schema)
    {
        var isTenant = judged.Plan.Target.Schemas.Contains(schema);
        return new($"{schema} is {(isTenant ? "a tenant's schema" : "a schema's name")}, and every tenant's run goes there.") { Severity = isTenant ? SafetySeverity.Error : null };
    }

    private static bool IsForeign(JudgedStatement judged, string schema, bool isSure, bool isMember)
    {
        var (project, tokens) = (judged.Plan.Project, judged.Text.Tokens);
        if (schema == tokens.Tenant || schema == tokens.Shared || Servers.Contains(schema) || schema.Contains("${", StringComparison.Ordinal)
            || judged.Manifest.Touches.Any(touch => touch.Schema == schema))
        {
            return false;
        }

        if (judged.Plan.Target.Schemas.Contains(schema) || schema == project.SharedSchema)
        {
            return true;
        }

        // Extensions may lie anywhere, in public most often: what they have is called, or is a type.
        var extensions = judged.Plan.Target.ExtensionSchemas ?? (project.ExtensionSchemas is { } named ? named.AsEnumerable() : null);
        return isMember ? schema == "public" && extensions?.Contains(schema) == false : isSure && extensions?.Contains(schema) != true;
    }

    // A function that is called, or a type: what extensions have.
    private static bool Names(SqlCode code, int schema) =>
        !code.IsAny(schema - 1, "TABLE", "VIEW", "INTO", "UPDATE", "REFERENCES", "JOIN", "SEQUENCE", "INDEX") && (code.Kind(schema + 3) == SqlTokenKind.OpenParenthesis || code.Kind(schema - 1) is SqlTokenKind.Cast or SqlTokenKind.QuotedIdentifier || (code.Kind(schema - 1) == SqlTokenKind.Word && !code.IsAny(schema - 1, BeforeRelation)));

    private static bool IsBeforeDot(SqlCode code, int index) => code[index].IsName && code.Kind(index + 1) == SqlTokenKind.Dot && code[index + 2].IsName && code.Kind(index - 1) != SqlTokenKind.Dot;

    // JOIN … ON a.id = b.id, ORDER BY a.id, DISTINCT ON (…), EXTRACT(… FROM a.day), DELETE … USING a.
    private static bool IsAlias(SqlCode code, int index) =>
        (code.IsAny(index - 1, "ON", "BY", "OF") && !code.IsAny(0, "CREATE", "ALTER", "COMMENT", "GRANT", "REVOKE")) || (code.Is(index - 1, "ON") && code.Follows(0, "CREATE VIEW"))
        || (code.Is(index - 1, "ON") && code.Is(0, "CREATE") && HasQuery(code, index)) || (code.Is(index - 1, "BY") && !code.Is(index - 2, "OWNED"))
        || (code.Is(index - 1, "FROM") && (code.Is(index - 2, "DISTINCT") || KeywordCall.Holds(code, index)));

    private static bool HasQuery(SqlCode code, int before)
    {
        for (var index = 1; index < before; index++)
        {
            if (code.Is(index, "SELECT"))
            {
                return true;
            }
        }

        return false;
    }

    // 'public.seq'::regclass, nextval('public.seq'): what the server reads as a name.
    private static string? InString(SqlCode code, int index)
    {
        if (!code[index].IsString || !((code.Kind(index + 1) == SqlTokenKind.Cast && code.IsAny(index + 2, "regclass", "regproc", "regprocedure", "regtype")) || (code.Kind(index - 1) == SqlTokenKind.OpenParenthesis && code.IsAny(index - 2, "nextval", "setval", "currval", "to_regclass"))))
        {
            return null;
        }

        var content = SqlStringContent.Of(code.Text, code[index]).Text;
        var dot = content.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 ? SqlIdentifier.Unquote(content.AsSpan(0, dot)) : null;
    }
}
