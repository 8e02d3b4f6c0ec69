using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Tenancy.Core.Sql;

namespace Tenancy.Core.Catalog;

/// <summary>Puts the SQL of a snapshot together: one file a kind, each a SELECT of the same columns over the schema <c>s</c>.</summary>
internal static partial class SnapshotSql
{
    /// <summary>The files of the kinds, without <c>snapshot_</c>.</summary>
    public static readonly ImmutableArray<string> Kinds =
    [
        "schema", "tables", "foreign_tables", "columns", "constraints", "indexes", "sequences", "views", "routines", "triggers", "rules", "policies", "types", "statistics", "default_privileges",
        "extensions", "unsupported",
    ];

    /// <summary>
    /// What the session must be like while it reads: names resolve in the catalog, values are printed in one way whatever the role has set, and the planner takes indexes, because a scan grows with the fleet.
    /// </summary>
    private static readonly ImmutableArray<(string Name, string Value)> Settings =
    [
        ("search_path", "pg_catalog, pg_temp"), ("quote_all_identifiers", "off"), ("standard_conforming_strings", "on"), ("DateStyle", "ISO, YMD"), ("IntervalStyle", "postgres"), ("TimeZone", "UTC"),
        ("bytea_output", "hex"), ("extra_float_digits", "1"), ("lc_monetary", "C"), ("enable_seqscan", "off"), ("enable_hashjoin", "off"), ("enable_mergejoin", "off"), ("jit", "off"), ("plan_cache_mode", "force_generic_plan"),
    ];

    /// <summary>The path in <c>snapshot_schemas.sql</c>, by which own names are printed bare.</summary>
    private const string OwnPath = "pg_catalog.quote_ident(n.nspname) || ', pg_catalog, pg_temp'";

    private static readonly ConcurrentDictionary<(string Name, int Major, bool IsQualified), string> Texts = new();

    /// <summary>Sets what must be set, until the transaction or the savepoint ends.</summary>
    public static string SetUp { get; } = "SELECT " + string.Join(", ", Settings.Select(static setting => $"pg_catalog.set_config('{setting.Name}', '{setting.Value}', true)"));

    /// <summary>The SQL over all kinds.</summary>
    /// <param name="name">The file that wraps them, without <c>.sql</c>.</param>
    /// <param name="major">The server's major version.</param>
    /// <param name="isQualified">True to have own names printed with the schema's.</param>
    public static string Of(string name, int major, bool isQualified = false) => Texts.GetOrAdd(
        (name, major, isQualified), static key => key.IsQualified ? Build(key.Name, key.Major).Replace(OwnPath, "'pg_catalog, pg_temp'", StringComparison.Ordinal) : Build(key.Name, key.Major));

    private static string Build(string name, int major)
    {
        const string given = "o.acl";
        const string usual = "CASE WHEN o.acl_type <> 'c' THEN acldefault(o.acl_type, o.owner) END";
        var sql = EmbeddedSql.Read(name)
            .Replace("@objects@", EmbeddedSql.Read("snapshot_objects"), StringComparison.Ordinal)
            .Replace("@kinds@", string.Join("\nUNION ALL\n", Kinds.Select(static kind => EmbeddedSql.Read($"snapshot_{kind}"))), StringComparison.Ordinal)
            .Replace("@relations@", EmbeddedSql.Read("snapshot_relations"), StringComparison.Ordinal)
            .Replace("@own_types@", EmbeddedSql.Read("snapshot_own_types"), StringComparison.Ordinal)
            .Replace("@body@", EmbeddedSql.Read("snapshot_body"), StringComparison.Ordinal)
            .Replace("@schemas@", EmbeddedSql.Read("snapshot_schemas"), StringComparison.Ordinal)
            .Replace("@grants@", Grants(given, usual), StringComparison.Ordinal)
            .Replace("@revokes@", Grants(usual, given), StringComparison.Ordinal);
        sql = FunctionName().Replace(sql, """regexp_replace($1::regprocedure::text, '\(([^"]|"([^"]|"")*")*\)$$', '')""");
        sql = Expression().Replace(sql, match => EmbeddedSql.Read("snapshot_expression").TrimEnd().Replace("@expression@", match.Groups[1].Value, StringComparison.Ordinal));
        return NewerVersion().Replace(sql, match => int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) <= major ? "" : match.Value);
    }

    private static string Grants(string more, string less) => EmbeddedSql.Read("snapshot_grants")
        .Replace("@more@", more, StringComparison.Ordinal)
        .Replace("@less@", less, StringComparison.Ordinal);

    /// <summary>Stands for the name of a function by its OID: <c>@function(g.aggfinalfn)@</c>. A regproc has the schema where a name is overloaded, a regprocedure only where it is not in the path; its arguments go.</summary>
    [GeneratedRegex(@"@function\((.+?)\)@")]
    private static partial Regex FunctionName();

    /// <summary>Stands for an expression that the server prints, in the form that counts: <c>@expression(pg_get_expr(…))@</c>.</summary>
    [GeneratedRegex(@"@expression\((.+?)\)@")]
    private static partial Regex Expression();

    /// <summary>Begins a line of SQL that only this version and later ones understand.</summary>
    [GeneratedRegex(@"--(\d\d) ")]
    private static partial Regex NewerVersion();
}
