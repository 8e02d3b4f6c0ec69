using System.Collections.Immutable;
using Npgsql;
using Tenancy.Model;
using Address = Tenancy.Core.Catalog.SnapshotDependencies.Address;

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
    /// Reads schemas, as the transaction of the caller sees them. All is read under a savepoint that is rolled back, so settings and locks (AccessShare, of what views and rules name) are
    /// as before. For many schemas there is <see cref="FleetFingerprints"/>.
    /// </summary>
    /// <param name="connection">A connection inside a transaction.</param>
    /// <param name="schemas">The schemas' names, unquoted.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The snapshots by schema.</returns>
    /// <exception cref="TenancyException"><c>SchemaNotFound</c>, <c>SchemaNotReadable</c>.</exception>
    public static Task<IReadOnlyDictionary<string, SchemaSnapshot>> ReadAsync(NpgsqlConnection connection, IReadOnlyCollection<string> schemas, CancellationToken cancellation) =>
        ReadAsync(connection, schemas, isQualified: false, cancellation);

    /// <summary>Reads what one schema holds, and not what of it needs what (<see cref="SchemaSnapshot.Dependencies"/> is empty), by a query of the caller's, who has set what must be set: enough to be compared.</summary>
    /// <param name="query">As <see cref="Query"/> makes it.</param>
    /// <param name="schema">The schema's name, unquoted; the query's parameter has it.</param>
    /// <param name="cancellation">Gives up.</param>
    internal static async Task<SchemaSnapshot> ReadObjectsAsync(NpgsqlCommand query, string schema, CancellationToken cancellation) =>
        new((await ReadObjectsAsync(query, [schema], isQualified: false, cancellation))[schema].Select(static item => item.Object), []);

    /// <summary>The query for all objects of schemas.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="schemas">The schemas' names, unquoted: its parameter.</param>
    /// <param name="isQualified">True to have own names printed with the schema's.</param>
    internal static NpgsqlCommand Query(NpgsqlConnection connection, string[] schemas, bool isQualified = false) =>
        new(SnapshotSql.Of("snapshot", connection.PostgreSqlVersion.Major, isQualified), connection) { Parameters = { new NpgsqlParameter<string[]> { TypedValue = schemas } } };

    /// <summary>
    /// Reads one schema with its own names qualified by a token, where they stand in types and in SQL: for manifests that write no bare names. Only of a schema whose name occurs nowhere else, as a scratch
    /// schema's, so that whatever is like it is it.
    /// </summary>
    /// <param name="connection">A connection inside a transaction.</param>
    /// <param name="schema">The schema's name, unquoted.</param>
    /// <param name="token">What to write for it.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException"><c>SchemaNotFound</c>.</exception>
    internal static async Task<SchemaSnapshot> ReadQualifiedAsync(NpgsqlConnection connection, string schema, string token, CancellationToken cancellation)
    {
        var shape = (await ReadAsync(connection, [schema], isQualified: true, cancellation))[schema];
        var written = Sql.SqlTokens.InSql(token);
        string Name(string text) => OwnName.MarkStrings(text, schema).Replace(schema, written, StringComparison.Ordinal);
        // Lists and mappings are JSON.
        string Value(string text) => text is ['[' or '{', ..] ? text.Replace(schema, written.Replace("\"", "\\\"", StringComparison.Ordinal), StringComparison.Ordinal) : Name(text);
        ObjectIdentity Identity(ObjectIdentity identity) => identity with { Name = Name(identity.Name) };
        return new(
            shape.Objects.Values.Select(item => new CatalogObject
            {
                Identity = Identity(item.Identity),
                Properties = CatalogObject.NoProperties.AddRange(item.Properties.Select(pair => KeyValuePair.Create(pair.Key, OwnName.IsText(item.Identity.Kind, pair.Key) ? pair.Value.Replace(schema, OwnName.Mark, StringComparison.Ordinal) : Value(pair.Value)))),
                Position = item.Position,
                ActualName = item.ActualName,
            }),
            shape.Dependencies.Select(pair => (Identity(pair.From), Identity(pair.To))));
    }

    private static async Task<IReadOnlyDictionary<string, SchemaSnapshot>> ReadAsync(NpgsqlConnection connection, IReadOnlyCollection<string> schemas, bool isQualified, CancellationToken cancellation)
    {
        await using var settings = await SnapshotSettings.BeginAsync(connection, cancellation);
        string[] names = [.. schemas.Distinct()];
        await using var query = Query(connection, names, isQualified);
        return await ReadAsync(query, names, isQualified, cancellation);
    }

    /// <summary>Reads schemas by a query of the caller's, who has set what must be set.</summary>
    /// <param name="query">As <see cref="Query"/> makes it.</param>
    /// <param name="schemas">The schemas' names, each once; the query's parameter has them.</param>
    /// <param name="isQualified">True where own names are printed with the schema's.</param>
    /// <param name="cancellation">Gives up.</param>
    internal static async Task<IReadOnlyDictionary<string, SchemaSnapshot>> ReadAsync(NpgsqlCommand query, string[] schemas, bool isQualified, CancellationToken cancellation)
    {
        var found = await ReadObjectsAsync(query, schemas, isQualified, cancellation);
        var identities = found.SelectMany(static pair => pair.Value).ToDictionary(static item => item.Address, static item => item.Object.Identity);
        var owners = found.SelectMany(static pair => pair.Value, static (pair, item) => (Schema: pair.Key, item.Address)).ToDictionary(static item => item.Address, static item => item.Schema);
        var dependencies = (await SnapshotDependencies.ReadAsync(query.Connection!, owners.Keys, cancellation))
            .Where(pair => owners[pair.From] == owners[pair.To])
            .ToLookup(pair => owners[pair.From], pair => (identities[pair.From], identities[pair.To]), StringComparer.Ordinal);
        return found.ToDictionary(static pair => pair.Key, pair => new SchemaSnapshot(pair.Value.Select(static item => item.Object), dependencies[pair.Key].Order()), StringComparer.Ordinal);
    }

    private static async Task<Dictionary<string, List<(Address Address, CatalogObject Object)>>> ReadObjectsAsync(
        NpgsqlCommand query, string[] schemas, bool isQualified, CancellationToken cancellation)
    {
        var found = schemas.ToDictionary(static schema => schema, static _ => new List<(Address, CatalogObject)>(), StringComparer.Ordinal);
        await using var reader = await query.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var schema = reader.GetString(0);
            SchemaAccess.Check(schema, isInPath: isQualified || reader.GetBoolean(1));
            found[schema].Add((new(reader.GetFieldValue<uint>(8), reader.GetFieldValue<uint>(9), reader.GetInt32(10)), ReadObject(reader)));
        }

        return found.FirstOrDefault(static pair => pair.Value.Count == 0).Key is { } missing ? throw SchemaAccess.NotFound(missing) : found;
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
            ActualName = Text(5),
        };
    }
}
