using Tenancy.Core.Safety.Reading;
using Tenancy.Core.Sql;
using Tenancy.Model;

namespace Tenancy.Core.Safety.Rules;

/// <summary>Defaults that give each row a value of its own.</summary>
internal static class VolatileDefaults
{
    /// <summary>Functions whose value changes within a statement; those of extensions that everybody has, too.</summary>
    private static readonly HashSet<string> Volatile = new(StringComparer.Ordinal)
    {
        "random", "random_normal", "clock_timestamp", "timeofday", "gen_random_uuid", "uuidv4", "uuidv7", "nextval", "setval", "uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4", "gen_random_bytes", "gen_salt", "pg_sleep",
    };

    /// <summary><c>volatile-default</c>.</summary>
    public static readonly SafetyRule Rule = new(
        "volatile-default",
        "A default that differs from row to row writes the table anew",
        "A default that is the same for all rows is kept in the catalog and costs nothing. One that is computed for each row (random(), nextval(), a function that is not declared stable or immutable) writes every row under a lock.",
        "Add the column without a default, set the default afterwards (it counts for new rows), and fill the old rows in batches: update with batch.",
        SafetySeverity.Warning,
        Judge)
    {
        NoteBelow = TableSize.Small,
        ErrorFrom = TableSize.Large,
    };

    private static IEnumerable<SafetyFault> Judge(JudgedStatement judged)
    {
        if (judged.Text is not { Command: "ALTER TABLE", Target: { } table } || !judged.IsInUse(table))
        {
            yield break;
        }

        foreach (var column in judged.Text.Actions.Select(static action => action.Column).OfType<ColumnText>())
        {
            if (column is { Default: { } given, IsStored: false } && FindVolatile(judged, given.Start, given.End) is { } found)
            {
                yield return new($"{found.Name}() is computed for each row of {judged.Show(table)}{(found.IsSure ? "" : ", unless it is declared stable or immutable")}, which writes the table anew.", table)
                {
                    Lock = TableLock.AccessExclusive,
                    Effect = SafetyFault.Rewrite,
                };
            }
        }
    }

    private static (string Name, bool IsSure)? FindVolatile(JudgedStatement judged, int start, int end)
    {
        var code = judged.Text.Code;
        for (var index = start; index < end; index++)
        {
            if (code.Kind(index + 1) != SqlTokenKind.OpenParenthesis || code.Name(index) is not { } name || code.Kind(index - 1) == SqlTokenKind.Cast)
            {
                continue;
            }

            var isQualified = code.Kind(index - 1) == SqlTokenKind.Dot;
            var schema = isQualified ? code.Name(index - 2) : null;
            if (Volatile.Contains(name))
            {
                return (name, true);
            }

            // One of the server's own, but for those above, is the same for all rows. What a manifest made is as it was declared.
            var own = new TableName(schema ?? (judged.IsDown || judged.Manifest.Scope == Manifests.MigrationScope.Tenant ? judged.Text.Tokens.Tenant : judged.Text.Tokens.Shared), name);
            if (judged.Known.IsVolatile(own) is { } isVolatile)
            {
                if (isVolatile)
                {
                    return (name, true);
                }
            }
            else if (isQualified && schema != "pg_catalog")
            {
                return (name, false);
            }
        }

        return null;
    }
}
