using System.Collections.Immutable;
using Npgsql;
using Tenancy.Model;

namespace Tenancy.Core.Catalog;

/// <summary>Reads snapshots from the catalog of a database.</summary>
public static class SnapshotReader
{
    /// <summary>Reads one schema, as <see cref="ReadAsync(NpgsqlConnection, IReadOnlyCollection{string}, CancellationToken)"/>.</summary>
    /// <param name="connection">A connection inside a transaction.</param>
    /// <param name="schema">The schema's name, unquoted.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException"><c>SchemaNotFound</c>, <c>SchemaNotReadable</c>.</exception>
    public static async Task<SchemaSnapshot> ReadAsync(NpgsqlConnection connection, string schema, CancellationToken cancellation) =>
        (await ReadAsync(connection, [schema], cancellation))[schema];

    /// <summary>
    /// Reads schemas, as the transaction of the caller sees them. All is read under a savepoint that is rolled back, so settings and locks (AccessShare, of what views name) are as before.
    /// </summary>
    /// <param name="connection">A connection inside a transaction.</param>
    /// <param name="schemas">The schemas' names, unquoted.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The snapshots by schema.</returns>
    /// <exception cref="TenancyException"><c>SchemaNotFound</c>, <c>SchemaNotReadable</c>.</exception>
    public static async Task<IReadOnlyDictionary<string, SchemaSnapshot>> ReadAsync(NpgsqlConnection connection, IReadOnlyCollection<string> schemas, CancellationToken cancellation)
    {
        await using NpgsqlBatch batch = new(connection)
        {
            BatchCommands =
            {
                new("SAVEPOINT tenancy_snapshot"),
                new(SnapshotSql.SetUp),
                new(SnapshotSql.Of("snapshot", connection.PostgreSqlVersion.Major)) { Parameters = { new() { Value = schemas.Distinct().ToArray() } } },
                new("ROLLBACK TO SAVEPOINT tenancy_snapshot"),
                new("RELEASE SAVEPOINT tenancy_snapshot"),
            },
        };
        Dictionary<string, List<CatalogObject>> found = schemas.Distinct().ToDictionary(static schema => schema, static _ => new List<CatalogObject>(), StringComparer.Ordinal);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var schema = reader.GetString(0);
            SchemaAccess.Check(schema, isInPath: reader.GetBoolean(1));
            found[schema].Add(ReadObject(reader));
        }

        if (found.FirstOrDefault(static pair => pair.Value.Count == 0).Key is { } missing)
        {
            throw SchemaAccess.NotFound(missing);
        }

        return found.ToDictionary(static pair => pair.Key, static pair => new SchemaSnapshot(pair.Value, []), StringComparer.Ordinal);
    }

    private static CatalogObject ReadObject(NpgsqlDataReader reader)
    {
        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
        ObjectIdentity identity = new(reader.GetString(2), reader.GetString(3), Text(4));
        return new CatalogObject
        {
            Identity = identity,
            Properties = CatalogObject.NoProperties.AddRange(reader.GetFieldValue<string[]>(7).Select(static text =>
            {
                var end = text.IndexOf('=', StringComparison.Ordinal);
                return KeyValuePair.Create(text[..end], text[(end + 1)..]);
            })),
            Position = reader.IsDBNull(6) ? null : reader.GetInt32(6),
            ActualName = Text(5) is { } actual && actual != identity.Name ? actual : null,
        };
    }
}
