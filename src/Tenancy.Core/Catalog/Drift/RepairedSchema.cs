using System.Collections.Immutable;
using Npgsql;
using Tenancy.Core.Execution;
using Tenancy.Core.Sql;
using Tenancy.Core.Tenants;

namespace Tenancy.Core.Catalog.Drift;

/// <summary>
/// A schema that a repair is for. Its mark is a hash of the server's system identifier, the OIDs of database and schema, and the rows of the catalog that define what is in it: no other schema has it, whatever that is called,
/// and not this one either once anything in it is defined otherwise.
/// </summary>
/// <param name="Name">What to call it: schema, database and server.</param>
/// <param name="Oid">Its OID.</param>
/// <param name="Mark">The mark, 32 hexadecimal digits.</param>
internal sealed record RepairedSchema(string Name, long Oid, string Mark)
{
    private const string Where = "pg_catalog.pg_namespace s JOIN pg_catalog.pg_database d ON d.datname = pg_catalog.current_database()";

    private static readonly string MarkSql = EmbeddedSql.Read("repair_mark").TrimEnd().ReplaceLineEndings("\n");

    /// <summary>Reads the marks of schemas of one database.</summary>
    /// <param name="connection">A connection inside a transaction.</param>
    /// <param name="address">The database.</param>
    /// <param name="schemas">The schemas' names, unquoted.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>By schema; those that are not there are left out.</returns>
    public static async Task<Dictionary<string, RepairedSchema>> ReadAsync(NpgsqlConnection connection, DatabaseAddress address, string[] schemas, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add($"SELECT s.nspname::pg_catalog.text, s.oid::pg_catalog.int8, {MarkSql} FROM {Where} WHERE s.nspname = ANY ($1::pg_catalog.name[])", (object)schemas);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        Dictionary<string, RepairedSchema> found = new(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation))
        {
            var schema = reader.GetString(0);
            found[schema] = new($"{schema} in {address}", reader.GetInt64(1), reader.GetString(2));
        }

        return found;
    }

    /// <summary>The query, for a manifest, whether the tenant is one of these, and as it was. Only of those that are, the catalog is read.</summary>
    /// <param name="schemas">The schemas.</param>
    public static string Question(ImmutableArray<RepairedSchema> schemas) => $"""
        SELECT EXISTS (SELECT FROM {Where} WHERE s.nspname = '{OwnName.Placeholder}'
        AND CASE WHEN s.oid IN ({string.Join(", ", schemas.Select(static schema => schema.Oid).Distinct().Order())}) THEN {MarkSql}
        IN ({string.Join(",\n  ", schemas.Select(static schema => $"'{schema.Mark}'").Order(StringComparer.Ordinal))}) END)
        """.ReplaceLineEndings("\n");
}
