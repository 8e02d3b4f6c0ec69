using System.Runtime.CompilerServices;
using Npgsql;
using Tenancy.Model;

namespace Tenancy.Core.Catalog;

/// <summary>A schema and the fingerprint of what it holds.</summary>
/// <param name="Schema">Its name, unquoted.</param>
/// <param name="Fingerprint">That of <see cref="SchemaSnapshot.Fingerprint"/>.</param>
public sealed record SchemaFingerprint(string Schema, string Fingerprint);

/// <summary>Fingerprints of many schemas, computed in the server: one row a schema comes back.</summary>
public static class FleetFingerprints
{
    /// <summary>Reads them, as the transaction of the caller sees them. Schemas that are not there have none.</summary>
    /// <param name="connection">A connection inside a transaction.</param>
    /// <param name="schemas">The schemas' names, unquoted, each once.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TenancyException"><c>SchemaNotReadable</c>.</exception>
    public static async IAsyncEnumerable<SchemaFingerprint> ReadAsync(NpgsqlConnection connection, IReadOnlyCollection<string> schemas, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using NpgsqlBatch batch = new(connection)
        {
            BatchCommands =
            {
                new("SAVEPOINT tenancy_snapshot"),
                new(SnapshotSql.SetUp),
                new(SnapshotSql.Of("snapshot_fingerprints", connection.PostgreSqlVersion.Major)) { Parameters = { new() { Value = schemas.ToArray() } } },
                new("ROLLBACK TO SAVEPOINT tenancy_snapshot"),
                new("RELEASE SAVEPOINT tenancy_snapshot"),
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            SchemaAccess.Check(reader.GetString(0), isInPath: reader.GetBoolean(1));
            yield return new(reader.GetString(0), reader.GetString(2));
        }
    }
}
