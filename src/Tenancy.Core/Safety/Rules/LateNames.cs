using Tenancy.Core.Manifests;
using Tenancy.Core.Safety.Reading;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Safety.Rules;

/// <summary>Names that are looked up when a function runs.</summary>
internal static class LateNames
{
    /// <summary><c>function-search-path</c>.</summary>
    public static readonly SafetyRule Rule = new(
        "function-search-path",
        "A tenant's function looks its names up where its caller looks",
        "Bare names in a body written as a string are resolved each time it runs, by the search path of the session: called with another tenant's, it reads and writes that tenant's tables. One with SECURITY DEFINER can be led anywhere.",
        "set: {search_path: \"tenant_schema, pg_temp\"} (SET search_path), or names with the token in the body, or a body with BEGIN ATOMIC, which is bound when it is made.",
        SafetySeverity.Warning,
        Judge);

    private static IEnumerable<SafetyFault> Judge(JudgedStatement judged)
    {
        var code = judged.Text.Code;
        if (judged.Manifest.Scope != MigrationScope.Tenant || !SqlRoutine.IsCreate(code, 0) || SetsPath(code) || SqlBodies.BodyOf(code, out _) is not { } body || FindBare(body) is not { } bare)
        {
            yield break;
        }

        var isDefiner = Enumerable.Range(0, code.Count).Any(index => code.Follows(index, "SECURITY DEFINER"));
        yield return new($"{judged.Text.Target?.Name} looks for {bare} in its caller's search path{(isDefiner ? ", with its owner's rights" : "")}.") { Severity = isDefiner ? SafetySeverity.Error : null };
    }

    private static bool SetsPath(SqlCode code) => Enumerable.Range(1, code.Count).Any(index => SqlSchemaPositions.SearchPathItems(code, 0, index) is not null || code.Follows(index, "SET search_path FROM CURRENT"));

    // Where only a relation can stand. What WITH calls so, and what stands after INTO of a variable, is none.
    private static string? FindBare(SqlCode body)
    {
        HashSet<string> local = [.. Enumerable.Range(0, body.Count).Where(index => body.Is(index + 1, "AS") && body.Kind(index + 2) is SqlTokenKind.OpenParenthesis or SqlTokenKind.Word).Select(body.Name).OfType<string>()];
        for (var index = 1; index < body.Count; index++)
        {
            var isRelation = (body.Is(index - 1, "FROM") && !body.Is(index - 2, "DISTINCT") && !KeywordCall.Holds(body, index)) || body.Is(index - 1, "JOIN") || (body.Is(index - 1, "INTO") && body.IsAny(index - 2, "INSERT", "MERGE"))
                || (body.Is(index - 1, "UPDATE") && !body.IsAny(index - 2, "FOR", "DO", "KEY") && !body.Is(index, "SET")) || (body.Is(index - 1, "TABLE") && body.Is(index - 2, "TRUNCATE"));
            if (isRelation && !body.IsAny(index, "ONLY", "LATERAL", "SELECT", "ROWS") && body.Name(index) is { } name && body.Kind(index + 1) != SqlTokenKind.Dot && (body.Kind(index + 1) != SqlTokenKind.OpenParenthesis || body.Is(index - 1, "INTO"))
                && !local.Contains(name) && !name.StartsWith("pg_", StringComparison.Ordinal))
            {
                return name;
            }
        }

        return null;
    }
}
